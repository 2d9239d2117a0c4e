"""What the agents' own streams of records can rely on."""

import asyncio
import uuid

import pytest

from sidecar.spool import SequenceGap, Spool, SpoolLimits
from tests.contract.spool_suite.starting import Start

STREAM = str(uuid.uuid4())


def numbered(sequence: int) -> bytes:
    return f"record {sequence}".encode()


async def contents(spool: Spool, spool_id: str) -> list[bytes]:
    return [record.record for record in await spool.pending(spool_id, 0, 1_000, 2**30)]


async def test_a_stream_counts_for_itself(start: Start) -> None:
    spool = await start()
    await spool.append(numbered, durable=False)
    assert await spool.append_from_agent(STREAM, 1, numbered) == 1
    assert await spool.append_from_agent(STREAM, 2, numbered) == 2
    assert await spool.agent_sequence(STREAM) == 2
    assert spool.last_sequence == 3


async def test_what_is_acknowledged_is_durable(start: Start) -> None:
    spool = await start(SpoolLimits(flush_seconds=3600, flush_records=10**6))
    await spool.append_from_agent(STREAM, 1, numbered)
    assert spool.durable_sequence == 1


async def test_a_record_that_comes_again_is_acknowledged_and_not_stored_again(start: Start) -> None:
    spool = await start()
    for _ in range(3):
        assert await spool.append_from_agent(STREAM, 1, numbered) == 1
    assert spool.last_sequence == 1


async def test_a_skipped_sequence_is_refused_and_nothing_stored(start: Start) -> None:
    spool = await start()
    await spool.append_from_agent(STREAM, 1, numbered)
    with pytest.raises(SequenceGap) as refused:
        await spool.append_from_agent(STREAM, 3, numbered)
    assert refused.value.expected == 2
    assert (await spool.agent_sequence(STREAM), spool.last_sequence) == (1, 1)


async def test_a_record_that_cannot_be_made_does_not_count(start: Start) -> None:
    spool = await start()

    def unmakable(sequence: int) -> bytes:
        raise RuntimeError("no record")

    with pytest.raises(RuntimeError):
        await spool.append_from_agent(STREAM, 1, unmakable)
    assert await spool.agent_sequence(STREAM) == 0
    assert await spool.append_from_agent(STREAM, 1, numbered) == 1


async def test_records_sent_at_once_are_stored_in_order_each_once(start: Start) -> None:
    spool = await start()
    sent = [number for number in range(1, 101) for _ in range(2)]
    await asyncio.gather(*(spool.append_from_agent(STREAM, number, numbered) for number in sent))
    assert (await spool.agent_sequence(STREAM), spool.last_sequence) == (100, 100)


async def test_a_stream_goes_on_after_the_next_start(start: Start) -> None:
    before = await start()
    await before.append_from_agent(STREAM, 1, lambda _: b"first")
    await before.append_from_agent(STREAM, 2, lambda _: b"second")
    spool = await start()
    assert await spool.agent_sequence(STREAM) == 2
    assert await spool.append_from_agent(STREAM, 2, lambda _: b"second") == 2
    assert await spool.append_from_agent(STREAM, 3, lambda _: b"third") == 3
    assert await contents(spool, before.identity.spool_id) == [b"first", b"second"]
    assert await contents(spool, spool.identity.spool_id) == [b"third"]


async def test_streams_do_not_mix(start: Start) -> None:
    spool = await start()
    await spool.append_from_agent(STREAM, 1, numbered)
    with pytest.raises(SequenceGap):
        await spool.append_from_agent(str(uuid.uuid4()), 2, numbered)


async def test_only_so_many_streams_are_remembered_the_least_used_going_first(start: Start) -> None:
    spool = await start(SpoolLimits(agent_streams=3))
    old, busy, *others = (str(uuid.uuid4()) for _ in range(4))
    for stream in (old, busy, others[0]):
        await spool.append_from_agent(stream, 1, numbered)
    await spool.append_from_agent(busy, 2, numbered)
    await spool.append_from_agent(others[1], 1, numbered)
    known = {stream: await spool.agent_sequence(stream) for stream in (old, busy, *others)}
    assert known == {old: 0, busy: 2, others[0]: 1, others[1]: 1}
