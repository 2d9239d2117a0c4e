"""`gatehold tenants`."""

from pathlib import Path
from typing import Any

import click

from gatehold.cli.app import Commands
from gatehold.cli.connection import DEADLINE_SECONDS, Connection, connected
from gatehold.cli.documents import to_document
from gatehold.cli.output import output_option, show
from gatehold.cli.paging import pages
from gatehold.cli.secret import Handover, secret_options
from gatehold.v1.tenant_service_pb2 import CreateTenantRequest, ListTenantsRequest
from gatehold.v1.tenant_service_pb2_grpc import TenantServiceStub


@click.group(cls=Commands)
def tenants() -> None:
    """Make tenants, as the platform administrator. Each has policies, agents, keys and a record of its own.

    \b
    Examples:
      gatehold tenants create acme --secret-file acme-administrator.key
      gatehold tenants list
      gatehold policy list --key-file acme-administrator.key
    """


@tenants.command()
@connected("platform")
@click.argument("name")
@secret_options
def create(connection: Connection, name: str, secret_file: Path | None, output: str) -> None:
    """Make the tenant NAME (a-z, 0-9 and -), with its first administrator's key.

    Prints that key, this once: it alone goes to standard output, what else there is to say to standard error.
    """
    stub: Any = TenantServiceStub(connection.channel)
    with Handover(secret_file, output) as handover:
        request = CreateTenantRequest(tenant_id=name)
        response = stub.CreateTenant(request, metadata=connection.metadata, timeout=DEADLINE_SECONDS)
        note = f"made the tenant {name}. Its first administrator shows this key: --key-file FILE."
        handover.give("admin_secret", response.admin_secret, to_document(response.tenant), note)


@tenants.command("list")
@connected("platform")
@output_option
def list_(connection: Connection, output: str) -> None:
    """List tenants by name."""
    stub: Any = TenantServiceStub(connection.channel)
    found = pages(stub.ListTenants, ListTenantsRequest(), "tenants", connection.metadata)
    show([to_document(tenant) for tenant in found], output, ("tenant_id", "create_time"))
