"""How an approval changes. Pure: time is an argument, and every change is a new value.

    PENDING → APPROVED | DENIED | EXPIRED | CANCELLED
    APPROVED → CLAIMED | EXPIRED | CANCELLED
    CLAIMED → SUCCEEDED | FAILED | INDETERMINATE
    INDETERMINATE → SUCCEEDED | FAILED | CLAIMED (idempotent verbs only)

A deadline is the first moment at which it is too late. Everything but `elapsed` needs an approval that no deadline has
passed: whoever changes one lets time act on it first.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from gatehold.vocabulary import ApprovalState, Outcome
from pdp.approvals.errors import ClaimConflict, WrongState
from pdp.approvals.quorum import is_met
from pdp.store.approval import Approval, Event, FrozenCall, Vote

MINUTE_US = 60 * 1_000_000
CLAIM_BY_US = 10 * MINUTE_US
CLAIM_LEASE_US = 5 * MINUTE_US
KEPT_US = 24 * 60 * MINUTE_US
"""For how long the arguments of an approval that has ended, or that nobody knows the end of, are kept."""

_State = ApprovalState
_RESULTS = {
    Outcome.SUCCEEDED: _State.SUCCEEDED,
    Outcome.FAILED: _State.FAILED,
    Outcome.INDETERMINATE: _State.INDETERMINATE,
}
ENDED = frozenset({_State.DENIED, _State.EXPIRED, _State.CANCELLED, _State.SUCCEEDED, _State.FAILED})
OPEN = frozenset(_State) - ENDED


@dataclass(frozen=True, slots=True)
class Step:
    """An approval after a change, and what happened. Without events nothing that anybody has to be told of did."""

    approval: Approval
    events: tuple[Event, ...] = ()


def due_us(approval: Approval) -> int:
    """When time next acts on it; 0 for never."""
    match approval.state:
        case _State.PENDING:
            return approval.decide_by_us
        case _State.APPROVED:
            return approval.claim_by_us
        case _State.CLAIMED:
            return approval.claim_until_us
        case _:
            return approval.end_us + KEPT_US if approval.call.sealed else 0


def elapsed(approval: Approval, now_us: int) -> Step | None:
    """What time has done to it; None for nothing yet."""
    due = due_us(approval)
    if not due or now_us < due:
        return None
    match approval.state:
        case _State.PENDING:
            return _ended(approval, _State.EXPIRED, "expired", "", "Nobody decided in time.", now_us)
        case _State.APPROVED:
            return _ended(approval, _State.EXPIRED, "expired", "", "Nobody claimed the approved call in time.", now_us)
        case _State.CLAIMED:
            reason = "The claim ended without a word on how the run went."
            return _ended(approval, _State.INDETERMINATE, "lapsed", "", reason, now_us, claim_id=approval.claim_id)
        case _:
            return Step(_next(approval, call=replace(approval.call, sealed=None)))


def requested(approval: Approval) -> Step:
    """A new one."""
    event = _event(approval, "requested", approval.agent, approval.justification, approval.request_us)
    return Step(approval, (replace(event, revision=approval.call.revision),))


def voted(approval: Approval, vote: Vote) -> Step:
    """One more approves. With the last that the requirements ask for it is approved."""
    _require(approval, {_State.PENDING})
    after = _next(approval, votes=(*approval.votes, vote))
    events = (_event(after, "voted", vote.approver, vote.reason, vote.time_us),)
    if not all(is_met(requirement, after) for requirement in after.call.requirements):
        return Step(after, events)
    after = replace(after, state=_State.APPROVED, claim_by_us=vote.time_us + CLAIM_BY_US)
    return Step(after, (*events, _event(after, "approved", vote.approver, vote.reason, vote.time_us)))


def edited(approval: Approval, call: FrozenCall, vote: Vote) -> Step:
    """An approver replaces the arguments. Voting restarts, with a new term and this vote as the first."""
    _require(approval, {_State.PENDING})
    fresh = replace(approval, call=call, votes=(), edited=True, decide_by_us=vote.time_us + call.decide_within_us)
    event = _event(fresh, "edited", vote.approver, vote.reason, vote.time_us)
    event = replace(event, previous_args_digest=approval.call.args_digest, revision=call.revision)
    step = voted(fresh, vote)
    return Step(step.approval, (event, *step.events))


def denied(approval: Approval, vote: Vote) -> Step:
    """One person denies; that ends it."""
    _require(approval, {_State.PENDING})
    after = replace(approval, votes=(*approval.votes, vote))
    return _ended(after, _State.DENIED, "denied", vote.approver, vote.reason, vote.time_us)


def cancelled(approval: Approval, actor: str, reason: str, now_us: int) -> Step:
    """Taken back before anybody claimed it."""
    _require(approval, {_State.PENDING, _State.APPROVED})
    return _ended(approval, _State.CANCELLED, "cancelled", actor, reason, now_us)


def claimed(approval: Approval, claim_id: str, idempotent: bool, revision: int, now_us: int) -> Step:
    """The right to run the call once; the same claim again renews it.

    Args:
        idempotent: whether the verb may be run again by the same approval's id.
        revision: of the configuration that the call was decided under again.

    Raises:
        ClaimConflict: another claim holds it.
        WrongState: nobody may claim it, or its arguments are erased.
    """
    until_us = now_us + CLAIM_LEASE_US
    if approval.state is _State.CLAIMED:
        if claim_id != approval.claim_id:
            raise ClaimConflict(f"approval {approval.approval_id} is claimed by another claim_id")
        return Step(_next(approval, claim_until_us=until_us))
    claimable = {_State.APPROVED, _State.INDETERMINATE} if idempotent else {_State.APPROVED}
    _require(approval, claimable)
    if approval.call.sealed is None:
        raise WrongState(approval.state, "its arguments are erased")
    after = _next(approval, state=_State.CLAIMED, claim_id=claim_id, claim_until_us=until_us, end_us=0, end_reason="")
    event = _event(after, "claimed", approval.agent, "", now_us)
    return Step(after, (replace(event, claim_id=claim_id, revision=revision),))


def completed(approval: Approval, claim_id: str, outcome: Outcome, error: str, now_us: int) -> Step:
    """The claimant says how the run ended, also after its claim has lapsed. The same again changes nothing.

    Raises:
        ClaimConflict: another claim holds it.
        WrongState: it has ended, or nobody claimed it.
    """
    if approval.claim_id and claim_id != approval.claim_id:
        raise ClaimConflict(f"approval {approval.approval_id} is claimed by another claim_id")
    state = _RESULTS[outcome]
    if approval.state is state:
        return Step(approval)
    _require(approval, {_State.CLAIMED, _State.INDETERMINATE})
    return _ended(approval, state, "completed", approval.agent, error, now_us, claim_id=claim_id)


def resolved(approval: Approval, actor: str, outcome: Outcome, reason: str, now_us: int) -> Step:
    """A person says how a run ended of which nobody knew."""
    _require(approval, {_State.INDETERMINATE})
    return _ended(approval, _RESULTS[outcome], "resolved", actor, reason, now_us, claim_id=approval.claim_id)


def refused(approval: Approval, claim_id: str, reason: str, revision: int, now_us: int) -> Step:
    """A claim that policy or the claimant's own statement stands against. Only told; nothing changes."""
    event = _event(approval, "claim_refused", approval.agent, reason, now_us)
    return Step(_next(approval), (replace(event, claim_id=claim_id, revision=revision),))


def _require(approval: Approval, states: Collection[ApprovalState]) -> None:
    if approval.state not in states:
        raise WrongState(approval.state)


def _next(approval: Approval, **changes: object) -> Approval:
    changed: Approval = replace(approval, version=approval.version + 1, **changes)  # type: ignore[arg-type]
    return changed


def _ended(
    approval: Approval, state: ApprovalState, event: str, actor: str, reason: str, now_us: int, claim_id: str = ""
) -> Step:
    after = _next(approval, state=state, end_us=now_us, end_reason=reason, claim_until_us=0)
    return Step(after, (replace(_event(after, event, actor, reason, now_us), claim_id=claim_id),))


def _event(approval: Approval, event: str, actor: str, reason: str, now_us: int) -> Event:
    return Event(event, now_us, actor, approval.state, reason, approval.call.args_digest)
