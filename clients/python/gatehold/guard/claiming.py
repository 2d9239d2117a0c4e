"""How an approved call is claimed: nothing runs without a reply that says, word for word, what may run."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import NoReturn

import grpc

from gatehold import digest
from gatehold.clock import boottime_ns
from gatehold.guard import obligations, reading
from gatehold.guard.answer import Answer
from gatehold.guard.approval import Approval, read_approval
from gatehold.guard.errors import ApprovalRefused
from gatehold.guard.journal import Execution
from gatehold.guard.permit import UNANSWERED, Claim, Permit
from gatehold.guard.protection import Protected
from gatehold.guard.steps import Call, Complete, Conversation, Pause, Reply
from gatehold.v1.decision_point_service_pb2 import ClaimApprovalRequest, ClaimApprovalResponse
from gatehold.vocabulary import ApprovalState

PAUSES = (0.2, 0.5, 1.0, 2.0)  # seconds between one try and the next


def claim(
    tool: Protected,
    answer: Answer,
    approval: Approval,
    context_digest: str,
    handlers: Mapping[str, obligations.Handler],
) -> Conversation[Permit]:
    """Claims an approved call for `tool`.

    Args:
        answer: the decision that the errors carry.
        approval: as it was last seen.
        context_digest: of the context that this process is in.
        handlers: what meets the obligations of the decision at the claim.

    Raises:
        ApprovalRefused: it must not run here. A claim that was taken is completed as failed, save where the reply was
            lost or was not about this claim.
    """
    request = ClaimApprovalRequest(
        approval_id=approval.id,
        claim_id=str(uuid.uuid4()),
        args_digest=approval.args_digest,
        context_digest=context_digest,
        tool_definition_digest=tool.options.tool_definition_digest,
    )
    began, reply = yield from _take(request)
    if reply.code is not grpc.StatusCode.OK:
        _refuse(tool, answer, approval, f"it could not be claimed ({reply.problem})")
    try:
        claimed = _checked(request, reply.message, tool.verb)
    except Exception as error:  # whatever is wrong with it, it is no permission
        _refuse(tool, answer, approval, f"the gate's reply to the claim is unusable: {error}")
    held = Claim(claimed, request)
    if why := _unfit(tool, reply.message, claimed, handlers) or _lapsed(reply.message, began):
        yield Complete(held.completion(Execution(tool.verb, answer.decision_id, "failed", timedelta(), why)))
        _refuse(tool, answer, claimed, why)
    return Permit(answer, dict(claimed.args), held)


def _take(request: ClaimApprovalRequest) -> Conversation[tuple[int, Reply]]:
    """One claim_id for every try: a claim whose reply was lost is this one, and is answered as the first was."""
    for pause in (*PAUSES, None):
        began = boottime_ns()
        reply: Reply = yield Call("ClaimApproval", request)
        if reply.code not in UNANSWERED or pause is None:
            break
        yield Pause(pause)
    return began, reply


def _checked(request: ClaimApprovalRequest, response: ClaimApprovalResponse, verb: str) -> Approval:
    """Returns what may run. Raises ValueError unless the reply is about this claim of this call."""
    approval = read_approval(response.approval)
    if approval.state is not ApprovalState.CLAIMED or response.approval.claim_id != request.claim_id:
        raise ValueError("it does not say that this process has the claim")
    if approval.id != request.approval_id or approval.verb != verb:
        raise ValueError("it is about another call")
    if not digest.digest(approval.args) == approval.args_digest == request.args_digest:
        raise ValueError("its arguments are not the approved ones")
    return approval


def _unfit(
    tool: Protected, response: ClaimApprovalResponse, approval: Approval, handlers: Mapping[str, obligations.Handler]
) -> str:
    """Says why the function must not run under a sound claim; empty when it may."""
    if why := tool.signature.mismatch(approval.args):
        return why
    try:
        return obligations.unmet(reading.read_obligations(response.obligations), handlers)
    except Exception:
        return "An obligation could not be read"


def _lapsed(response: ClaimApprovalResponse, began: int) -> str:
    """A process that slept past the end of its claim must not run what others may have run by now.

    Measured from before the claim was sent, so this never takes the claim for longer than it is.
    """
    if not response.approval.HasField("time_left"):
        return ""
    over = boottime_ns() - began >= response.approval.time_left.ToNanoseconds()
    return "The claim was over before the call could run" if over else ""


def _refuse(tool: Protected, answer: Answer, approval: Approval, why: str) -> NoReturn:
    raise ApprovalRefused(tool.verb, answer, approval, why)
