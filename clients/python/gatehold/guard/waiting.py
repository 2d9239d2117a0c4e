"""What happens where a person must approve: ask for it, wait for it, claim it. Free of I/O."""

import time
from collections.abc import Callable, Mapping
from typing import NoReturn

import grpc

from gatehold.guard import obligations, reading
from gatehold.guard.answer import Answer
from gatehold.guard.approval import Approval, read_approval
from gatehold.guard.claiming import claim
from gatehold.guard.errors import (
    ApprovalCancelled,
    ApprovalDenied,
    ApprovalExpired,
    ApprovalPending,
    ApprovalRefused,
    ApprovalRequired,
    Blocked,
)
from gatehold.guard.permit import Permit, permitted
from gatehold.guard.protection import Protected
from gatehold.guard.request import Prepared, context_digest
from gatehold.guard.steps import Ask, Call, Conversation, Pause, Reply, Tell, Watch
from gatehold.v1.approval_pb2 import APPROVAL_STATE_PENDING
from gatehold.v1.decision_point_service_pb2 import RequestApprovalRequest, WatchApprovalRequest, WatchApprovalResponse
from gatehold.vocabulary import ApprovalState, Decision, ReasonCode

ROUNDS = 3  # of a decision and a request, where policy changes in between
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds between two streams
_NOT_REQUIRED = "APPROVAL_NOT_REQUIRED"
# Watching again cannot help.
_HOPELESS = {
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.UNIMPLEMENTED,
}
_ENDED: Mapping[ApprovalState, type[ApprovalRequired]] = {
    ApprovalState.DENIED: ApprovalDenied,
    ApprovalState.EXPIRED: ApprovalExpired,
    ApprovalState.CANCELLED: ApprovalCancelled,
}


def hold(
    tool: Protected, prepared: Prepared, answer: Answer, handlers: Mapping[str, obligations.Handler]
) -> Conversation[Permit]:
    """Gets the permit for a call, whatever its first answer was.

    Raises:
        Blocked: policy blocks it, or nobody could decide.
        ApprovalRequired: no person let it through, or not to this process.
    """
    for round_ in range(ROUNDS):
        if round_:
            answer = yield Ask(prepared)
        if answer.decision is not Decision.REQUIRE_APPROVAL:
            return permitted(tool.verb, prepared, answer, handlers)
        reply = yield Call("RequestApproval", _request(tool, prepared))
        if reply.reason != _NOT_REQUIRED:
            approval = yield from _decided(tool, answer, _requested(tool, prepared, reply))
            digest = context_digest(prepared.message.context_json)
            return (yield from claim(tool, answer, approval, digest, handlers))
    _block(tool, ReasonCode.INVALID_RESPONSE, "The gate asks for an approval that it then does not require", prepared)


def _request(tool: Protected, prepared: Prepared) -> RequestApprovalRequest:
    message = prepared.message
    return RequestApprovalRequest(
        verb=message.verb,
        args_json=message.args_json,
        context_json=message.context_json,
        on_behalf_of=message.on_behalf_of,
        tool_definition_digest=message.tool_definition_digest,
        justification=tool.patience.justification,
    )


def _requested(tool: Protected, prepared: Prepared, reply: Reply) -> Approval:
    """Returns the frozen call. Raises Blocked unless the reply is about this very call."""
    if reply.code is not grpc.StatusCode.OK:
        raise Blocked(tool.verb, reading.refusal(reply, prepared.args_digest))
    try:
        approval = read_approval(reply.message.approval)
    except Exception as error:
        _block(tool, ReasonCode.INVALID_RESPONSE, f"The gate's approval is unusable: {error}", prepared)
    if approval.verb != tool.verb or not (approval.edited or approval.args_digest == prepared.args_digest):
        _block(tool, ReasonCode.INVALID_RESPONSE, "The gate's approval is not about this call", prepared)
    return approval


def _block(tool: Protected, code: ReasonCode, why: str, prepared: Prepared) -> NoReturn:
    raise Blocked(tool.verb, Answer.fail_closed(code, why, prepared.args_digest))


def _decided(tool: Protected, answer: Answer, approval: Approval) -> Conversation[Approval]:
    """Returns the approval once it may be claimed. Raises what its end means."""
    if approval.state is ApprovalState.PENDING:
        if not tool.patience.wait:
            raise ApprovalRequired(tool.verb, answer, approval)
        if tool.patience.on_wait is not None:
            yield Tell(tool.patience.on_wait, approval)
        approval = yield from _watched(tool, answer, approval)
    if approval.state is ApprovalState.APPROVED:
        return approval
    if ended := _ENDED.get(approval.state):
        raise ended(tool.verb, answer, approval)
    raise ApprovalRefused(tool.verb, answer, approval, f"another process has it: it is {approval.state}")


def _watched(
    tool: Protected, answer: Answer, approval: Approval, clock: Callable[[], float] = time.monotonic
) -> Conversation[Approval]:
    """Returns the approval once it is no longer pending; a stream that is lost is opened again."""
    timeout = tool.patience.timeout
    end = None if timeout is None else clock() + timeout
    pause = FIRST_PAUSE
    while True:
        left = None if end is None else end - clock()
        if left is not None and left <= 0:
            raise ApprovalPending(tool.verb, answer, approval, f"nobody decided within {timeout:g} s")
        reply: Reply = yield Watch(WatchApprovalRequest(approval_id=approval.id), _is_settled, left)
        if reply.closed:
            raise ApprovalPending(tool.verb, answer, approval, "the guard was closed")
        if reply.code in _HOPELESS:
            raise Blocked(tool.verb, reading.refusal(reply, answer.args_digest))
        if reply.message is not None:
            approval, pause = _same(tool, answer, approval, reply.message), FIRST_PAUSE
            if approval.state is not ApprovalState.PENDING:
                return approval
        yield Pause(pause if end is None else max(0.0, min(pause, end - clock())))
        pause = min(2 * pause, LONGEST_PAUSE)


def _is_settled(response: WatchApprovalResponse) -> bool:
    return response.approval.state != APPROVAL_STATE_PENDING


def _same(tool: Protected, answer: Answer, before: Approval, response: WatchApprovalResponse) -> Approval:
    """Returns the approval as it is now. Raises ApprovalRefused unless it is still about the same call."""
    try:
        now = read_approval(response.approval)
    except Exception as error:
        raise ApprovalRefused(tool.verb, answer, before, f"the gate's news of it is unusable: {error}") from None
    if (now.id, now.verb) != (before.id, before.verb) or not (now.edited or now.args_digest == before.args_digest):
        raise ApprovalRefused(tool.verb, answer, before, "the gate's news is of another call")
    return now
