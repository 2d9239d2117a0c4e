"""`gatehold keys`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import click
from google.protobuf.duration_pb2 import Duration

from gatehold.cli.app import Commands
from gatehold.cli.connection import DEADLINE_SECONDS, Connection, connected
from gatehold.cli.documents import short_spelling, to_document
from gatehold.cli.durations import LENGTH
from gatehold.cli.output import output_option, show
from gatehold.cli.paging import pages
from gatehold.cli.secret import Handover, secret_options
from gatehold.v1.key_pb2 import Role
from gatehold.v1.key_service_pb2 import CreateKeyRequest, ListKeysRequest, RevokeKeyRequest
from gatehold.v1.key_service_pb2_grpc import KeyServiceStub

CHANGE_SECONDS = 120.0  # longer than the longest lease, which a change may have to outwait
_ROLES = [short_spelling("Role", name) for name in Role.keys()[1:] if name != "ROLE_PLATFORM_ADMIN"]
_COLUMNS = ("id", "state", "role", "principal", "agents", "groups", "create_time", "expire_time")
_LISTS = ("agents", "groups", "verbs", "bundles")
_USES = {
    "agent": "Its program shows it to the decision point: GATEHOLD_TOKEN_FILE=FILE.",
    "sidecar": "It shows it to the decision point: gatehold sidecar run --key-file FILE.",
}
_OTHER_USE = "Its holder shows it to the decision point: --key-file FILE, or GATEHOLD_KEY_FILE=FILE."
_CERTIFICATE_USE = "It is let in by the certificate of `gatehold keys ca issue --sidecar`, or of your own CA."


class _Keys(Commands):
    sources: ClassVar[dict[str, str]] = {
        "allow-list": "gatehold.cli.allow_list:allow_list",
        "ca": "gatehold.cli.certificates:ca",
    }


@click.group(cls=_Keys)
def keys() -> None:
    """Make and revoke API keys, and say from where they may be used.

    \b
    Examples:
      gatehold keys create billing-bot --role agent --secret-file billing-bot.key
      gatehold keys create box-7 --role sidecar --agent billing-bot --ttl 30d
      gatehold keys create ann --role approver --group finance
      gatehold keys list
      gatehold keys revoke 5d2f9c1b7e40a386 --reason "laptop lost"
      gatehold keys allow-list set 10.0.0.0/8
    """


@keys.command()
@connected("administrator")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(_ROLES), help="What its holder may do.")
@click.option(
    "--agent", "agents", multiple=True, metavar="ID", help="A sidecar may speak for it; repeatable. '*' for all."
)
@click.option("--group", "groups", multiple=True, help="An approver belongs to it; repeatable.")
@click.option("--ttl", type=LENGTH, help="How long it lives, as 90s, 15m, 2h, 7d.  [default: until it is revoked]")
@click.option("--certificate", is_flag=True, help="A sidecar shows a certificate instead: there is no secret.")
@click.option("--reason", default="", help="Why, for the record.")
@secret_options
def create(
    connection: Connection,
    name: str,
    role: str,
    agents: Sequence[str],
    groups: Sequence[str],
    ttl: Duration | None,
    certificate: bool,
    reason: str,
    secret_file: Path | None,
    output: str,
) -> None:
    """Make a key for NAME: an agent's id, a sidecar's name or a person.

    Prints the secret, this once: it alone goes to standard output, what else there is to say to standard error.

    \b
    Examples:
      gatehold keys create billing-bot --role agent --secret-file billing-bot.key
      gatehold keys create box-7 --role sidecar --agent billing-bot --agent mail-bot --certificate
      gatehold keys create ann --role approver --group finance --output json
    """
    if role == "sidecar" and not agents:
        raise click.UsageError("a sidecar's key needs --agent: an agent that it may speak for, or '*' for all")
    if certificate and secret_file:
        raise click.UsageError("with --certificate there is no secret: leave --secret-file out")
    request = CreateKeyRequest(
        role=f"ROLE_{role.upper()}",
        principal=name,
        agents=agents,
        groups=groups,
        ttl=ttl,
        certificate=certificate,
        change_reason=reason,
    )
    with Handover(secret_file, output) as handover:
        response = _call(connection, "CreateKey", request, DEADLINE_SECONDS)
        use = _CERTIFICATE_USE if certificate else _USES.get(role, _OTHER_USE)
        note = f"made key {response.key.key_id} of the {role} {name}. {use}"
        handover.give("secret", response.secret, to_document(response.key), note)


@keys.command()
@connected("administrator")
@click.argument("key_id")
@click.option("--reason", default="", help="Why, for the record.")
def revoke(connection: Connection, key_id: str, reason: str) -> None:
    """Revoke a key, and the sessions that were made with it, at once.

    Returns when no decision that was made for its holder answers again, anywhere.
    """
    _call(connection, "RevokeKey", RevokeKeyRequest(key_id=key_id, change_reason=reason), CHANGE_SECONDS)
    click.echo(f"revoked {key_id}: nobody is let in by it any more")


@keys.command("list")
@connected("administrator")
@output_option
def list_(connection: Connection, output: str) -> None:
    """List keys without their secrets, newest first, ended ones too."""
    stub: Any = KeyServiceStub(connection.channel)
    found = pages(stub.ListKeys, ListKeysRequest(), "keys", connection.metadata)
    documents = [to_document(key) for key in found]
    show(documents if output != "table" else [row(one, "key_id") for one in documents], output, _COLUMNS)


def row(document: dict[str, Any], id_field: str) -> dict[str, Any]:
    """Returns a credential as a row: its id, its times to the minute, and whether it is over."""
    times = {name: str(document.get(name, ""))[:16].replace("T", " ") for name in ("create_time", "expire_time")}
    lists = {name: ", ".join(document[name]) for name in _LISTS if name in document}
    return {**document, **times, **lists, "id": document[id_field], "state": _state(document)}


def _state(document: dict[str, Any]) -> str:
    if "revoke_time" in document:
        return "revoked"
    expiry = document.get("expire_time")
    return "expired" if expiry and datetime.fromisoformat(expiry) <= datetime.now(UTC) else "live"


def _call(connection: Connection, method: str, request: Any, seconds: float) -> Any:
    stub: Any = KeyServiceStub(connection.channel)
    return getattr(stub, method)(request, metadata=connection.metadata, timeout=seconds)
