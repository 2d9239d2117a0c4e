"""`gatehold policy`."""

import json
from pathlib import Path
from typing import Any, ClassVar

import click

from gatehold.cli.app import Commands
from gatehold.cli.change import change_options, request_fields, show_changes
from gatehold.cli.connection import Connection, connected
from gatehold.cli.documents import source_documents, to_document
from gatehold.cli.output import output_option, show
from gatehold.cli.paging import pages
from gatehold.v1.policy_service_pb2 import ApplyPoliciesRequest, GetPolicyRequest, ListPoliciesRequest
from gatehold.v1.policy_service_pb2_grpc import PolicyServiceStub


class _Policy(Commands):
    sources: ClassVar[dict[str, str]] = {"lint": "pdp.commands.policy_lint:lint"}


@click.group(cls=_Policy)
def policy() -> None:
    """Check, apply and read policies.

    \b
    Examples:
      gatehold policy lint policies/
      gatehold policy apply policies/ --reason "refunds above 100 ask a person"
      gatehold policy list
      gatehold policy show large-refund-gate
    """


@policy.command()
@connected("administrator")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@change_options
@output_option
def apply(connection: Connection, paths: tuple[Path, ...], output: str, **flags: Any) -> None:
    """Replace the whole set of policies with those of PATHS, all or nothing.

    Returns when the new set decides everywhere: no answer from before it is given any more.
    """
    stub: Any = PolicyServiceStub(connection.channel)
    request = ApplyPoliciesRequest(documents=source_documents(paths), **request_fields(**flags))
    response = stub.ApplyPolicies(request, metadata=connection.metadata, timeout=120)
    show_changes(response.revision, response.changes, flags["dry_run"], output)


@policy.command("list")
@connected("administrator")
@output_option
def list_(connection: Connection, output: str) -> None:
    """List policies, the built-in defaults too."""
    stub: Any = PolicyServiceStub(connection.channel)
    found = pages(stub.ListPolicies, ListPoliciesRequest(), "policies", connection.metadata)
    columns = ("id", "action", "mandatory", "enabled", "mode", "built_in")
    show([to_document(item) for item in found], output, columns)


@policy.command("show")
@connected("administrator")
@click.argument("policy_id")
@output_option
def show_(connection: Connection, policy_id: str, output: str) -> None:
    """Show one policy in its file form."""
    stub: Any = PolicyServiceStub(connection.channel)
    response = stub.GetPolicy(GetPolicyRequest(id=policy_id), metadata=connection.metadata, timeout=30)
    document = json.loads(response.policy.document_json)
    ordered = {key: document[key] for key in sorted(document, key=_reading_order)}
    show(ordered, "yaml" if output == "table" else output)


def _reading_order(key: str) -> tuple[int, str]:
    """What it is, when it speaks, what it does; then the rest by name."""
    first = ("id", "description", "verbMatchers", "conditions", "action")
    return (first.index(key) if key in first else len(first), key)
