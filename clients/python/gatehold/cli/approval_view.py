"""One approval whole, for a person who has to decide on it."""

import json
from typing import Any

import click

from gatehold.cli.approval_row import age, requester, seconds_left, spoken
from gatehold.cli.documents import to_document
from gatehold.cli.output import pairs, table
from gatehold.cli.trace import show_trace
from gatehold.redaction import printable
from gatehold.v1.approval_pb2 import Approval, ApprovalRequirement
from gatehold.v1.approver_service_pb2 import ApproverServiceGetApprovalResponse

_UNTIL = {"pending": "to decide", "approved": "to claim it", "claimed": "until the claim ends"}
_EDITED = "yes: an approver replaced the arguments, so this is not the call that was requested"


def show_approval(response: ApproverServiceGetApprovalResponse) -> None:
    """Prints the call, what is asked and still missing, who has voted, how it came about and what happened to it."""
    approval = response.approval
    document = to_document(response)
    pairs(_facts(approval, document["approval"]))
    show_json("arguments", document["approval"]["args"])
    show_json("context", document["approval"]["context"])
    _show("What is asked", [_asked(one, approval) for one in approval.requirements], "policy", *_ASKED)
    votes = [{**vote, "vote": "approve" if vote["approve"] else "deny"} for vote in document["approval"]["votes"]]
    _show("Votes", [_timed(vote, "vote_time") for vote in votes], "time", "approver", "vote", "groups", "reason")
    if response.trace.candidates:
        click.echo()
        show_trace(document["trace"]["candidates"])
    events = [_timed(event, "event_time") for event in document["history"]]
    _show("What happened", events, "time", "event", "actor", "state", "reason")


def show_json(title: str, value: Any) -> None:
    """Prints a value as JSON over several lines, with nothing in it that could move the terminal."""
    click.echo(f"\n{title}")
    for line in pretty(value):
        click.echo(f"  {line}")


def pretty(value: Any) -> list[str]:
    """Returns the lines of a value as JSON, keys in order, each safe to print."""
    return [printable(line) for line in json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).split("\n")]


def missing(approval: Approval) -> list[str]:
    """Returns what each policy that is not satisfied still wants, in words."""
    return [f"{_wanted(one, approval)} ({one.policy})" for one in approval.requirements if not one.met]


def _facts(approval: Approval, document: dict[str, Any]) -> dict[str, Any]:
    left = seconds_left(approval)
    until = f", {spoken(left)} {_UNTIL.get(document['state'], 'left')}" if left is not None else ""
    again = ", may be claimed again" if approval.reclaimable else ""
    facts = {
        "approval": approval.approval_id,
        "state": f"{document['state']}{until}{again}",
        "verb": approval.verb,
        "risk": document["risk_level"],
        "agent": requester(approval),
        "session": approval.session,
        "why": approval.reason,
        "justification": approval.justification,
        "requested": f"{age(approval)} ago" if left is not None else age(approval),
        "ended because": approval.end_reason,
        "edited": _EDITED if approval.edited else "",
        "policy": f"{approval.policy_matched}, revision {approval.revision}",
        "claim": approval.claim_id,
        "tool definition": approval.tool_definition_digest,
        "arguments digest": approval.args_digest,
    }
    return {key: value for key, value in facts.items() if value}


_ASKED = ("who", "votes", "missing", "why", "because")


def _asked(one: ApprovalRequirement, approval: Approval) -> dict[str, Any]:
    return {
        "policy": one.policy,
        "who": _who(one, approval),
        "votes": f"{len(_supporters(one, approval))} of {one.count or 1}",
        "missing": "" if one.met else _wanted(one, approval),
        "why": one.reason,
        "because": "; ".join(one.conditions),
    }


def _who(one: ApprovalRequirement, approval: Approval) -> str:
    who = f"members of {' or '.join(one.groups)}" if one.groups else "any approver"
    return f"{who}, not {approval.on_behalf_of or 'whom the agent acts for'}" if one.separation else who


def _wanted(one: ApprovalRequirement, approval: Approval) -> str:
    if one.justification_required and not approval.justification.strip():
        return "a justification, which only the requester can give"
    more = max(1, (one.count or 1) - len(_supporters(one, approval)))
    return f"{more} more of {_who(one, approval)}"


def _supporters(one: ApprovalRequirement, approval: Approval) -> set[str]:
    """Who voted for it as one that the policy asks. Whether that is enough, only the server says."""
    asked = [vote for vote in approval.votes if not one.groups or set(one.groups) & set(vote.groups)]
    return {vote.approver for vote in asked if vote.approve}


def _timed(document: dict[str, Any], field: str) -> dict[str, Any]:
    shown = {**document, "time": str(document.get(field, ""))[:19].replace("T", " ")}
    shown["groups"] = ", ".join(document.get("groups", ()))
    return shown


def _show(title: str, rows: list[dict[str, Any]], *columns: str) -> None:
    if rows:
        click.echo()
        table(rows, columns, title)
