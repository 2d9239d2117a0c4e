"""Everybody at once on one approval: whatever wins, it is one path through the states, and on the record as that."""

import asyncio
from collections.abc import Coroutine, Iterator
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.vocabulary import ApprovalState, Outcome, RecordKind
from pdp.approvals.errors import ApprovalError
from pdp.approvals.requests import Claim, Claimed
from pdp.store.approval import Approval
from pdp.store.model import RecordFilter
from tests.unit.approvals.world import AGAIN, ONCE, World, gate

State = ApprovalState
NEXT = {
    State.PENDING: {State.PENDING, State.APPROVED, State.DENIED, State.EXPIRED, State.CANCELLED},
    State.APPROVED: {State.APPROVED, State.CLAIMED, State.EXPIRED, State.CANCELLED},
    State.CLAIMED: {State.SUCCEEDED, State.FAILED, State.INDETERMINATE},
    State.INDETERMINATE: {State.SUCCEEDED, State.FAILED, State.CLAIMED},
}
CALLERS, ROUNDS = 12, 4


def some(world: World, approval: Approval, dice: Random) -> Iterator[Coroutine[Any, Any, object]]:
    """What callers do who have seen the approval as it is."""
    key = (approval.tenant, "dev", approval.approval_id)
    for _ in range(CALLERS):
        ballot = world.ballot(approval, dice.choice(["ann", "bob", "cleo"]), reason="r")
        claim_id = dice.choice(["c1", "c2", "c3"])
        yield dice.choice(
            [
                lambda ballot=ballot: world.ballots.approve(ballot),
                lambda ballot=ballot: world.ballots.edit(ballot, {"n": dice.randrange(100)}),
                lambda ballot=ballot: world.ballots.deny(ballot) if dice.random() < 0.05 else world.requests.own(*key),
                lambda: world.requests.cancel(*key, "r") if dice.random() < 0.05 else world.requests.own(*key),
                lambda claim_id=claim_id: world.requests.claim(*key, Claim(claim_id, "", "", "")),
                lambda claim_id=claim_id: world.requests.complete(*key, claim_id, dice.choice(list(Outcome)), ""),
            ]
        )()


async def at_once(calls: Iterator[Coroutine[Any, Any, object]]) -> list[object]:
    return await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.parametrize("verb", [ONCE, AGAIN])
@pytest.mark.parametrize("seed", range(10))
def test_everybody_at_once(world: World, verb: str, seed: int) -> None:
    dice, tenant = Random(f"{seed} {verb}"), world.tenant(gate("pay:*", count=2))
    approval = world.request(tenant, {}, verb=verb)
    if seed % 2:
        approval = world.approve(world.approve(approval), "bob")
    claims: set[str] = set()
    for _ in range(ROUNDS):
        outcomes = world.run(at_once(some(world, approval, dice)))
        assert all(isinstance(one, Approval | Claimed | ApprovalError) for one in outcomes), outcomes
        won = {one.approval.claim_id for one in outcomes if isinstance(one, Claimed)}
        assert len(won) <= (1 if verb == ONCE else 3)
        claims |= won
        if dice.random() < 0.3:
            world.time.move_us(5 * 60 * 1_000_000)
        approval = world.approval(tenant, approval.approval_id)
    assert len(claims) <= 1 or verb == AGAIN, "two runs of what may run once"
    require_one_path(world, approval)


def require_one_path(world: World, approval: Approval) -> None:
    events = world.store.approval_events(approval.tenant, approval.approval_id)
    assert all(after.state in NEXT[before.state] for before, after in pairwise(events))
    assert events[-1].state is approval.state
    found = world.store.records(approval.tenant, RecordFilter(kind=RecordKind.APPROVAL), None, 1_000)
    told = [AuditRecord.FromString(stored.entry.body).approval for stored in reversed(found)]
    assert [(one.event, one.state, one.claim_id) for one in told] == [
        (one.event, one.state.value, one.claim_id) for one in events
    ]
