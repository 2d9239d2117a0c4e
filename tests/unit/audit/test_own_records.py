"""The decision point's own records, agents' streams, and changes that are recorded as they happen."""

import asyncio

import pytest

from gatehold import chain
from gatehold.invalid import InvalidInput
from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.vocabulary import Decision, RecordKind
from pdp.audit.errors import SequenceGap
from pdp.audit.log import AuditLog
from pdp.audit.records import change_records
from pdp.store.errors import NotPrepared, Unavailable
from pdp.store.interface import Store
from pdp.store.model import LogEntry, NewRevision, ObjectChange, StoredRecord
from tests.unit.audit.conftest import Listing, activity, decision

CHANGES = (ObjectChange("policy/a", "", "{}"), ObjectChange("policy/b", "{}", ""))
NEW = NewRevision("acme", "", "", "[1]", "[]", "[]", "alice", "why", CHANGES)


def verified(entries: list[LogEntry]) -> list[int]:
    """The sequences of one spool, whose chain holds and whose bytes say what its columns say."""
    expected = chain.FIRST
    for place, entry in enumerate(entries, start=1):
        record = AuditRecord.FromString(entry.body)
        assert (entry.sequence, entry.previous_hash) == (place, expected)
        assert (record.spool_id, record.sequence, record.record_id) == (entry.spool_id, place, entry.record_id)
        assert record.record_time.ToMicroseconds() == entry.time_us
        expected = chain.link(expected, entry.body)
    return [entry.sequence for entry in entries]


async def test_a_record_is_committed_when_it_returns(audit: AuditLog, listed: Listing) -> None:
    await audit.record(decision())
    (entry,) = listed()
    assert (entry.kind, entry.decision, entry.verb) == (RecordKind.DECISION, Decision.ALLOW, "stripe:create_refund")
    assert entry.spool_id == audit.spool_id


async def test_concurrent_records_share_commits_in_one_chain(audit: AuditLog, store: Store, listed: Listing) -> None:
    commits = []
    append = store.append
    store.append = lambda *args, **more: commits.append(len(args[0])) or append(*args, **more)  # type: ignore[method-assign, func-returns-value]
    await asyncio.gather(*(audit.record(decision()) for _ in range(600)))
    assert verified(listed()) == list(range(1, 601))
    assert len(commits) < 60
    assert max(commits) <= 256


async def test_each_tenant_has_a_chain_of_its_own(audit: AuditLog, listed: Listing) -> None:
    await asyncio.gather(*(audit.record(decision(tenant)) for tenant in ("acme", "globex") * 5))
    assert verified(listed()) == verified(listed(tenant="globex")) == [1, 2, 3, 4, 5]


async def test_each_start_opens_a_spool_that_names_the_one_before(audit: AuditLog, store: Store) -> None:
    await asyncio.gather(*(audit.record(decision()) for _ in range(3)))
    again = AuditLog(store)
    await again.start()
    await again.record(decision())
    await again.close()
    spool = store.spool("acme", again.spool_id)
    assert spool is not None
    assert (spool.predecessor_id, spool.predecessor_last_sequence, spool.committed_sequence) == (audit.spool_id, 3, 1)


@pytest.mark.parametrize("missing", ["record_id", "record_time", "kind", "decision"])
async def test_a_record_that_lacks_something_is_refused_alone(audit: AuditLog, listed: Listing, missing: str) -> None:
    incomplete = decision()
    incomplete.ClearField(missing)
    outcomes = await asyncio.gather(
        audit.record(decision()), audit.record(incomplete), audit.record(decision()), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), InvalidInput, type(None)]
    assert verified(listed()) == [1, 2]


async def test_a_caller_that_goes_away_takes_nothing_with_it(audit: AuditLog, listed: Listing) -> None:
    callers = [asyncio.create_task(audit.record(decision())) for _ in range(5)]
    await asyncio.sleep(0)
    callers[2].cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await audit.record(decision())
    assert verified(listed()) == [1, 2, 3, 4, 5, 6]


async def test_more_than_can_wait_are_refused_and_the_others_stored(audit: AuditLog, listed: Listing) -> None:
    outcomes = await asyncio.gather(*(audit.record(decision()) for _ in range(10_010)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [Unavailable] * 10
    assert audit.gate.open
    await audit.record(decision())
    assert listed()[-1].sequence == 10_001


async def test_a_change_and_its_records_are_one(audit: AuditLog, store: Store, listed: Listing) -> None:
    revision = store.prepare(NEW, None).revision
    records = change_records("acme", revision, CHANGES, "alice", "why")
    await audit.record(decision())
    await audit.record_with(records, lambda entries: store.flip("acme", revision, entries))
    await audit.record(decision())
    assert store.head("acme").revision == revision
    found = listed()
    assert verified(found) == [1, 2, 3, 4]
    details = [AuditRecord.FromString(entry.body).change for entry in found[1:3]]
    assert [(one.object, one.actor, one.reason, one.revision) for one in details] == [
        ("policy/a", "alice", "why", revision),
        ("policy/b", "alice", "why", revision),
    ]


async def test_a_change_that_fails_leaves_no_hole(audit: AuditLog, store: Store, listed: Listing) -> None:
    records = change_records("acme", 2, CHANGES, "alice", "why")
    outcomes = await asyncio.gather(
        *(audit.record(decision()) for _ in range(3)),
        audit.record_with(records, lambda entries: store.flip("acme", 2, entries)),
        *(audit.record(decision()) for _ in range(3)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes if outcome] == [NotPrepared]
    await audit.record(decision())
    assert verified(listed()) == list(range(1, 8))
    assert audit.gate.open


async def test_a_commit_of_unknown_outcome_leaves_no_hole(audit: AuditLog, store: Store, listed: Listing) -> None:
    def stored_and_failed(entries: tuple[LogEntry, ...]) -> tuple[StoredRecord, ...]:
        store.append(entries)
        raise NotPrepared("after the commit")

    await audit.record(decision())
    with pytest.raises(NotPrepared):
        await audit.record_with([decision()], stored_and_failed)
    await audit.record(decision())
    assert verified(listed()) == [1, 2, 3]


async def test_streams_store_each_sequence_once(audit: AuditLog, listed: Listing) -> None:
    stream = await audit.open_stream("acme", "dev", "st-1")
    assert stream.acknowledged == 0
    assert await stream.append(1, activity("one")) == 1
    assert await stream.append(1, activity("one")) == 1
    assert await stream.append(2, activity("two")) == 2
    again = await audit.open_stream("acme", "dev", "st-1")
    assert again.acknowledged == 2
    assert (await audit.open_stream("acme", "ops", "st-1")).acknowledged == 0
    notes = [AuditRecord.FromString(entry.body).task_activity.note for entry in listed()]
    assert notes == ["one", "two"]


async def test_one_stream_from_many_sides_stores_each_sequence_once(audit: AuditLog, listed: Listing) -> None:
    streams = [await audit.open_stream("acme", "dev", "st-1") for _ in range(4)]
    for sequence in range(1, 6):
        told = await asyncio.gather(*(stream.append(sequence, activity(str(sequence))) for stream in streams))
        assert told == [sequence] * 4
    assert verified(listed()) == [1, 2, 3, 4, 5]


async def test_a_skipped_sequence_is_refused_alone(audit: AuditLog, listed: Listing) -> None:
    stream = await audit.open_stream("acme", "dev", "st-1")
    outcomes = await asyncio.gather(
        stream.append(1, activity()), stream.append(3, activity()), stream.append(2, activity()), return_exceptions=True
    )
    assert [outcomes[0], type(outcomes[1]), outcomes[2]] == [1, SequenceGap, 2]
    assert verified(listed()) == [1, 2]
    for wrong in (0, -1):
        with pytest.raises(InvalidInput):
            await stream.append(wrong, activity())


@pytest.mark.parametrize("other", [{"tenant": "globex"}, {"agent": "other"}])
async def test_a_stream_holds_its_agents_records_alone(audit: AuditLog, other: dict[str, str]) -> None:
    stream = await audit.open_stream("acme", "dev", "st-1")
    with pytest.raises(InvalidInput):
        await stream.append(1, activity(**other))


async def test_a_closed_record_takes_nothing_in(audit: AuditLog) -> None:
    pending = [asyncio.create_task(audit.record(decision())) for _ in range(3)]
    await asyncio.sleep(0)
    await audit.close()
    assert await asyncio.gather(*pending) == [None] * 3
    with pytest.raises(Unavailable):
        await audit.record(decision())
