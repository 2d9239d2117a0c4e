"""What whoever records can rely on."""

import asyncio

import pytest

from gatehold.chain import FIRST, link
from sidecar.spool import SpoolFailed, SpoolFull, SpoolLimits
from tests.contract.spool_suite.starting import Start


def numbered(sequence: int) -> bytes:
    return f"record {sequence}".encode()


@pytest.mark.parametrize("durable", [False, True])
async def test_sequences_run_from_one_without_gaps(start: Start, durable: bool) -> None:
    spool = await start()
    assert [await spool.append(numbered, durable=durable) for _ in range(5)] == [1, 2, 3, 4, 5]
    assert spool.last_sequence == 5


async def test_concurrent_appends_are_each_stored_once_in_their_place(start: Start) -> None:
    spool = await start()
    sequences = await asyncio.gather(*(spool.append(numbered, durable=index % 7 == 0) for index in range(1_000)))
    assert sorted(sequences) == list(range(1, 1_001))
    await spool.wait_durable(999)
    stored = await spool.pending(spool.identity.spool_id, 0, 2_000, 2**30)
    assert [(record.sequence, record.record) for record in stored] == [(n, numbered(n)) for n in range(1, 1_001)]


async def test_records_stand_in_a_hash_chain(start: Start) -> None:
    spool = await start()
    for _ in range(4):
        await spool.append(numbered, durable=True)
    expected = FIRST
    for record in await spool.pending(spool.identity.spool_id, 0, 10, 2**20):
        assert record.previous_hash == expected
        expected = link(record.previous_hash, record.record)


async def test_a_durable_append_returns_once_it_is_durable(start: Start) -> None:
    spool = await start(SpoolLimits(flush_seconds=3600, flush_records=10**6))
    await spool.append(numbered, durable=False)
    assert spool.durable_sequence == 0
    sequence = await spool.append(numbered, durable=True)
    assert spool.durable_sequence == sequence == 2


async def test_other_appends_become_durable_by_themselves(start: Start) -> None:
    spool = await start()
    await spool.append(numbered, durable=False)
    assert await spool.wait_durable(0) == 1


async def test_many_appends_become_durable_without_waiting_for_the_clock(start: Start) -> None:
    spool = await start(SpoolLimits(flush_seconds=3600, flush_records=8))
    await asyncio.gather(*(spool.append(numbered, durable=False) for _ in range(8)))
    assert await spool.wait_durable(7) == 8


async def test_what_is_not_durable_is_not_offered_for_shipping(start: Start) -> None:
    spool = await start(SpoolLimits(flush_seconds=3600, flush_records=10**6))
    await spool.append(numbered, durable=True)
    await spool.append(numbered, durable=False)
    pending = await spool.pending(spool.identity.spool_id, 0, 10, 2**20)
    assert [record.sequence for record in pending] == [1]


async def test_a_record_that_cannot_be_made_fails_alone_and_uses_no_sequence(start: Start) -> None:
    spool = await start()

    def unmakable(sequence: int) -> bytes:
        raise RuntimeError("no record")

    outcomes = await asyncio.gather(
        spool.append(numbered, durable=False),
        spool.append(unmakable, durable=True),
        spool.append(numbered, durable=False),
        return_exceptions=True,
    )
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], RuntimeError)
    assert outcomes[2] == 2


async def test_a_full_spool_refuses_and_takes_again_after_an_acknowledgement(start: Start) -> None:
    spool = await start(SpoolLimits(live_bytes=512 * 1024))
    with pytest.raises(SpoolFull):
        for _ in range(100):
            await spool.append(lambda _: bytes(16 * 1024), durable=True)
    full_at = spool.last_sequence
    assert 0 < full_at < 32
    with pytest.raises(SpoolFull):
        await spool.append(lambda _: bytes(16 * 1024), durable=False)
    await spool.acknowledge(spool.identity.spool_id, full_at)
    assert await spool.append(lambda _: bytes(16 * 1024), durable=True) == full_at + 1


async def test_the_records_of_a_full_spool_are_whole(start: Start) -> None:
    spool = await start(SpoolLimits(live_bytes=512 * 1024))
    outcomes = await asyncio.gather(
        *(spool.append(lambda _: bytes(16 * 1024), durable=False) for _ in range(100)), return_exceptions=True
    )
    stored = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert all(isinstance(outcome, int | SpoolFull) for outcome in outcomes)
    spool = await start()
    (chain,) = await spool.unshipped()
    assert [r.sequence for r in await spool.pending(chain.spool_id, 0, 1_000, 2**30)] == stored


async def test_a_queue_that_is_full_refuses(start: Start) -> None:
    spool = await start(SpoolLimits(waiting=10))
    outcomes = await asyncio.gather(*(spool.append(numbered, durable=True) for _ in range(25)), return_exceptions=True)
    assert [outcome for outcome in outcomes if isinstance(outcome, int)] == list(range(1, 11))
    assert sum(isinstance(outcome, SpoolFull) for outcome in outcomes) == 15
    assert await spool.append(numbered, durable=False) == 11


async def test_an_append_that_nobody_waits_for_any_more_is_stored_all_the_same(start: Start) -> None:
    spool = await start()
    abandoned = asyncio.ensure_future(spool.append(numbered, durable=False))
    await asyncio.sleep(0)
    abandoned.cancel()
    assert await spool.append(numbered, durable=True) == 2


async def test_a_closed_spool_stores_what_waited_and_refuses_the_rest(start: Start) -> None:
    spool = await start()
    waiting = [asyncio.ensure_future(spool.append(numbered, durable=False)) for _ in range(50)]
    await asyncio.sleep(0)
    await spool.close()
    assert await asyncio.gather(*waiting) == list(range(1, 51))
    assert spool.durable_sequence == 50
    with pytest.raises(SpoolFailed):
        await spool.append(numbered, durable=False)
    with pytest.raises(SpoolFailed):
        await spool.wait_durable(50)
