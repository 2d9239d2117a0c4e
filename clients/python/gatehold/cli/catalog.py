"""`gatehold catalog`."""

from pathlib import Path
from typing import Any, ClassVar

import click

from gatehold.cli.app import Commands
from gatehold.cli.change import change_options, request_fields, show_changes
from gatehold.cli.connection import Connection, connected
from gatehold.cli.documents import source_documents, to_document
from gatehold.cli.output import output_option, show
from gatehold.cli.paging import pages
from gatehold.v1.catalog_service_pb2 import ApplyCatalogRequest, GetVerbRequest, ListVerbsRequest
from gatehold.v1.catalog_service_pb2_grpc import CatalogServiceStub


class _Catalog(Commands):
    sources: ClassVar[dict[str, str]] = {"import": "pdp.commands.catalog_import:import_"}


@click.group(cls=_Catalog)
def catalog() -> None:
    """Read and extend the catalog of verbs. A verb that is not in it is blocked.

    \b
    Examples:
      gatehold catalog list --provider stripe
      gatehold catalog show stripe:create_refund
      gatehold catalog import mcp tools.json --provider acme > acme.yaml
      gatehold catalog apply acme.yaml
    """


@catalog.command("list")
@connected("administrator")
@click.option("--provider", default="", help="Only this provider.")
@output_option
def list_(connection: Connection, provider: str, output: str) -> None:
    """List verbs."""
    stub: Any = CatalogServiceStub(connection.channel)
    found = pages(stub.ListVerbs, ListVerbsRequest(provider=provider), "entries", connection.metadata)
    columns = ("verb", "risk_level", "access", "bundle", "hardened", "description")
    show([to_document(entry) for entry in found], output, columns)


@catalog.command("show")
@connected("administrator")
@click.argument("verb")
@output_option
def show_(connection: Connection, verb: str, output: str) -> None:
    """Show one verb whole."""
    stub: Any = CatalogServiceStub(connection.channel)
    response = stub.GetVerb(GetVerbRequest(verb=verb), metadata=connection.metadata, timeout=30)
    show(to_document(response.entry), output)


@catalog.command()
@connected("administrator")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--replace", is_flag=True, help="Remove this tenant's other own entries.")
@change_options
@output_option
def apply(connection: Connection, paths: tuple[Path, ...], replace: bool, output: str, **flags: Any) -> None:
    """Put the entries of PATHS over the shipped catalog."""
    stub: Any = CatalogServiceStub(connection.channel)
    documents = source_documents(paths)
    request = ApplyCatalogRequest(documents=documents, merge=not replace, **request_fields(**flags))
    response = stub.ApplyCatalog(request, metadata=connection.metadata, timeout=120)
    show_changes(response.revision, response.changes, flags["dry_run"], output)
