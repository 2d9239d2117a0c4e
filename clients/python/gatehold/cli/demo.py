"""`gatehold demo`."""

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gatehold.cli.audit import row
from gatehold.cli.connection import Connection
from gatehold.cli.dev import start_pdp, start_sidecar
from gatehold.cli.documents import to_document
from gatehold.cli.output import table
from gatehold.cli.processes import Process
from gatehold.guard import Guard
from gatehold.v1 import audit_record_pb2
from gatehold.v1.audit_service_pb2 import AuditFilter, ListAuditRecordsRequest
from gatehold.v1.audit_service_pb2_grpc import AuditServiceStub

POLICIES = """\
- id: small-refunds
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions: [{field: args.amount, operator: less_or_equal, value: 100}]
  action: {type: allow, reason: Refunds up to $100 need nobody}
- id: large-refund-gate
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions: [{field: args.amount, operator: greater, value: 100}]
  action: {type: require_approval, reason: Refund exceeds $100 threshold}
"""

CALLS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("a read, with no configuration", "filesystem:read_text_file", {"path": "README.md"}),
    ("a verb nobody told of", "acme:launch_rocket", {}),
    ("a HIGH verb without a policy", "shell:execute_command", {"command": "rm -rf build"}),
    ("a refund of 99", "stripe:create_refund", {"amount": 99}),
    ("a refund of 101", "stripe:create_refund", {"amount": 101}),
    ("a refund of 250", "stripe:create_refund", {"amount": 250}),
    ('a refund of "250", a string', "stripe:create_refund", {"amount": "250"}),
)
AFTER_THE_KILL = ("a refund of 99, no decision point", "stripe:create_refund", {"amount": 99})
_COLUMNS = ("call", "decision", "risk_level", "policy_matched", "source", "reason")


@click.command()
def demo() -> None:
    """See it work: a real decision point and a real sidecar, eight calls, and the record of them.

    Everything happens in a temporary directory and on 127.0.0.1, and is gone afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="gatehold-") as folder:
        data_dir = Path(folder)
        policies = data_dir / "policies.yaml"
        policies.write_text(POLICIES, encoding="utf-8")
        click.echo("Policies of this demo:\n\n" + POLICIES)
        pdp = start_pdp(data_dir, "127.0.0.1:0", policies)
        try:
            with start_sidecar(data_dir), Guard(f"unix:{data_dir}/agent.sock") as guard:
                _play(guard, pdp)
                pdp = start_pdp(data_dir, pdp.ready_line.removeprefix("ready "), None)
                _show_record(data_dir)
        finally:
            pdp.stop()


def _play(guard: Guard, pdp: Process) -> None:
    wait_for_lease(guard)
    rows = [_row(guard, *call) for call in CALLS]
    pdp.kill()
    rows.append(_row(guard, *AFTER_THE_KILL))
    table(rows, _COLUMNS, "Eight calls; before the last one the decision point was killed")
    expected = ["allow", "block", "block", "allow", "require_approval", "require_approval", "block", "block"]
    if [row["decision"] for row in rows] != expected:
        raise click.ClickException(f"the decisions are not {expected}")


def wait_for_lease(guard: Guard, seconds: float = 10.0) -> None:
    """Returns once the sidecar answers from its cache, or after `seconds`: answers are right either way."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and guard.evaluate("filesystem:list_directory", {"path": "."}).source != "cache":
        time.sleep(0.05)


def _row(guard: Guard, name: str, verb: str, args: Mapping[str, object]) -> dict[str, Any]:
    return {"call": name, "verb": verb, **guard.evaluate(verb, args).to_document()}


def _show_record(data_dir: Path) -> None:
    """Prints the record as the restarted decision point holds it, the call that it did not see too."""
    address = (data_dir / "pdp.address").read_text(encoding="ascii").strip()
    connection = Connection(address, data_dir / "keys" / "auditor.key")
    stub: Any = AuditServiceStub(connection.channel)
    request = ListAuditRecordsRequest(filter=AuditFilter(kind=audit_record_pb2.RECORD_KIND_DECISION), page_size=1_000)
    end = time.monotonic() + 10
    while True:
        records = stub.ListAuditRecords(request, metadata=connection.metadata, timeout=5, wait_for_ready=True).records
        if any(r.decision.source == 3 for r in records) or time.monotonic() > end:
            break
        time.sleep(0.1)
    shown = [row(to_document(record)) for record in records if record.verb != "filesystem:list_directory"]
    sys.stdout.write("\n")
    table(shown, ("time", "verb", "decision", "source", "policy_matched", "reason"), "The record, newest first")
