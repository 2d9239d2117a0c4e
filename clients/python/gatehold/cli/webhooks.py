"""`gatehold webhooks`."""

from typing import Any

import click

from gatehold.cli.app import Commands
from gatehold.cli.connection import DEADLINE_SECONDS, Connection, connected
from gatehold.cli.documents import to_document
from gatehold.cli.output import output_option, show
from gatehold.v1.webhook_service_pb2 import DeleteWebhookRequest, GetWebhookRequest, SetWebhookRequest
from gatehold.v1.webhook_service_pb2_grpc import WebhookServiceStub

_reason = click.option("--reason", default="", help="Why, for the record.")


@click.group(cls=Commands)
def webhooks() -> None:
    """Say where to tell of approvals: each change is posted there, signed, without arguments.

    \b
    Examples:
      gatehold webhooks set https://hooks.example.com/gatehold
      gatehold webhooks show
      gatehold webhooks delete
    """


@webhooks.command("set")
@connected("administrator")
@click.argument("url")
@_reason
@output_option
def set_(connection: Connection, url: str, reason: str, output: str) -> None:
    """Set the one webhook, in place of the one there is. Prints a new signing secret, this once.

    URL is https://…, or http://… on loopback.
    """
    response = _call(connection, "SetWebhook", SetWebhookRequest(url=url, change_reason=reason))
    if output != "table":
        show(to_document(response), output)
        return
    show(to_document(response.webhook), output)
    show({"signing secret": response.secret}, output)
    click.echo("The secret is not shown again. A receiver checks signatures with it: https://www.standardwebhooks.com")


@webhooks.command("show")
@connected("administrator")
@output_option
def show_(connection: Connection, output: str) -> None:
    """Show the webhook: where it goes, what waits, what the last attempt came to."""
    show(to_document(_call(connection, "GetWebhook", GetWebhookRequest()).webhook), output)


@webhooks.command()
@connected("administrator")
@_reason
def delete(connection: Connection, reason: str) -> None:
    """Remove the webhook, with all messages that wait."""
    _call(connection, "DeleteWebhook", DeleteWebhookRequest(change_reason=reason))
    click.echo("there is no webhook any more")


def _call(connection: Connection, method: str, request: Any) -> Any:
    stub: Any = WebhookServiceStub(connection.channel)
    return getattr(stub, method)(request, metadata=connection.metadata, timeout=DEADLINE_SECONDS)
