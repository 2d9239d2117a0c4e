"""Makes one guarded call, or digests texts, as one JSON object on standard input says, and reports in one JSON line.

Every language's client has such a program; `tests/contract/clients` puts the same orders to all of them.
"""

import base64
import json
import sys
from typing import Any

from gatehold import (
    Answer,
    ApprovalCancelled,
    ApprovalDenied,
    ApprovalExpired,
    ApprovalPending,
    ApprovalRefused,
    Blocked,
    Guard,
    InvalidInput,
    NotAllowed,
)
from gatehold.digest import digest, parse_object
from gatehold.vocabulary import ReasonCode

_ENDS: dict[type[NotAllowed], str] = {
    Blocked: "blocked",
    ApprovalPending: "pending",
    ApprovalDenied: "denied",
    ApprovalExpired: "expired",
    ApprovalCancelled: "cancelled",
    ApprovalRefused: "refused",
}


class Failed(Exception):
    """What the guarded function raises where the order says so."""


def main() -> None:
    """Reads the order, carries it out, reports."""
    order = json.load(sys.stdin)
    report: dict[str, Any] = {"runs": 0, "ran_with": None, "waited": False, "reason_code": "", "source": ""}
    if order["operation"] == "digests":
        report["digests"] = [_digest(base64.b64decode(text)) for text in order["texts"]]
    else:
        _call(order, report)
    sys.stdout.write(json.dumps(report) + "\n")


def _digest(text: bytes) -> str | None:
    try:
        return digest(parse_object(text, "text"))
    except InvalidInput:
        return None


def _call(order: dict[str, Any], report: dict[str, Any]) -> None:
    handlers = {name: lambda obligation: None for name in order.get("handlers", ())}
    deadline = order.get("deadline_seconds") or 1.0
    try:
        args = parse_object(order.get("args_json", ""), "args")
    except InvalidInput as error:
        _tell(Answer.fail_closed(ReasonCode.REFUSED, str(error)), report)
        report["result"] = "block" if order["operation"] == "evaluate" else "blocked"
        return
    with Guard(order["target"], deadline=deadline, handlers=handlers) as guard:
        if order["operation"] == "evaluate":
            answer = guard.evaluate(order["verb"], args, **_options(order))
            _tell(answer, report)
            report["result"] = answer.decision.value
        else:
            _protect(guard, order, args, report)


def _protect(guard: Guard, order: dict[str, Any], args: dict[str, object], report: dict[str, Any]) -> None:
    def function(**ran_with: object) -> None:
        report["runs"] += 1
        report["ran_with"] = ran_with
        if order.get("fails"):
            raise Failed

    guarded = guard.protect(
        order["verb"],
        function,
        timeout=order.get("timeout_seconds"),
        on_wait=lambda _: report.update(waited=True),
        justification=order.get("justification", ""),
        **_options(order),
    )
    try:
        guarded(**args)
        report["result"] = "ran"
    except Failed:
        report["result"] = "failed"
    except NotAllowed as error:
        report["result"] = _ENDS[type(error)]
        _tell(error.answer, report)


def _options(order: dict[str, Any]) -> dict[str, Any]:
    context = order.get("context_json")
    return {
        "context": parse_object(context, "context") if context else None,
        "on_behalf_of": order.get("on_behalf_of", ""),
        "tool_definition_digest": order.get("tool_definition_digest", ""),
    }


def _tell(answer: Answer, report: dict[str, Any]) -> None:
    report["reason_code"] = answer.reason_code.value
    report["source"] = answer.source.value
    report["args_digest"] = answer.args_digest


if __name__ == "__main__":
    main()
