"""Records on their way to a decision point that works."""

from pathlib import Path

import pytest

from sidecar.shipper import ShippingPace
from sidecar.shipper.pace import Backoff
from sidecar.spool import Spool, SpoolLimits, open_spool
from tests.fakes.recording_pdp import RecordingPdp
from tests.unit.shipper.running import kept, numbered, numbers, record, shipping


async def test_every_record_arrives_once_in_order_and_is_deleted(spool: Spool, pdp: RecordingPdp) -> None:
    async with shipping(spool, pdp) as shipper:
        await record(spool, 1_000)
        assert await shipper.drain(60)
    assert pdp.records(spool.identity.spool_id) == numbers(1_000)
    assert await kept(spool) == []


async def test_what_is_recorded_later_follows_on_the_same_stream(spool: Spool, pdp: RecordingPdp) -> None:
    async with shipping(spool, pdp) as shipper:
        for count in (1, 2, 3):
            await record(spool, count)
            assert await shipper.drain(60)
    assert pdp.records(spool.identity.spool_id) == numbers(6)
    assert pdp.opened == 1


async def test_batches_keep_to_the_protocol(spool: Spool, pdp: RecordingPdp) -> None:
    await record(spool, 1_000)
    async with shipping(spool, pdp) as shipper:
        assert await shipper.drain(60)
    assert pdp.batches == [256, 256, 256, 232]


async def test_large_records_travel_in_small_batches(spool: Spool, pdp: RecordingPdp) -> None:
    for _ in range(4):
        await spool.append(lambda sequence: bytes([sequence]) * 400, durable=True)
    async with shipping(spool, pdp, ShippingPace(batch_bytes=1_000)) as shipper:
        assert await shipper.drain(60)
    assert pdp.batches == [2, 2]


async def test_earlier_chains_go_first_and_each_is_named_with_the_one_before(tmp_path: Path, pdp: RecordingPdp) -> None:
    chains = []
    for count in (3, 300, 2):
        spool = await open_spool(tmp_path / "spool")
        chains.append(spool.identity)
        await record(spool, count)
        await spool.close()
    spool = await open_spool(tmp_path / "spool")
    await record(spool, 4)
    async with shipping(spool, pdp) as shipper:
        assert await shipper.drain(60)
    assert list(pdp.chains) == [*(chain.spool_id for chain in chains), spool.identity.spool_id]
    assert [len(chain.records) for chain in pdp.chains.values()] == [3, 300, 2, 4]
    named = [(chain.spool.predecessor_id, chain.spool.predecessor_last_sequence) for chain in pdp.chains.values()]
    assert named == [("", 0), (chains[0].spool_id, 3), (chains[1].spool_id, 300), (chains[2].spool_id, 2)]
    assert await spool.unshipped() == []
    await spool.close()


async def test_what_is_not_fsynced_is_not_shipped(tmp_path: Path, pdp: RecordingPdp) -> None:
    spool = await open_spool(tmp_path / "spool", SpoolLimits(flush_seconds=3600, flush_records=10**6))
    await spool.append(numbered, durable=True)
    await spool.append(numbered, durable=False)
    async with shipping(spool, pdp) as shipper:
        await pdp.wait_for(lambda: pdp.records(spool.identity.spool_id) == numbers(1))
        await spool.append(numbered, durable=True)
        assert await shipper.drain(60)
    assert pdp.batches == [1, 2]
    await spool.close()


async def test_there_is_nothing_to_drain_where_nothing_was_recorded(spool: Spool, pdp: RecordingPdp) -> None:
    await pdp.kill()
    async with shipping(spool, pdp) as shipper:
        assert await shipper.drain(60)


def test_waits_double_up_to_the_last_and_begin_again() -> None:
    backoff = Backoff(0.1, 1.0)
    due = [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    for expected in (*due, None, *due):
        if expected is None:
            backoff.reset()
            continue
        assert expected / 2 <= backoff.wait() <= expected


def test_waits_differ_between_processes() -> None:
    assert len({Backoff(1.0, 1.0).wait() for _ in range(20)}) > 1


@pytest.mark.parametrize("count", [1, 256, 257])
async def test_a_batch_may_be_full_or_not(spool: Spool, pdp: RecordingPdp, count: int) -> None:
    await record(spool, count)
    async with shipping(spool, pdp) as shipper:
        assert await shipper.drain(60)
    assert pdp.records(spool.identity.spool_id) == numbers(count)
