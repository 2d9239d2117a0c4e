"""A decision point that starts knows nothing of the leases that the one before it granted."""

import asyncio
from pathlib import Path

import grpc
import pytest

from pdp.fleet.errors import DifferentPolicies
from pdp.fleet.seeding import seed
from tests.integration.change_harness import HOLD_NS, TENANT, ManualClock, decision_point

BLOCK = "{id: block-all, verbMatchers: [{type: any}], action: block}"
ALLOW = "{id: allow-all, verbMatchers: [{type: any}], action: allow}"


async def test_a_prepared_change_is_finished_after_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    async with decision_point(tmp_path, clock) as pdp:
        sidecar = pdp.sidecar()
        assert await sidecar.leased() == 1
        applying = asyncio.create_task(pdp.apply(BLOCK, request_id="r1"))
        assert await sidecar.invalidated() == 2
        applying.add_done_callback(lambda task: task.exception())

    async with decision_point(tmp_path, clock) as pdp:
        assert pdp.revision() == 1
        assert pdp.store.head(TENANT).prepared == 2
        sidecar = pdp.sidecar()
        assert await sidecar.leased() == 0, "granted a lease while a change was prepared"
        again = asyncio.create_task(pdp.apply(BLOCK, request_id="r1"))
        await sidecar.acknowledge(2)
        clock.now_ns += HOLD_NS - 1
        assert await sidecar.invalidated() == 2
        assert pdp.revision() == 1, "took an acknowledgement for all while leases from before could be live"
        clock.now_ns += 1
        assert (await again).revision == 2
        assert await sidecar.granted() == 2


async def test_an_empty_fleet_proves_nothing_until_earlier_leases_are_over(tmp_path: Path) -> None:
    clock = ManualClock()
    async with decision_point(tmp_path, clock):
        pass
    async with decision_point(tmp_path, clock) as pdp:
        listener = pdp.sidecar()
        applying = asyncio.create_task(pdp.apply(BLOCK))
        await listener.ask()
        clock.now_ns += HOLD_NS - 1
        assert await listener.invalidated() == 2
        assert not applying.done()
        assert pdp.revision() == 1
        clock.now_ns += 1
        assert (await applying).revision == 2


async def test_what_decided_before_a_restart_decides_after_it(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        await pdp.apply(BLOCK, ALLOW)
        before = pdp.registry.current(TENANT)
    async with decision_point(tmp_path) as pdp:
        after = pdp.registry.current(TENANT)
        assert after.revision == before.revision == 2
        assert dict(after.policies.policies) == dict(before.policies.policies)
        assert after.catalog == before.catalog


async def test_whoever_waits_when_it_stops_is_told_so(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = pdp.sidecar()
        assert await sidecar.leased() == 1
        applying = asyncio.create_task(pdp.apply(BLOCK))
        assert await sidecar.invalidated() == 2
        await pdp.changes.stop()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await applying
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        assert pdp.store.head(TENANT).prepared == 2


async def test_an_empty_store_is_seeded_at_once_and_on_the_record(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        await seed(pdp.changes, TENANT, [(BLOCK, "seed.yaml")], apply=False, actor="start")
        assert pdp.revision() == 2
        assert pdp.store.revision(TENANT, 2).actor == "start"
        await seed(pdp.changes, TENANT, [(BLOCK, "seed.yaml")], apply=False, actor="start")
        assert pdp.revision() == 2, "the same policies made a revision"


async def test_other_policies_than_those_in_force_need_a_word(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        await pdp.apply(BLOCK)
        with pytest.raises(DifferentPolicies, match="policy/allow-all"):
            await seed(pdp.changes, TENANT, [(ALLOW, "seed.yaml")], apply=False, actor="start")
        assert pdp.revision() == 2
        await seed(pdp.changes, TENANT, [(ALLOW, "seed.yaml")], apply=True, actor="start")
        assert set(pdp.registry.current(TENANT).policies.policies) == {"allow-all"}
