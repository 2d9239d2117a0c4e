"""Listing and tailing the record."""

import asyncio
import base64

import pytest

from gatehold.invalid import InvalidInput
from gatehold.vocabulary import Decision, RecordKind
from pdp.audit.errors import SlowConsumer
from pdp.audit.log import AuditLog
from pdp.audit.tail import Tails, matches
from pdp.store.interface import Store
from pdp.store.model import RecordFilter, StoredRecord
from tests.contract.store_suite.chains import entry
from tests.unit.audit.conftest import ALL, SHIPPER, SidecarSpool, activity, decision

REFUNDS = RecordFilter(verb="stripe:create_refund")


async def fill(audit: AuditLog, count: int, **of: str) -> None:
    for _ in range(count):
        await audit.record(decision(**of))


async def all_pages(audit: AuditLog, where: RecordFilter, size: int) -> list[list[int]]:
    pages: list[list[int]] = []
    token = ""
    while not pages or token:
        page = await audit.list("acme", where, size, token)
        pages.append([stored.entry.sequence for stored in page.records])
        token = page.next_page_token
        await audit.record(decision())  # pages stay put while records come
    return pages


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [2, 2, 1])])
async def test_pages_are_full_newest_first_and_end(audit: AuditLog, count: int, sizes: list[int]) -> None:
    await fill(audit, count)
    pages = await all_pages(audit, REFUNDS, 2)
    assert [len(page) for page in pages] == sizes
    assert [sequence for page in pages for sequence in page] == list(range(count, 0, -1))


async def test_sizes_have_a_default_and_a_bound(audit: AuditLog) -> None:
    await asyncio.gather(*(audit.record(decision()) for _ in range(1_001)))
    assert len((await audit.list("acme", ALL, 0, "")).records) == 100
    assert len((await audit.list("acme", ALL, 5_000, "")).records) == 1_000
    with pytest.raises(InvalidInput) as refused:
        await audit.list("acme", ALL, -1, "")
    assert refused.value.field == "page_size"


async def large(audit: AuditLog, *sizes: int) -> None:
    for size in sizes:
        await audit.record(activity("x" * size))


async def test_a_page_holds_a_mebibyte_and_one_record_at_least(audit: AuditLog) -> None:
    await large(audit, 1_500_000, *[300_000] * 40)
    pages, token = [], ""
    while not pages or token:
        page = await audit.list("acme", ALL, 1_000, token)
        pages.append([stored.entry.sequence for stored in page.records])
        token = page.next_page_token
    assert [sequence for page in pages for sequence in page] == list(range(41, 0, -1))
    assert [len(page) for page in pages] == [3] * 13 + [1, 1]


async def test_the_earlier_records_of_a_tail_are_a_mebibyte_at_most(audit: AuditLog) -> None:
    await large(audit, *[300_000] * 10)
    async with audit.tail("acme", ALL, backlog=1_000) as records:
        assert (await anext(records)).entry.sequence == 8


async def test_a_token_is_good_for_its_listing_alone(audit: AuditLog) -> None:
    await fill(audit, 3)
    token = (await audit.list("acme", ALL, 1, "")).next_page_token
    forged = base64.urlsafe_b64encode(base64.urlsafe_b64decode(token)[:8] + b"\xff" * 8).decode()
    for where, wrong in (
        (REFUNDS, token),
        (ALL, token[:-4]),
        (ALL, "x"),
        (ALL, "é"),
        (ALL, token + "\n"),
        (ALL, forged),
    ):
        with pytest.raises(InvalidInput) as refused:
            await audit.list("acme", where, 1, wrong)
        assert refused.value.field == "page_token"


async def test_a_tail_gives_the_last_and_then_what_comes_without_a_hole(audit: AuditLog) -> None:
    await fill(audit, 5)
    seen = []
    writing = asyncio.create_task(fill(audit, 20))
    async with audit.tail("acme", ALL, backlog=3) as records:
        async for stored in records:
            seen.append(stored.entry.sequence)
            if seen[-1] == 25:
                break
    await writing
    assert seen == list(range(seen[0], 26))
    assert seen[0] >= 3


async def test_a_record_that_is_among_the_earlier_ones_and_told_of_after_comes_once() -> None:
    tails = Tails()
    subscription = tails.subscribe("acme", ALL)
    read, new = (StoredRecord(position, entry("s-1")) for position in (5, 6))
    tails.publish([read, new])
    tails.close()
    assert [stored async for stored in subscription.records([read])] == [read, new]


async def test_a_tail_gives_its_tenants_matching_records_of_every_spool(audit: AuditLog) -> None:
    async with audit.tail("acme", RecordFilter(agent="dev")) as records:
        await fill(audit, 1, tenant="globex")
        await fill(audit, 1, agent="ops")
        await fill(audit, 1)
        intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
        await intake.append(SidecarSpool("s-1").make(1))
        found = [(await anext(records)).entry.spool_id for _ in range(2)]
    assert found == [audit.spool_id, "s-1"]


async def test_a_slow_tail_is_cut_off_and_delays_nobody(store: Store) -> None:
    audit = AuditLog(store, tail_capacity=3)
    await audit.start()
    async with audit.tail("acme", ALL) as slow, audit.tail("acme", ALL) as prompt:
        for sequence in range(1, 8):
            await audit.record(decision())
            assert (await anext(prompt)).entry.sequence == sequence
        assert [(await anext(slow)).entry.sequence for _ in range(3)] == [1, 2, 3]
        with pytest.raises(SlowConsumer):
            await anext(slow)
    await audit.close()


async def test_a_tail_ends_with_the_record(audit: AuditLog) -> None:
    async with audit.tail("acme", ALL, backlog=5) as records:
        await fill(audit, 1)
        assert (await anext(records)).entry.sequence == 1
        await audit.close()
        assert [stored async for stored in records] == []


@pytest.mark.parametrize(
    ("where", "matching"),
    [
        (RecordFilter(), True),
        (RecordFilter(agent="dev", verb="stripe:create_refund", kind=RecordKind.DECISION), True),
        (RecordFilter(agent="ops"), False),
        (RecordFilter(verb="x:y"), False),
        (RecordFilter(kind=RecordKind.ALARM), False),
        (RecordFilter(decision=Decision.ALLOW), True),
        (RecordFilter(decision=Decision.BLOCK), False),
    ],
)
def test_a_tail_filters_as_a_listing_does(where: RecordFilter, matching: bool) -> None:
    assert matches(where, entry("s-1")) is matching


def test_times_are_from_and_before() -> None:
    made = entry("s-1")
    assert matches(RecordFilter(since_us=made.time_us, until_us=made.time_us + 1), made)
    assert not matches(RecordFilter(since_us=made.time_us + 1), made)
    assert not matches(RecordFilter(until_us=made.time_us), made)
