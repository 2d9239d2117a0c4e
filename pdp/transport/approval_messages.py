"""Approvals as messages of the wire."""

import time
from collections.abc import Callable, Iterable

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from gatehold import vocabulary
from gatehold.digest import canonical
from gatehold.v1 import approval_pb2
from gatehold.v1.approval_pb2 import ApprovalEvent, ApprovalRequirement, ApprovalState
from gatehold.v1.audit_record_pb2 import Outcome
from pdp.approvals.ballots import etag
from pdp.approvals.freezing import Frozen
from pdp.approvals.lifecycle import ENDED, due_us
from pdp.approvals.quorum import is_met
from pdp.store.approval import Approval, Event, Requirement, Vote
from pdp.transport.translate import RISK_LEVELS

STATES: dict[vocabulary.ApprovalState, ApprovalState] = {
    word: getattr(approval_pb2, f"APPROVAL_STATE_{word.name}") for word in vocabulary.ApprovalState
}
STATE_WORDS = {number: word for word, number in STATES.items()}
OUTCOME_WORDS = {Outcome.Value(f"OUTCOME_{word.name}"): word for word in vocabulary.Outcome}

_State = vocabulary.ApprovalState
_TIMED = frozenset({_State.PENDING, _State.APPROVED, _State.CLAIMED})


class ApprovalMessages:
    """Makes messages.

    Times in them are by the wall clock, as far from now as they are on the database's: a wall clock that was changed
    meanwhile shifts what is shown, and nothing else.

    Args:
        now_us: the database's clock.
        is_idempotent: from tenant and verb to whether a call may be run again by its approval's id.
    """

    def __init__(self, now_us: Callable[[], int], is_idempotent: Callable[[str, str], bool]) -> None:
        self._now_us = now_us
        self._is_idempotent = is_idempotent

    def approval(self, approval: Approval) -> approval_pb2.Approval:
        """One approval for whoever may read it: sensitive arguments are replaced."""
        call, shift_us = approval.call, self._shift_us()
        message = approval_pb2.Approval(
            approval_id=approval.approval_id,
            state=STATES[approval.state],
            etag=etag(approval),
            agent=approval.agent,
            on_behalf_of=approval.on_behalf_of,
            session=approval.session,
            verb=approval.verb,
            risk_level=RISK_LEVELS[call.risk_level],
            args_json=call.shown_args or "{}",
            context_json=call.shown_context or "{}",
            args_digest=call.args_digest,
            context_digest=call.context_digest,
            tool_definition_digest=approval.tool_definition_digest,
            reason=call.reason,
            policy_matched=call.policy_matched,
            revision=call.revision,
            requirements=[_requirement(one, approval) for one in call.requirements],
            justification=approval.justification,
            request_time=_time(approval.request_us + shift_us),
            decide_by_time=_time(approval.decide_by_us + shift_us),
            votes=[_vote(vote, shift_us) for vote in approval.votes],
            end_reason=approval.end_reason,
            edited=approval.edited,
            claim_id=approval.claim_id,
            reclaimable=self._is_reclaimable(approval),
        )
        self._set_times(message, approval, shift_us)
        return message

    def claimed(self, approval: Approval, frozen: Frozen) -> approval_pb2.Approval:
        """The same for its claimant: with the arguments whole."""
        message = self.approval(approval)
        message.args_json = canonical(frozen.args).decode()
        message.context_json = canonical(frozen.context).decode()
        return message

    def history(self, events: Iterable[Event]) -> list[ApprovalEvent]:
        """What happened to one."""
        shift_us = self._shift_us()
        return [
            ApprovalEvent(
                event_time=_time(event.time_us + shift_us),
                event=event.event,
                actor=event.actor,
                state=STATES[event.state],
                reason=event.reason,
                args_digest=event.args_digest,
            )
            for event in events
        ]

    def _set_times(self, message: approval_pb2.Approval, approval: Approval, shift_us: int) -> None:
        if approval.claim_by_us:
            message.claim_by_time.CopyFrom(_time(approval.claim_by_us + shift_us))
        if approval.state is _State.CLAIMED:
            message.claim_expire_time.CopyFrom(_time(approval.claim_until_us + shift_us))
        if approval.state in ENDED:
            message.end_time.CopyFrom(_time(approval.end_us + shift_us))
        if approval.state in _TIMED:
            left = Duration()
            left.FromMicroseconds(max(0, due_us(approval) - self._now_us()))
            message.time_left.CopyFrom(left)

    def _is_reclaimable(self, approval: Approval) -> bool:
        open_end = approval.state is _State.INDETERMINATE and approval.call.sealed is not None
        return open_end and self._is_idempotent(approval.tenant, approval.verb)

    def _shift_us(self) -> int:
        """From the database's clock to the wall clock."""
        return time.time_ns() // 1_000 - self._now_us()


def _requirement(one: Requirement, approval: Approval) -> ApprovalRequirement:
    return ApprovalRequirement(
        policy=one.policy,
        groups=one.groups,
        count=one.count,
        justification_required=one.justification_required,
        separation=one.separation,
        reason=one.reason,
        conditions=one.conditions,
        met=is_met(one, approval),
    )


def _vote(vote: Vote, shift_us: int) -> approval_pb2.Vote:
    return approval_pb2.Vote(
        approver=vote.approver,
        approve=vote.approve,
        groups=vote.groups,
        reason=vote.reason,
        args_digest=vote.args_digest,
        vote_time=_time(vote.time_us + shift_us),
    )


def _time(us: int) -> Timestamp:
    time_ = Timestamp()
    time_.FromMicroseconds(us)
    return time_
