"""One approval in short: a row of a table, or a line."""

import json
from typing import Any

from gatehold.cli.approver import SHORT
from gatehold.cli.documents import to_document
from gatehold.redaction import printable
from gatehold.v1.approval_pb2 import Approval

COLUMNS = ("id", "age", "left", "risk_level", "agent", "call", "why")
_LONGEST = 200
_DEADLINES = ("decide_by_time", "claim_by_time", "claim_expire_time")


def row(approval: Approval, elapsed: float = 0.0) -> dict[str, Any]:
    """Returns one approval as a row of `COLUMNS`, and its state.

    Args:
        elapsed: seconds since the approval was received.
    """
    document = to_document(approval)
    left = seconds_left(approval)
    return {
        "id": approval.approval_id[:SHORT],
        "state": document["state"],
        "age": age(approval, elapsed),
        "left": "" if left is None else spoken(left - elapsed),
        "risk_level": document["risk_level"],
        "agent": requester(approval),
        "call": f"{approval.verb} {clipped(document['args'])}",
        "why": "; ".join(_asks(approval)) or approval.reason,
    }


def line(approval: Approval) -> str:
    """Returns one approval as a line of text, with nothing in it that could move the terminal."""
    shown = row(approval)
    left = f"{shown['left']} left" if shown["left"] else ""
    parts = [shown["id"], shown["state"], left, shown["risk_level"], shown["agent"], shown["call"]]
    return printable("  ".join(str(part) for part in [*parts, approval.end_reason or shown["why"]] if part))


def requester(approval: Approval) -> str:
    """Returns the agent, and whom it says it acts for."""
    return f"{approval.agent} for {approval.on_behalf_of}" if approval.on_behalf_of else approval.agent


def _asks(approval: Approval) -> list[str]:
    """Returns what each policy wants a person for: its reason, its id, its conditions."""
    return [
        f"{one.reason or approval.reason} ({': '.join(filter(None, [one.policy, ', '.join(one.conditions)]))})"
        for one in approval.requirements
    ]


def clipped(value: Any) -> str:
    """Returns the value as one line of JSON; of a long one the beginning, and how long it is."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]} … ({len(text):,} characters)"


def seconds_left(approval: Approval) -> float | None:
    """Returns how long it stays in its state at most, by the server's clock; None where no time ends that."""
    if not approval.HasField("time_left"):
        return None
    return approval.time_left.seconds + approval.time_left.nanos / 1e9


def age(approval: Approval, elapsed: float = 0.0) -> str:
    """Returns how long ago it was requested; when it was, where the server did not say what time it is.

    The server's time is read off what is left until a moment that it names: this machine's clock may be another.
    """
    left = seconds_left(approval)
    ends = [getattr(approval, name) for name in _DEADLINES if approval.HasField(name)]  # the last one is the state's
    if left is None or not ends:
        return str(to_document(approval).get("request_time", ""))[:16].replace("T", " ")
    return spoken(ends[-1].seconds - left - approval.request_time.seconds + elapsed)


def spoken(seconds: float) -> str:
    """Returns a time as its two largest units: `45s`, `27m 4s`, `3h 0m`, `2d 5h`."""
    whole = max(0, int(seconds))
    for size, large, small_size, small in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "m"), (60, "m", 1, "s")):
        if whole >= size:
            return f"{whole // size}{large} {whole % size // small_size}{small}"
    return f"{whole}s"
