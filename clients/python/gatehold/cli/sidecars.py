"""`gatehold sidecars`."""

from typing import Any

import click

from gatehold.cli.connection import Connection, connected
from gatehold.cli.documents import to_document
from gatehold.cli.output import output_option, show
from gatehold.cli.paging import pages
from gatehold.v1.fleet_service_pb2 import ListSidecarsRequest
from gatehold.v1.fleet_service_pb2_grpc import FleetServiceStub

_COLUMNS = (
    "name",
    "agent",
    "lease_live",
    "leased_revision",
    "last_seen_time",
    "last_sequence",
    "committed_sequence",
    "version",
)


@click.group()
def sidecars() -> None:
    """See the sidecars of the fleet.

    \b
    Example:
      gatehold sidecars list
    """


@sidecars.command("list")
@connected("administrator")
@output_option
def list_(connection: Connection, output: str) -> None:
    """List sidecars: whom they serve, what lease they hold, how far their records have come."""
    stub: Any = FleetServiceStub(connection.channel)
    found = pages(stub.ListSidecars, ListSidecarsRequest(), "sidecars", connection.metadata)
    show([to_document(sidecar) for sidecar in found], output, _COLUMNS)
