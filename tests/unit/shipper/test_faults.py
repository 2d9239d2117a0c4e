"""Records on their way to a decision point that is away, forgets, or talks nonsense: none lost, none twice."""

import asyncio
import dataclasses
from functools import partial
from pathlib import Path

import grpc
import pytest

from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from sidecar.shipper import Shipper
from sidecar.shipper.stream import RecordAuditCall
from sidecar.spool import Spool, open_spool
from tests.fakes.recording_pdp import RecordingPdp
from tests.unit.shipper.running import QUICK, kept, numbered, numbers, record, shipping


async def test_records_wait_for_a_decision_point_that_is_away(spool: Spool, pdp: RecordingPdp) -> None:
    await pdp.kill()
    await record(spool, 300)
    async with shipping(spool, pdp) as shipper:
        assert not await shipper.drain(0.05)
        assert await kept(spool) == list(range(1, 301))
        await pdp.start()
        assert await shipper.drain(60)
    assert pdp.records(spool.identity.spool_id) == numbers(300)


async def test_a_decision_point_killed_again_and_again_gets_every_record_once(spool: Spool, pdp: RecordingPdp) -> None:
    name = spool.identity.spool_id
    async with shipping(spool, pdp) as shipper:

        def arrived(count: int) -> bool:
            return len(pdp.records(name)) >= count

        appending = asyncio.gather(*(record(spool, 400) for _ in range(5)))
        for seen in (1, 300, 900):
            await pdp.wait_for(partial(arrived, seen))
            await pdp.kill()
            await pdp.start()
        await appending
        assert await shipper.drain(60)
    assert pdp.records(name) == numbers(2_000)
    assert await kept(spool) == []


async def test_records_whose_acknowledgement_was_lost_are_stored_once(spool: Spool, pdp: RecordingPdp) -> None:
    pdp.swallow = 3
    await record(spool, 1_000)
    async with shipping(spool, pdp) as shipper:
        assert await shipper.drain(60)
    assert pdp.opened == 4
    assert pdp.records(spool.identity.spool_id) == numbers(1_000)


async def test_records_are_sent_again_until_they_are_acknowledged(spool: Spool, pdp: RecordingPdp) -> None:
    name = spool.identity.spool_id
    pdp.answer = lambda _: 0
    await record(spool, 10)
    async with shipping(spool, pdp, dataclasses.replace(QUICK, answer_seconds=0.05)) as shipper:
        await pdp.wait_for(lambda: pdp.opened >= 3)
        assert await kept(spool) == list(range(1, 11))
        pdp.answer = lambda sequence: sequence
        assert await shipper.drain(60)
    assert pdp.batches[:2] == [10, 10]
    assert pdp.records(name) == numbers(10)


@pytest.mark.parametrize("beyond", [1, 700, 2**63, 2**64 - 1])
async def test_an_acknowledgement_of_what_was_not_sent_deletes_nothing(
    spool: Spool, pdp: RecordingPdp, beyond: int
) -> None:
    name = spool.identity.spool_id
    pdp.answer = lambda sequence: min(sequence + beyond, 2**64 - 1)
    await record(spool, 1_000)
    async with shipping(spool, pdp, dataclasses.replace(QUICK, answer_seconds=0.05)) as shipper:
        await pdp.wait_for(lambda: pdp.opened >= 4)
        assert set(range(257, 1_001)) <= set(await kept(spool))
        pdp.answer = lambda sequence: sequence
        assert await shipper.drain(60)
    assert pdp.records(name) == numbers(1_000)


async def test_of_an_earlier_chain_no_more_is_deleted_than_it_held(tmp_path: Path, pdp: RecordingPdp) -> None:
    before = await open_spool(tmp_path / "spool")
    await record(before, 10)
    await before.close()
    spool = await open_spool(tmp_path / "spool")
    pdp.answer = lambda sequence: sequence + 11
    async with shipping(spool, pdp, dataclasses.replace(QUICK, answer_seconds=0.05)) as shipper:
        await pdp.wait_for(lambda: pdp.opened >= 3)
        assert await kept(spool, before.identity.spool_id) == list(range(1, 11))
        pdp.answer = lambda sequence: sequence
        assert await shipper.drain(60)
    assert pdp.records(before.identity.spool_id) == numbers(10)
    await spool.close()


@pytest.mark.parametrize(
    "status",
    [
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.INTERNAL,
    ],
)
async def test_refused_records_are_kept_and_tried_again(
    spool: Spool, pdp: RecordingPdp, status: grpc.StatusCode
) -> None:
    pdp.refuse_with = status
    await record(spool, 10)
    async with shipping(spool, pdp) as shipper:
        await pdp.wait_for(lambda: pdp.opened >= 3)
        assert await kept(spool) == list(range(1, 11))
        pdp.refuse_with = None
        assert await shipper.drain(60)
    assert pdp.records(spool.identity.spool_id) == numbers(10)


async def test_a_decision_point_that_stalls_has_one_batch_in_flight(spool: Spool, pdp: RecordingPdp) -> None:
    pdp.taking.clear()
    await record(spool, 3_000)
    async with shipping(spool, pdp) as shipper:
        await pdp.wait_for(lambda: pdp.opened == 1)
        assert not await shipper.drain(0.05)
        assert len(await kept(spool)) == 3_000
        pdp.taking.set()
        assert await shipper.drain(60)
    assert pdp.records(spool.identity.spool_id) == numbers(3_000)


async def test_a_decision_point_that_falls_silent_is_asked_anew(spool: Spool, pdp: RecordingPdp) -> None:
    pdp.taking.clear()
    await record(spool, 10)
    async with shipping(spool, pdp, dataclasses.replace(QUICK, answer_seconds=0.05)) as shipper:
        await pdp.wait_for(lambda: pdp.opened >= 3)
        pdp.taking.set()
        assert await shipper.drain(60)
    assert pdp.records(spool.identity.spool_id) == numbers(10)


async def test_a_decision_point_that_lost_what_it_had_gets_no_gap(spool: Spool, pdp: RecordingPdp) -> None:
    name = spool.identity.spool_id
    async with shipping(spool, pdp) as shipper:
        await record(spool, 5)
        assert await shipper.drain(60)
        await pdp.kill()
        lost = pdp.chains.pop(name)
        await pdp.start()
        await record(spool, 5)
        opened = pdp.opened
        await pdp.wait_for(lambda: pdp.opened >= opened + 3)
        assert pdp.records(name) == []
        assert await kept(spool) == [6, 7, 8, 9, 10]
        pdp.chains[name] = lost
        assert await shipper.drain(60)
    assert pdp.records(name) == numbers(10)


async def test_a_connection_closed_by_this_side_is_replaced(spool: Spool, pdp: RecordingPdp) -> None:
    channels: list[grpc.aio.Channel] = []

    def connect() -> RecordAuditCall:
        channels.append(pdp.channel())
        return DecisionPointServiceStub(channels[-1]).RecordAudit()

    shipper = Shipper(spool, connect, QUICK)
    task = asyncio.create_task(shipper.run())
    pdp.taking.clear()
    await spool.append(numbered, durable=True)
    await pdp.wait_for(lambda: pdp.opened == 1)
    await channels[0].close()
    pdp.taking.set()
    assert await shipper.drain(60)
    await channels[-1].close()
    await spool.append(numbered, durable=True)
    assert await shipper.drain(60)
    assert pdp.records(spool.identity.spool_id) == numbers(2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.gather(*(channel.close() for channel in channels))
