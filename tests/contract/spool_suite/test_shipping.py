"""What the shipper can rely on."""

import pytest

from sidecar.spool import NotStored, Spool, SpoolLimits
from tests.contract.spool_suite.starting import Start


def numbered(sequence: int) -> bytes:
    return f"record {sequence}".encode()


async def filled(start: Start, count: int) -> Spool:
    spool = await start()
    for _ in range(count):
        await spool.append(numbered, durable=True)
    return spool


async def sequences(spool: Spool, spool_id: str) -> list[int]:
    return [record.sequence for record in await spool.pending(spool_id, 0, 10_000, 2**30)]


async def test_pages_end_at_the_number_or_the_bytes_asked_for_but_hold_a_record_at_least(start: Start) -> None:
    spool = await filled(start, 10)
    name = spool.identity.spool_id
    assert [r.sequence for r in await spool.pending(name, 2, 3, 2**20)] == [3, 4, 5]
    assert [r.sequence for r in await spool.pending(name, 0, 10, 2 * len(numbered(1)))] == [1, 2]
    assert [r.sequence for r in await spool.pending(name, 0, 10, 1)] == [1]
    assert await spool.pending(name, 10, 10, 2**20) == []
    assert await spool.pending(name, 11, 10, 2**20) == []


async def test_an_acknowledgement_deletes_up_to_it_and_no_further(start: Start) -> None:
    spool = await filled(start, 10)
    await spool.acknowledge(spool.identity.spool_id, 4)
    assert await sequences(spool, spool.identity.spool_id) == [5, 6, 7, 8, 9, 10]


async def test_an_old_acknowledgement_changes_nothing(start: Start) -> None:
    spool = await filled(start, 10)
    await spool.acknowledge(spool.identity.spool_id, 4)
    await spool.acknowledge(spool.identity.spool_id, 2)
    assert await sequences(spool, spool.identity.spool_id) == [5, 6, 7, 8, 9, 10]


async def test_an_acknowledgement_of_what_is_not_durable_deletes_nothing(start: Start) -> None:
    spool = await start(SpoolLimits(flush_seconds=3600, flush_records=10**6))
    await spool.append(numbered, durable=True)
    await spool.append(numbered, durable=False)
    for beyond in (2, 3, 2**63, 2**64 - 1):
        with pytest.raises(NotStored):
            await spool.acknowledge(spool.identity.spool_id, beyond)
    assert await sequences(spool, spool.identity.spool_id) == [1]


async def test_a_long_acknowledgement_deletes_all_of_it(start: Start) -> None:
    spool = await filled(start, 1_000)
    await spool.acknowledge(spool.identity.spool_id, 999)
    assert await sequences(spool, spool.identity.spool_id) == [1_000]


async def test_a_start_begins_a_chain_that_names_the_one_before_and_its_end(start: Start) -> None:
    before = (await filled(start, 3)).identity
    spool = await start()
    assert spool.identity.spool_id != before.spool_id
    assert spool.identity.predecessor_id == before.spool_id
    assert spool.identity.predecessor_last_sequence == 3
    assert spool.last_sequence == 0
    assert await spool.append(numbered, durable=True) == 1


async def test_the_end_of_a_chain_is_known_after_all_of_it_was_deleted(start: Start) -> None:
    before = await filled(start, 3)
    await before.acknowledge(before.identity.spool_id, 3)
    spool = await start()
    assert (spool.identity.predecessor_id, spool.identity.predecessor_last_sequence) == (before.identity.spool_id, 3)
    assert await spool.unshipped() == []


async def test_what_earlier_starts_left_is_there_oldest_first_until_it_is_acknowledged(start: Start) -> None:
    first = (await filled(start, 3)).identity
    second = (await filled(start, 2)).identity
    spool = await filled(start, 1)
    assert await spool.unshipped() == [first, second]
    assert await sequences(spool, first.spool_id) == [1, 2, 3]
    assert await sequences(spool, second.spool_id) == [1, 2]
    await spool.acknowledge(first.spool_id, 2)
    assert await spool.unshipped() == [first, second]
    await spool.acknowledge(first.spool_id, 3)
    assert await spool.unshipped() == [second]
    assert await sequences(spool, second.spool_id) == [1, 2]
    with pytest.raises(NotStored):
        await spool.acknowledge(second.spool_id, 3)
    assert await sequences(spool, spool.identity.spool_id) == [1]


async def test_starts_without_a_record_leave_nothing_behind(start: Start) -> None:
    first = (await filled(start, 3)).identity
    for _ in range(5):
        await start()
    spool = await start()
    assert await spool.unshipped() == [first]
    assert (spool.identity.predecessor_id, spool.identity.predecessor_last_sequence) == (first.spool_id, 3)


async def test_a_chain_partly_acknowledged_goes_on_where_it_was(start: Start) -> None:
    before = await filled(start, 5)
    await before.acknowledge(before.identity.spool_id, 2)
    spool = await start()
    assert await sequences(spool, before.identity.spool_id) == [3, 4, 5]


async def test_a_chain_that_is_gone_is_empty_and_may_be_acknowledged_again(start: Start) -> None:
    before = await filled(start, 2)
    spool = await start()
    await spool.acknowledge(before.identity.spool_id, 2)
    await spool.acknowledge(before.identity.spool_id, 2)
    assert await sequences(spool, before.identity.spool_id) == []
