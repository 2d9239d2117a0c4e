"""`gatehold approvals approve`, `deny`, `cancel` and `resolve`."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click
import grpc

from gatehold.cli.approval_edit import confirm_edit, edited_args
from gatehold.cli.approval_row import clipped, requester, seconds_left, spoken
from gatehold.cli.approval_view import missing
from gatehold.cli.approver import SHORT, Approver
from gatehold.cli.connection import Connection, connected
from gatehold.cli.documents import to_document
from gatehold.cli.refusal import explain
from gatehold.invalid import InvalidInput
from gatehold.redaction import printable
from gatehold.v1.approval_pb2 import Approval, ApprovalState
from gatehold.v1.approver_service_pb2 import ApproveRequest, CancelRequest, DenyRequest, ResolveRequest
from gatehold.v1.audit_record_pb2 import Outcome

Vote = Callable[[Approval], Approval]
"""From the approval as it was read to what became of it."""
_OUTCOMES = {"succeeded": Outcome.OUTCOME_SUCCEEDED, "failed": Outcome.OUTCOME_FAILED}
_ids = click.argument("ids", metavar="ID...", nargs=-1, required=True)
_required_reason = click.option("--reason", required=True, help="Why, for the record and the agent.")


@click.command()
@connected("approver")
@_ids
@click.option("--reason", default="", help="Why, for the record.")
@click.option(
    "--edit",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the arguments to run instead, a JSON object; `[redacted]` stays what it is.",
)
@click.option("--yes", "-y", is_flag=True, help="With --edit: do not ask after showing what differs.")
def approve(connection: Connection, ids: Sequence[str], reason: str, edit: Path | None, yes: bool) -> None:
    """Vote for calls, as they are now.

    With --edit, for one call with other arguments: policy decides it anew, and voting restarts with this vote.

    \b
    Examples:
      gatehold approvals approve 1b4e28ba
      gatehold approvals approve 1b4e28ba 6fa459ea --reason "checked with finance"
      gatehold approvals approve 1b4e28ba --edit smaller.json
    """
    if edit and len(ids) > 1:
        raise click.UsageError("--edit is for one approval: its arguments are those of one call")
    approver, edited = Approver(connection), edited_args(edit) if edit else ""

    def vote(approval: Approval) -> Approval:
        if edited:
            confirm_edit(approval, edited, yes)
        request = ApproveRequest(**_seen(approval), edited_args_json=edited, reason=reason)
        return _changed(approver.call("Approve", request))

    _for_each(approver, ids, vote)


@click.command()
@connected("approver")
@_ids
@_required_reason
def deny(connection: Connection, ids: Sequence[str], reason: str) -> None:
    """End calls that must not run. One denial is enough.

    \b
    Example:
      gatehold approvals deny 1b4e28ba --reason "twice the price of the order"
    """
    approver = Approver(connection)
    _for_each(approver, ids, lambda seen: _changed(approver.call("Deny", DenyRequest(**_seen(seen), reason=reason))))


@click.command()
@connected("approver")
@_ids
@_required_reason
def cancel(connection: Connection, ids: Sequence[str], reason: str) -> None:
    """Take approvals back that nobody has claimed yet, given ones too.

    \b
    Example:
      gatehold approvals cancel 1b4e28ba --reason "the order was withdrawn"
    """
    approver = Approver(connection)

    def take_back(seen: Approval) -> Approval:
        request = CancelRequest(approval_id=seen.approval_id, etag=seen.etag, reason=reason)
        return _changed(approver.call("Cancel", request))

    _for_each(approver, ids, take_back)


@click.command()
@connected("approver")
@click.argument("approval_id", metavar="ID")
@click.option("--outcome", required=True, type=click.Choice(list(_OUTCOMES)), help="How it ended.")
@_required_reason
def resolve(connection: Connection, approval_id: str, outcome: str, reason: str) -> None:
    """Say how a run ended whose end nobody reported (state indeterminate).

    \b
    Example:
      gatehold approvals resolve 1b4e28ba --outcome succeeded --reason "the refund is in the ledger"
    """
    approver = Approver(connection)

    def say(seen: Approval) -> Approval:
        named = {"approval_id": seen.approval_id, "etag": seen.etag}
        return _changed(approver.call("Resolve", ResolveRequest(**named, outcome=_OUTCOMES[outcome], reason=reason)))

    _for_each(approver, [approval_id], say)


def _seen(approval: Approval) -> dict[str, str]:
    """What a vote names: this approval, in this version, with these arguments."""
    return {"approval_id": approval.approval_id, "etag": approval.etag, "args_digest": approval.args_digest}


def _changed(response: Any) -> Approval:
    approval: Approval = response.approval
    return approval


def _for_each(approver: Approver, ids: Iterable[str], vote: Vote) -> None:
    """Reads and votes one by one, and says of each what became of it.

    Raises:
        Exit: with 1, when any failed.
    """
    failed, done = False, set[str]()
    for word in ids:
        try:
            if (approval_id := approver.find(word)) not in done:
                done.add(approval_id)
                click.echo(_said(vote(approver.read(approval_id).approval)))
        except (grpc.RpcError, click.ClickException, InvalidInput) as error:
            failed = True
            click.echo(f"Error: {printable(word[:SHORT])}: {_problem(error, approver.address)}", err=True)
    if failed:
        raise click.exceptions.Exit(1)


def _problem(error: grpc.RpcError | click.ClickException | InvalidInput, address: str) -> str:
    if isinstance(error, grpc.RpcError):
        return explain(error, address)
    return error.message if isinstance(error, click.ClickException) else printable(str(error))


def _said(approval: Approval) -> str:
    document = to_document(approval)
    state = document["state"]
    if approval.state == ApprovalState.APPROVAL_STATE_PENDING:
        state = f"has your vote, and waits for {', '.join(missing(approval)) or 'others'}"
    left = seconds_left(approval)
    if approval.state == ApprovalState.APPROVAL_STATE_APPROVED and left is not None:
        state = f"approved, to be claimed within {spoken(left)}"
    edited = "edited, " if approval.edited else ""
    call = f"{approval.verb} {clipped(document['args'])} for {requester(approval)}"
    return printable(f"{approval.approval_id[:SHORT]}  {state}: {edited}{call}")
