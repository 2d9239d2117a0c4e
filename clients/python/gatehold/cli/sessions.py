"""`gatehold sessions`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from google.protobuf.duration_pb2 import Duration

from gatehold.cli.app import Commands
from gatehold.cli.connection import DEADLINE_SECONDS, Connection, connected
from gatehold.cli.documents import to_document
from gatehold.cli.durations import LENGTH
from gatehold.cli.keys import row
from gatehold.cli.output import output_option, show
from gatehold.cli.paging import pages
from gatehold.cli.secret import Handover, secret_options
from gatehold.digest import parse_value
from gatehold.v1.session_pb2 import Session
from gatehold.v1.session_service_pb2 import CreateSessionRequest, ListSessionsRequest, RevokeSessionRequest
from gatehold.v1.session_service_pb2_grpc import SessionServiceStub

_COLUMNS = ("id", "state", "agent", "on_behalf_of", "verbs", "bundles", "ceilings", "maker", "expire_time")


@click.group(cls=Commands)
def sessions() -> None:
    """Make and revoke sessions: short-lived credentials that can do less than the agent they act as.

    They use the agent's key DATA_DIR/keys/agent.key, which makes and sees sessions of its own agent. With an
    administrator's --key-file they are about every agent.

    \b
    Examples:
      gatehold sessions create --verb 'filesystem:read_*' --ttl 15m --secret-file runtime.token
      gatehold sessions list
      gatehold sessions revoke 5d2f9c1b7e40a386
    """


@sessions.command()
@connected("agent")
@click.option("--agent", default="", metavar="ID", help="The agent it acts as.  [default: the key's own]")
@click.option(
    "--verb", "verbs", multiple=True, help="It may call this verb; `*` in it stands for any text; repeatable."
)
@click.option("--bundle", "bundles", multiple=True, help="It may call the verbs of this bundle too; repeatable.")
@click.option(
    "--ceiling",
    "ceilings",
    multiple=True,
    metavar="JSON",
    help="A condition, as in a policy, that must be true of every call; repeatable.",
)
@click.option("--on-behalf-of", default="", metavar="WHO", help="Every call is made for this person.")
@click.option("--address", default="", metavar="IP", help="It works from this address only: a sidecar's, through one.")
@click.option("--ttl", type=LENGTH, help="How long it lives, as 90s, 15m, 2h, at most 24h.  [default: 1h]")
@click.option("--reason", default="", help="Why, for the record.")
@secret_options
def create(
    connection: Connection,
    agent: str,
    verbs: Sequence[str],
    bundles: Sequence[str],
    ceilings: Sequence[str],
    on_behalf_of: str,
    address: str,
    ttl: Duration | None,
    reason: str,
    secret_file: Path | None,
    output: str,
) -> None:
    """Make a session. Without --verb and --bundle it may call every verb that its agent may. It ends with its key.

    Prints its token, this once: it alone goes to standard output, what else there is to say to standard error.

    \b
    Examples:
      gatehold sessions create --verb stripe:create_refund --on-behalf-of ann \\
        --ceiling '{"field": "args.amount", "operator": "less_or_equal", "value": 50}'
      gatehold sessions create --agent billing-bot --bundle filesystem-read --ttl 15m \\
        --key-file .gatehold/keys/administrator.key --secret-file runtime.token
    """
    session = Session(
        agent=agent,
        on_behalf_of=on_behalf_of,
        verbs=verbs,
        bundles=bundles,
        ceilings_json=_joined(ceilings),
        bound_address=address,
    )
    with Handover(secret_file, output) as handover:
        request = CreateSessionRequest(session=session, ttl=ttl, change_reason=reason)
        response = _call(connection, "CreateSession", request)
        handover.give("token", response.token, to_document(response.session), _note(response.session))


@sessions.command()
@connected("agent")
@click.argument("session_id")
@click.option("--reason", default="", help="Why, for the record.")
def revoke(connection: Connection, session_id: str, reason: str) -> None:
    """Revoke a session: nothing more is decided in it, from now on."""
    _call(connection, "RevokeSession", RevokeSessionRequest(session_id=session_id, change_reason=reason))
    click.echo(f"revoked {session_id}: nothing more is decided in it")


@sessions.command("list")
@connected("agent")
@output_option
def list_(connection: Connection, output: str) -> None:
    """List sessions without their tokens, newest first, ended ones too."""
    stub: Any = SessionServiceStub(connection.channel)
    found = pages(stub.ListSessions, ListSessionsRequest(), "sessions", connection.metadata)
    documents = [to_document(session) for session in found]
    show(documents if output != "table" else [row(one, "session_id") for one in documents], output, _COLUMNS)


def _joined(ceilings: Sequence[str]) -> str:
    """One JSON list of conditions; empty for none. Raises InvalidInput for what is not strict JSON, or UsageError."""
    conditions = [parse_value(text, "--ceiling") for text in ceilings]
    for text, condition in zip(ceilings, conditions, strict=True):
        if not isinstance(condition, dict):
            raise click.UsageError(
                f'--ceiling {text!r} is no condition, such as {{"field": …, "operator": …, "value": …}}'
            )
    return json.dumps(conditions) if conditions else ""


def _note(session: Session) -> str:
    until = session.expire_time.ToJsonString()
    return (
        f"made session {session.session_id} of the agent {session.agent}, until {until}. Put the token in a file that "
        "only the runtime can read, and start it with GATEHOLD_TOKEN_FILE=FILE."
    )


def _call(connection: Connection, method: str, request: Any) -> Any:
    stub: Any = SessionServiceStub(connection.channel)
    return getattr(stub, method)(request, metadata=connection.metadata, timeout=DEADLINE_SECONDS)
