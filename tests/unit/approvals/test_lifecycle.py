"""When time acts on an approval, and what every change does in every state it may not be made in."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from gatehold.vocabulary import ApprovalState, Outcome, RiskLevel
from pdp.approvals import lifecycle
from pdp.approvals.errors import ClaimConflict, WrongState
from pdp.approvals.lifecycle import CLAIM_BY_US, CLAIM_LEASE_US, ENDED, KEPT_US, OPEN, Step, due_us, elapsed
from pdp.store.approval import Approval, FrozenCall, Requirement, Vote

State = ApprovalState
CALL = FrozenCall("a", "c", "{}", "{}", RiskLevel.HIGH, 1, "", "p", (Requirement("p"),), 60, sealed=b"s")
ONE = Approval("acme", "id", 7, State.PENDING, "dev", "", "", "pay:once", "", "d", "", "r", "", CALL, 1_000, 2_000)
VOTE = Vote("ann", True, (), "", "a", 1_500)


def in_state(state: ApprovalState) -> Approval:
    """An approval as it is in that state, with a deadline at 2,000 where it has one."""
    fields: dict[str, object] = {"state": state}
    if state is State.APPROVED:
        fields |= {"claim_by_us": 2_000, "votes": (VOTE,)}
    if state in (State.CLAIMED, State.SUCCEEDED, State.FAILED, State.INDETERMINATE):
        fields |= {"claim_id": "c1", "votes": (VOTE,)}
    if state is State.CLAIMED:
        fields |= {"claim_until_us": 2_000}
    if state in ENDED or state is State.INDETERMINATE:
        fields |= {"end_us": 2_000 - KEPT_US}
    return replace(ONE, **fields)  # type: ignore[arg-type]


LEGAL: dict[str, tuple[Callable[[Approval], Step], set[ApprovalState]]] = {
    "voted": (lambda one: lifecycle.voted(one, VOTE), {State.PENDING}),
    "edited": (lambda one: lifecycle.edited(one, CALL, VOTE), {State.PENDING}),
    "denied": (lambda one: lifecycle.denied(one, VOTE), {State.PENDING}),
    "cancelled": (lambda one: lifecycle.cancelled(one, "ann", "", 1_500), {State.PENDING, State.APPROVED}),
    "claimed once": (
        lambda one: lifecycle.claimed(one, "c1", False, 1, 1_500),
        {State.APPROVED, State.CLAIMED},
    ),
    "claimed again": (
        lambda one: lifecycle.claimed(one, "c1", True, 1, 1_500),
        {State.APPROVED, State.CLAIMED, State.INDETERMINATE},
    ),
    "completed": (
        lambda one: lifecycle.completed(one, "c1", Outcome.SUCCEEDED, "", 1_500),
        {State.CLAIMED, State.INDETERMINATE, State.SUCCEEDED},
    ),
    "resolved": (lambda one: lifecycle.resolved(one, "ann", Outcome.FAILED, "", 1_500), {State.INDETERMINATE}),
}


@pytest.mark.parametrize("change", LEGAL)
@pytest.mark.parametrize("state", list(State))
def test_every_change_in_every_state(state: ApprovalState, change: str) -> None:
    make, states = LEGAL[change]
    before = in_state(state)
    if state not in states:
        with pytest.raises(WrongState) as refused:
            make(before)
        assert refused.value.state is state
        return
    after = make(before).approval
    assert after.version - before.version == (0 if (change, state) == ("completed", State.SUCCEEDED) else 1)


@pytest.mark.parametrize("state", list(State))
def test_time_acts_at_its_moment_and_never_before(state: ApprovalState) -> None:
    one = in_state(state)
    assert due_us(one) == 2_000
    assert elapsed(one, 1_999) is None
    for late in (2_000, 2_001, 2_000 + KEPT_US):
        step = elapsed(one, late)
        assert step is not None and step.approval.version == 8
    after = step.approval
    if state in (State.PENDING, State.APPROVED):
        assert (after.state, after.end_us, step.events[0].event) == (State.EXPIRED, late, "expired")
    elif state is State.CLAIMED:
        assert (after.state, after.end_us, step.events[0].event) == (State.INDETERMINATE, late, "lapsed")
        assert (after.claim_id, after.claim_until_us, step.events[0].claim_id) == ("c1", 0, "c1")
    else:
        assert (after.state, after.call.sealed, step.events) == (state, None, ())
        assert due_us(after) == 0 and elapsed(after, late * 2) is None


def test_all_states_are_open_or_ended() -> None:
    assert set(State) == ENDED | OPEN and not ENDED & OPEN
    assert {State.PENDING, State.APPROVED, State.CLAIMED, State.INDETERMINATE} == OPEN


def test_terms() -> None:
    approved = lifecycle.voted(ONE, VOTE).approval
    assert (approved.state, approved.claim_by_us) == (State.APPROVED, VOTE.time_us + CLAIM_BY_US)
    claimed = lifecycle.claimed(approved, "c1", False, 3, 1_700).approval
    assert claimed.claim_until_us == 1_700 + CLAIM_LEASE_US
    renewed = lifecycle.claimed(claimed, "c1", False, 3, 1_900)
    assert renewed.approval.claim_until_us == 1_900 + CLAIM_LEASE_US and renewed.events == ()
    edited = lifecycle.edited(ONE, CALL, VOTE).approval
    assert edited.decide_by_us == VOTE.time_us + CALL.decide_within_us


@pytest.mark.parametrize("state", [State.CLAIMED, State.INDETERMINATE, State.SUCCEEDED, State.FAILED])
def test_a_run_is_completed_by_its_claimant_alone(state: ApprovalState) -> None:
    for stranger in ("c2", ""):
        with pytest.raises(ClaimConflict):
            lifecycle.completed(in_state(state), stranger, Outcome.SUCCEEDED, "", 1_500)


def test_a_second_claim_conflicts_while_the_first_holds() -> None:
    for idempotent in (False, True):
        with pytest.raises(ClaimConflict):
            lifecycle.claimed(in_state(State.CLAIMED), "c2", idempotent, 1, 1_500)


def test_a_claim_that_is_taken_again_has_not_ended() -> None:
    lapsed = replace(in_state(State.INDETERMINATE), end_reason="lapsed")
    again = lifecycle.claimed(lapsed, "c2", True, 3, 1_500).approval
    assert (again.claim_id, again.end_us, again.end_reason, due_us(again)) == ("c2", 0, "", 1_500 + CLAIM_LEASE_US)


def test_nothing_is_claimed_without_its_arguments() -> None:
    erased = replace(in_state(State.INDETERMINATE), call=replace(CALL, sealed=None))
    with pytest.raises(WrongState, match="erased"):
        lifecycle.claimed(erased, "c1", True, 1, 1_500)


def test_a_refusal_only_tells() -> None:
    approved = in_state(State.APPROVED)
    step = lifecycle.refused(approved, "c1", "why", 3, 1_500)
    assert replace(step.approval, version=7) == approved
    (event,) = step.events
    assert (event.event, event.claim_id, event.reason, event.revision) == ("claim_refused", "c1", "why", 3)
