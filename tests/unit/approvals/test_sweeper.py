"""Time acts on approvals that nobody looks at."""

import asyncio

import pytest

from gatehold.vocabulary import ApprovalState
from pdp.approvals import sweeper as room
from pdp.approvals.sweeper import Sweeper
from pdp.store.approval import Approval
from pdp.store.errors import Unavailable
from tests.unit.approvals.world import ONCE, World, gate

HALF_AN_HOUR_US = 30 * 60 * 1_000_000


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_LOOK_SECONDS", 0.001)


def swept(world: World, sweeper: Sweeper, *approvals: Approval) -> None:
    """Runs it until all have expired."""

    async def wait() -> None:
        with world.watches.open("c", approvals[-1].tenant) as watch:
            task = asyncio.create_task(sweeper.run())
            seen: set[str] = set()
            while not seen >= {one.approval_id for one in approvals}:
                seen.update(await watch.changed())
            task.cancel()

    world.run(asyncio.wait_for(wait(), 10))
    states = {world.approval(one.tenant, one.approval_id).state for one in approvals}
    assert states == {ApprovalState.EXPIRED}


def test_each_tenants_approvals_expire_and_those_who_watch_are_told(world: World) -> None:
    first = world.request(world.tenant(gate(ONCE)), {})
    second = world.request(world.tenant(gate(ONCE)), {})
    world.time.move_us(HALF_AN_HOUR_US)
    swept(world, Sweeper(world.keeper, lambda: [first.tenant]), first)
    assert world.approval(second.tenant, second.approval_id).state is ApprovalState.PENDING
    swept(world, Sweeper(world.keeper, lambda: [first.tenant, second.tenant]), second)


def test_a_failed_look_is_not_the_last(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {})
    world.time.move_us(HALF_AN_HOUR_US)
    failures = [Unavailable("no room"), RuntimeError("a bug"), *[None] * 1_000]
    due = world.store.due_approvals

    def failing(tenant: str, limit: int) -> list[str]:
        if error := failures.pop(0):
            raise error
        return due(tenant, limit)

    monkeypatch.setattr(world.store, "due_approvals", failing)
    swept(world, Sweeper(world.keeper, lambda: [approval.tenant]), approval)
