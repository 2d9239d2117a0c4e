"""`gatehold keys allow-list`."""

from collections.abc import Sequence
from typing import Any

import click

from gatehold.cli.app import Commands
from gatehold.cli.connection import DEADLINE_SECONDS, Connection, connected
from gatehold.cli.output import output_option, show
from gatehold.v1.key_service_pb2 import GetAllowListRequest, SetAllowListRequest
from gatehold.v1.key_service_pb2_grpc import KeyServiceStub


@click.group(cls=Commands)
def allow_list() -> None:
    """Say from which networks keys, sessions and certificates may be used.

    \b
    Examples:
      gatehold keys allow-list set 10.0.0.0/8 2001:db8::/32
      gatehold keys allow-list set --any
      gatehold keys allow-list show
    """


@allow_list.command("show")
@connected("administrator")
@output_option
def show_(connection: Connection, output: str) -> None:
    """Show the networks."""
    stub: Any = KeyServiceStub(connection.channel)
    response = stub.GetAllowList(GetAllowListRequest(), metadata=connection.metadata, timeout=DEADLINE_SECONDS)
    _show(response.networks, output)


@allow_list.command("set")
@connected("administrator")
@click.argument("networks", nargs=-1)
@click.option("--any", "anywhere", is_flag=True, help="From everywhere: there is no list any more.")
@click.option("--reason", default="", help="Why, for the record.")
@output_option
def set_(connection: Connection, networks: Sequence[str], anywhere: bool, reason: str, output: str) -> None:
    """Replace the list by NETWORKS, such as 10.0.0.0/8. The address you call from must be in one."""
    if bool(networks) == anywhere:
        raise click.UsageError("give the networks, or --any for everywhere")
    stub: Any = KeyServiceStub(connection.channel)
    request = SetAllowListRequest(networks=networks, change_reason=reason)
    response = stub.SetAllowList(request, metadata=connection.metadata, timeout=DEADLINE_SECONDS)
    _show(response.networks, output)


def _show(networks: Sequence[str], output: str) -> None:
    if output != "table":
        show({"networks": list(networks)}, output)
    elif networks:
        show([{"network": network} for network in networks], output, ("network",))
    else:
        click.echo("from everywhere")
