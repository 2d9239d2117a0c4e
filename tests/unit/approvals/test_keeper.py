"""What goes around a change: time acts first, a caller may go away, and those who watch hear of it."""

import asyncio
import threading
from dataclasses import replace

import pytest

from gatehold.vocabulary import ApprovalState
from pdp.approvals.errors import NoSuchApproval, TooManyPending, WrongState
from pdp.approvals.keeper import MOST_PENDING
from pdp.approvals.lifecycle import CLAIM_BY_US, KEPT_US, Step
from pdp.store.approval import Approval
from pdp.store.errors import StaleApproval, Unavailable
from pdp.store.model import RecordFilter
from tests.unit.approvals.world import ONCE, World, gate

PENDING, EXPIRED = ApprovalState.PENDING, ApprovalState.EXPIRED
HALF_AN_HOUR_US = 30 * 60 * 1_000_000


def test_a_change_whose_caller_went_away_is_told_of(world: World) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {})

    async def leave() -> list[str]:
        busy, free = threading.Event(), threading.Event()
        writing = asyncio.create_task(world.audit._committer.run(lambda: busy.set() or free.wait()))
        await asyncio.to_thread(busy.wait)
        with world.watches.open("c", approval.tenant, approval.approval_id) as watch:
            voting = asyncio.create_task(world.ballots.approve(world.ballot(approval, "ann")))
            while not world.audit._committer._turns:  # noqa: ASYNC110  # no event tells of what waits there
                await asyncio.sleep(0)
            voting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await voting
            free.set()
            await writing
            return await watch.changed()

    assert world.run(asyncio.wait_for(leave(), 10)) == [approval.approval_id]
    assert world.approval(approval.tenant, approval.approval_id).state is ApprovalState.APPROVED


def test_reading_lets_time_act_at_the_deadline_and_not_before(world: World) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {})
    key = (approval.tenant, approval.approval_id)
    world.time.move_us(HALF_AN_HOUR_US - 1)
    assert world.run(world.keeper.present(*key))[0].state is PENDING
    world.time.move_us(1)
    expired, now_us = world.run(world.keeper.present(*key))
    assert (expired.state, expired.end_us, now_us) == (EXPIRED, approval.decide_by_us, approval.decide_by_us)
    assert [event.event for event in world.store.approval_events(*key)] == ["requested", "expired"]


def test_a_change_that_was_overtaken_by_its_deadline_is_not_made(world: World) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {})
    seen: list[ApprovalState] = []

    def vote(found: Approval, now_us: int) -> Step:
        seen.append(found.state)
        if found.state is not PENDING:
            raise WrongState(found.state)
        world.time.move_us(HALF_AN_HOUR_US)  # between the look and the commit
        return Step(replace(found, version=found.version + 1, state=ApprovalState.APPROVED))

    with pytest.raises(WrongState):
        world.run(world.keeper.change(approval.tenant, approval.approval_id, vote))
    assert seen == [PENDING, EXPIRED]
    assert world.approval(approval.tenant, approval.approval_id).state is EXPIRED


def test_a_change_that_was_overtaken_by_another_looks_again(world: World) -> None:
    approval = world.request(world.tenant(gate(ONCE, count=2)), {})
    voters = [world.ballot(approval, who) for who in ("ann", "bob")]

    async def both() -> list[BaseException | Approval]:
        return await asyncio.gather(*map(world.ballots.approve, voters), return_exceptions=True)

    outcomes = world.run(both())
    assert sorted(type(one).__name__ for one in outcomes) == ["Approval", "StaleEtag"]
    stored = world.approval(approval.tenant, approval.approval_id)
    assert (stored.version, stored.state, len(stored.votes)) == (2, PENDING, 1)


def test_one_that_never_stands_still_ends_in_unavailable(world: World) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {})

    def never(found: Approval, now_us: int) -> Step:
        return Step(replace(found, version=found.version + 2))

    with pytest.raises(Unavailable, match="too often"):
        world.run(world.keeper.change(approval.tenant, approval.approval_id, never))
    assert world.approval(approval.tenant, approval.approval_id) == replace(approval, position=1)
    assert world.audit.gate.open, "a lost race is no failure of the storage"


def test_what_a_change_raises_leaves_no_trace(world: World) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {})

    def refuse(found: Approval, now_us: int) -> Step:
        raise WrongState(found.state)

    with pytest.raises(WrongState):
        world.run(world.keeper.change(approval.tenant, approval.approval_id, refuse))
    assert len(world.store.records(approval.tenant, RecordFilter(), None, 10)) == 1
    with pytest.raises(NoSuchApproval):
        world.run(world.keeper.change("elsewhere", approval.approval_id, refuse))


def test_those_that_have_expired_do_not_count_as_waiting(world: World) -> None:
    tenant = world.tenant(gate(ONCE))
    for number in range(MOST_PENDING):
        world.request(tenant, {"n": number})
    with pytest.raises(TooManyPending):
        world.request(tenant, {"n": -1})
    assert world.request(tenant, {"n": -1}, agent="ops").state is PENDING
    world.time.move_us(HALF_AN_HOUR_US)
    assert world.request(tenant, {"n": -1}).state is PENDING


def test_time_acts_on_a_hundred_at_a_time_the_longest_due_first(world: World) -> None:
    tenant = world.tenant(gate(ONCE))
    first = [world.request(tenant, {"n": number}) for number in range(MOST_PENDING)]
    world.time.move_us(1)
    last = world.request(tenant, {}, agent="ops")
    world.time.move_us(HALF_AN_HOUR_US)
    assert world.run(world.keeper.catch_up(tenant)) == MOST_PENDING
    assert {world.approval(tenant, one.approval_id).state for one in first} == {EXPIRED}
    assert world.approval(tenant, last.approval_id).state is PENDING
    assert world.run(world.keeper.catch_up(tenant)) == 1
    assert world.run(world.keeper.catch_up(tenant)) == 0


def test_arguments_are_erased_a_day_after_the_end(world: World) -> None:
    approval = world.approve(world.request(world.tenant(gate(ONCE)), {"amount": 5}))
    world.time.move_us(CLAIM_BY_US)
    expired, _ = world.run(world.keeper.present(approval.tenant, approval.approval_id))
    assert expired.state is EXPIRED and expired.call.sealed
    world.time.move_us(KEPT_US - 1)
    assert world.run(world.keeper.present(approval.tenant, approval.approval_id))[0].call.sealed
    world.time.move_us(1)
    erased, _ = world.run(world.keeper.present(approval.tenant, approval.approval_id))
    assert erased.call.sealed is None and erased.call.shown_args == '{"amount":5}'
    assert world.approval(approval.tenant, approval.approval_id).call.sealed is None
    assert world.store.due_approvals(approval.tenant, 10) == []


def test_the_same_call_that_came_between_is_not_added_twice(world: World) -> None:
    tenant = world.tenant(gate(ONCE))
    approval = world.request(tenant, {})
    with pytest.raises(StaleApproval):
        world.run(world.keeper.add(Step(replace(approval, approval_id="other"))))
