"""Which approved calls this process can run, with which function. Free of I/O."""

import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc

from gatehold.guard import obligations
from gatehold.guard.answer import Answer
from gatehold.guard.approval import Approval, read_approval
from gatehold.guard.claiming import claim
from gatehold.guard.errors import GateholdError
from gatehold.guard.permit import Permit
from gatehold.guard.protection import Protected
from gatehold.guard.request import context_digest, context_text
from gatehold.guard.steps import Call, Conversation, Reply
from gatehold.v1.approval_pb2 import APPROVAL_STATE_APPROVED, APPROVAL_STATE_INDETERMINATE
from gatehold.v1.approval_pb2 import Approval as Message
from gatehold.v1.decision_point_service_pb2 import DecisionPointServiceListApprovalsRequest
from gatehold.vocabulary import ApprovalState, Decision, DecisionSource, ReasonCode

Supply = Mapping[str, Mapping[str, object]]
MOST_PAGES = 100  # more than an agent can have; a gate that never comes to the last one is not followed


@dataclass(frozen=True, slots=True)
class Resumed:
    """What became of one approved call.

    Attributes:
        approval: the call; where it ran, with the arguments that it ran with.
        value: what the function returned; None where it did not.
        error: what the function raised, or the `ApprovalRefused` that kept it from running.
        skipped: why nothing was tried, so that the approval is as it was; empty otherwise.
    """

    approval: Approval
    value: Any = None
    error: Exception | None = None
    skipped: str = ""

    @property
    def approval_id(self) -> str:
        """Of the call."""
        return self.approval.id

    @property
    def verb(self) -> str:
        """Of the call."""
        return self.approval.verb


class Registry:
    """The guarded functions of one guard. Safe to share between threads.

    It keeps none of them alive: one that was guarded for a single call is gone with its guarded form.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tools: weakref.WeakKeyDictionary[Callable[..., Any], Protected] = weakref.WeakKeyDictionary()

    def add(self, guarded: Callable[..., Any], tool: Protected) -> None:
        """Keeps `tool` for as long as `guarded` lives."""
        with self._lock:
            self._tools[guarded] = tool

    def of(self, verb: str) -> list[Protected]:
        """Returns the functions that stand for this verb."""
        with self._lock:
            return [tool for tool in self._tools.values() if tool.verb == verb]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An approved call.

    Attributes:
        approval: the call.
        tool: the function to run it with; None where it is skipped.
        supplied: values for the parameters that the gate does not see.
        skipped: why it is not tried.
    """

    approval: Approval
    tool: Protected | None = None
    supplied: Mapping[str, Any] = field(default_factory=dict)
    skipped: str = ""


def candidates(registry: Registry, supply: Supply) -> Conversation[list[Candidate]]:
    """Lists the agent's own approvals that may run now, oldest first.

    Raises:
        GateholdError: they could not be listed.
    """
    request = DecisionPointServiceListApprovalsRequest(
        states=[APPROVAL_STATE_APPROVED, APPROVAL_STATE_INDETERMINATE], page_size=1_000
    )
    found: list[Approval] = []
    for _ in range(MOST_PAGES):
        reply: Reply = yield Call("ListApprovals", request)
        if reply.code is not grpc.StatusCode.OK:
            raise GateholdError(f"the approvals could not be listed ({reply.problem})")
        found.extend(_runnable(reply.message.approvals))
        request.page_token = reply.message.next_page_token
        if not request.page_token:
            return [_candidate(approval, registry, supply) for approval in found]
    raise GateholdError(f"the approvals fill more than {MOST_PAGES} pages")


def _runnable(messages: Iterable[Message]) -> Iterable[Approval]:
    for message in messages:
        try:
            approval = read_approval(message)
        except ValueError:  # it may run nowhere here, and stands in nobody's way
            continue
        again = approval.state is ApprovalState.INDETERMINATE and approval.reclaimable
        if approval.state is ApprovalState.APPROVED or again:
            yield approval


def _candidate(approval: Approval, registry: Registry, supply: Supply) -> Candidate:
    tools = registry.of(approval.verb)
    if len(tools) != 1:
        return Candidate(approval, skipped=f"{len(tools) or 'no'} functions are guarded as {approval.verb} here")
    values = supply.get(approval.verb, {})
    skipped = _mismatch(approval, tools[0], values)
    return Candidate(approval, skipped=skipped) if skipped else Candidate(approval, tools[0], values)


def _mismatch(approval: Approval, tool: Protected, values: Mapping[str, object]) -> str:
    if approval.on_behalf_of != tool.options.on_behalf_of:
        return f"it is on behalf of {approval.on_behalf_of!r}, the function of {tool.options.on_behalf_of!r}"
    return tool.signature.unsupplied(values) or tool.signature.mismatch(approval.args)


def reclaim(tool: Protected, approval: Approval, handlers: Mapping[str, obligations.Handler]) -> Conversation[Permit]:
    """Claims an approval for a function that did not ask for it. Raises ApprovalRefused as `claim`."""
    context = context_digest(context_text(tool.options))
    return (yield from claim(tool, _answer(approval), approval, context, handlers))


def _answer(approval: Approval) -> Answer:
    """The decision that asked for this approval, as far as the approval tells it."""
    return Answer(
        Decision.REQUIRE_APPROVAL,
        approval.reason,
        ReasonCode.POLICY,
        risk_level=approval.risk_level,
        policy_matched=approval.policy_matched,
        revision=approval.revision,
        source=DecisionSource.POLICY,
        args_digest=approval.args_digest,
    )
