"""A change returns when no answer from before it can be given any more."""

import asyncio
from pathlib import Path

import grpc
import pytest

from pdp.fleet.leases import SECOND_NS
from tests.integration.change_harness import HOLD_NS, TENANT, DecisionPoint, ScriptedSidecar, decision_point, eventually

BLOCK = "{id: block-all, verbMatchers: [{type: any}], action: block}"
ALLOW = "{id: allow-all, verbMatchers: [{type: any}], action: allow}"


async def leased_sidecar(pdp: DecisionPoint, revision: int = 1) -> ScriptedSidecar:
    sidecar = pdp.sidecar()
    assert await sidecar.leased() == revision
    return sidecar


async def test_a_change_without_sidecars_takes_force_at_once(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        response = await pdp.apply(BLOCK)
        assert response.revision == pdp.revision() == pdp.store.head(TENANT).revision == 2
        assert [change.object for change in response.changes] == ["policy/block-all"]
        assert "block-all" in pdp.registry.current(TENANT).policies.policies


async def test_a_change_waits_for_the_acknowledgement(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = await leased_sidecar(pdp)
        applying = asyncio.create_task(pdp.apply(BLOCK))
        assert await sidecar.invalidated() == 2

        assert await sidecar.leased() == 0, "granted a lease while a change was prepared"
        assert pdp.store.head(TENANT).prepared == 2
        assert not applying.done()
        assert pdp.revision() == 1

        await sidecar.acknowledge(2)
        assert (await applying).revision == 2
        assert await sidecar.granted() == 2


async def test_an_acknowledgement_of_another_process_or_revision_does_not_count(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        first, second = await leased_sidecar(pdp), await leased_sidecar(pdp)
        applying = asyncio.create_task(pdp.apply(BLOCK))
        assert await first.invalidated() == await second.invalidated() == 2
        await second.acknowledge(2)
        await first.acknowledge(1)
        await first.acknowledge(3)
        assert await first.leased() == 0  # what was written before it has been read
        assert await second.leased() == 0
        pdp.clock.now_ns += SECOND_NS
        assert await first.invalidated() == 2, "is told no more"
        assert not applying.done()
        assert pdp.revision() == 1
        await first.acknowledge(2)
        assert (await applying).revision == 2


async def test_a_change_waits_out_a_lease_that_nobody_gives_up(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = await leased_sidecar(pdp)
        applying = asyncio.create_task(pdp.apply(BLOCK))
        assert await sidecar.invalidated() == 2
        pdp.clock.now_ns += HOLD_NS - 1
        assert await sidecar.invalidated() == 2, "is told only once"
        assert not applying.done()
        assert pdp.revision() == 1
        pdp.clock.now_ns += 1
        assert (await applying).revision == 2


async def test_a_lease_that_ended_before_needs_no_acknowledgement(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        await leased_sidecar(pdp)
        pdp.clock.now_ns += HOLD_NS
        assert (await pdp.apply(BLOCK)).revision == 2


async def test_a_caller_that_goes_away_does_not_end_a_prepared_change(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = await leased_sidecar(pdp)
        lost = asyncio.create_task(pdp.apply(BLOCK))
        assert await sidecar.invalidated() == 2
        lost.cancel()
        await sidecar.acknowledge(2)
        await eventually(lambda: pdp.revision() == 2)
        assert "block-all" in pdp.registry.current(TENANT).policies.policies


async def test_changes_at_once_are_made_one_after_the_other(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = await leased_sidecar(pdp)
        applying = [asyncio.create_task(pdp.apply(BLOCK)), asyncio.create_task(pdp.apply(ALLOW))]
        assert await sidecar.invalidated() == 2
        await sidecar.acknowledge(2)
        responses = await asyncio.gather(*applying)
        assert sorted(response.revision for response in responses) == [2, 3]
        assert pdp.revision() == 3


async def test_a_new_stream_of_a_sidecar_is_told_of_a_prepared_change(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = await leased_sidecar(pdp)
        applying = asyncio.create_task(pdp.apply(BLOCK))
        assert await sidecar.invalidated() == 2
        sidecar.stream.cancel()
        again = pdp.sidecar()
        again.nonce = sidecar.nonce
        assert await again.leased() == 0
        await again.acknowledge(2)
        assert (await applying).revision == 2


@pytest.mark.parametrize(
    "documents", [["{id: x, action: block}"], ["- ["], ["{id: builtin.x, verb: 'a:b', action: block}"]]
)
async def test_what_does_not_load_changes_nothing(tmp_path: Path, documents: list[str]) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = await leased_sidecar(pdp)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await pdp.apply(*documents)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert str(refused.value.details()).startswith("0.yaml:")
        assert pdp.store.head(TENANT).prepared is None
        assert await sidecar.leased() == 1
