"""`gatehold audit`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from gatehold.cli.approver import SHORT
from gatehold.cli.connection import Connection, connected
from gatehold.cli.documents import short_spelling, to_document
from gatehold.cli.output import json_text, output_option, show
from gatehold.cli.paging import pages
from gatehold.v1 import audit_record_pb2, decision_pb2
from gatehold.v1.audit_service_pb2 import AuditFilter, ListAuditRecordsRequest, TailAuditRecordsRequest
from gatehold.v1.audit_service_pb2_grpc import AuditServiceStub

COLUMNS = ("time", "kind", "agent", "verb", "decision", "risk_level", "policy_matched", "source", "reason")
_KINDS = [short_spelling("RecordKind", name) for name in audit_record_pb2.RecordKind.keys()[1:]]
_DECISIONS = [short_spelling("Decision", name) for name in decision_pb2.Decision.keys()[1:]]
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@click.group()
def audit() -> None:
    """Read the record of what happened.

    \b
    Examples:
      gatehold audit list --decision block --since 1h
      gatehold audit list --verb stripe:create_refund --output json
      gatehold audit tail
    """


class _Moment(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Reads ISO 8601, UTC where no zone is given, or a distance back from now such as 90s, 15m, 2h or 7d."""
        try:
            if value[-1:] in _UNITS and value[:-1].isdigit():
                return datetime.now(UTC) - timedelta(**{_UNITS[value[-1]]: int(value[:-1])})
            moment = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is neither ISO 8601 nor like 90s, 15m, 2h or 7d", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def filtered(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the filter flags."""
    for option in (
        click.option("--agent", default="", help="Only of this agent."),
        click.option("--verb", default="", help="Only of this verb."),
        click.option("--kind", type=click.Choice(_KINDS), help="Only of this kind."),
        click.option("--decision", type=click.Choice(_DECISIONS), help="Only with this decision."),
        click.option("--since", type=_Moment(), help="From this time on: ISO 8601, or back from now as 15m, 2h, 7d."),
        click.option("--until", type=_Moment(), help="Before this time."),
    ):
        function = option(function)
    return function


def make_filter(
    agent: str, verb: str, kind: str | None, decision: str | None, since: datetime | None, until: datetime | None
) -> AuditFilter:
    """Returns the filter that the flags describe."""
    made = AuditFilter(
        agent=agent,
        verb=verb,
        kind=f"RECORD_KIND_{kind.upper()}" if kind else None,
        decision=f"DECISION_{decision.upper()}" if decision else None,
    )
    if since:
        made.since.FromDatetime(since)
    if until:
        made.until.FromDatetime(until)
    return made


@audit.command("list")
@connected("auditor")
@filtered
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many at most.")
@output_option
def list_(connection: Connection, limit: int, output: str, **flags: Any) -> None:
    """List records, newest first."""
    stub: Any = AuditServiceStub(connection.channel)
    request = ListAuditRecordsRequest(filter=make_filter(**flags))
    records = pages(stub.ListAuditRecords, request, "records", connection.metadata, limit)
    documents = [to_document(record) for record in records]
    show(documents if output != "table" else [row(document) for document in documents], output, COLUMNS)


@audit.command()
@connected("auditor")
@filtered
@click.option("--backlog", type=click.IntRange(0, 1_000), default=10, show_default=True, help="Earlier records first.")
@click.option(
    "--output", "-o", type=click.Choice(["table", "json"]), default="table", show_default=True, help="json: one a line."
)
def tail(connection: Connection, backlog: int, output: str, **flags: Any) -> None:
    """Print records as they are committed, until interrupted."""
    stub: Any = AuditServiceStub(connection.channel)
    request = TailAuditRecordsRequest(filter=make_filter(**flags), backlog=backlog)
    for response in stub.TailAuditRecords(request, metadata=connection.metadata):
        document = to_document(response.record)
        click.echo(json_text(document) if output == "json" else line(document))


def row(document: dict[str, Any]) -> dict[str, Any]:
    """Returns one record as a row of `COLUMNS`."""
    kind = document["kind"]
    detail = document.get({"tool_execution": "execution", "config_change": "change"}.get(kind, kind), {})
    words = {
        "tool_execution": f"{detail.get('outcome')} {detail.get('error', '')}".strip(),
        "config_change": f"{detail.get('actor')} changed {detail.get('object')}",
        "alarm": detail.get("message", ""),
        "approval": _approval_words(detail),
    }
    return {
        **{column: detail.get(column, "") for column in COLUMNS},
        "time": str(document.get("record_time", ""))[:19].replace("T", " "),
        "kind": kind,
        "agent": document["agent"],
        "policy_matched": detail.get("policy_matched", "") or ", ".join(detail.get("policies", ())),
        "verb": document["verb"],
        "reason": words.get(kind, detail.get("reason", "")),
    }


def _approval_words(detail: dict[str, Any]) -> str:
    """`approval 1b4e28ba voted by ann, now approved: checked with finance`."""
    event, actor, state = detail.get("event", ""), detail.get("actor"), detail.get("state", "")
    by = f" by {actor}" if actor else ""
    now = f", now {state}" if state not in ("", event) else ""
    reason = f": {detail['reason']}" if detail.get("reason") else ""
    return f"approval {detail.get('approval_id', '')[:SHORT]} {event}{by}{now}{reason}"


def line(document: dict[str, Any]) -> str:
    """Returns one record as a line of text, with nothing in it that could move the terminal."""
    from gatehold.redaction import printable

    shown = row(document)
    return printable("  ".join(str(shown[column]) for column in COLUMNS if shown[column]))
