"""What a batch adds to a spool."""

from dataclasses import replace

import pytest

from gatehold import chain
from gatehold.vocabulary import Decision, RecordKind
from pdp.audit.errors import BrokenChain, ConflictingDuplicate, RefusedRecords, SequenceGap
from pdp.audit.model import SpooledRecord
from pdp.audit.succession import follow
from pdp.store.model import LogEntry, Spool


def chained(count: int) -> list[SpooledRecord]:
    records, next_hash = [], chain.FIRST
    for sequence in range(1, count + 1):
        records.append(SpooledRecord(sequence, next_hash, b"record %d" % sequence))
        next_hash = chain.link(next_hash, records[-1].body)
    return records


RECORDS = chained(6)
ONE, TWO, THREE, FOUR, FIVE, SIX = RECORDS


def spool_with(stored: int) -> Spool:
    last = RECORDS[stored - 1] if stored else None
    next_hash = chain.link(last.previous_hash, last.body) if last else chain.FIRST
    return Spool("acme", "s-1", "sidecar", "dev", None, 0, stored, next_hash, 0)


def kept(stored: int) -> dict[int, LogEntry]:
    return {
        one.sequence: LogEntry(
            "",
            "acme",
            "s-1",
            one.sequence,
            one.previous_hash,
            1,
            RecordKind.DECISION,
            "dev",
            "",
            Decision.ALLOW,
            one.body,
        )
        for one in RECORDS[:stored]
    }


@pytest.mark.parametrize(
    ("stored", "batch", "fresh"),
    [
        (0, [], []),
        (0, RECORDS, RECORDS),
        (2, [THREE, FOUR], [THREE, FOUR]),
        (3, [TWO, THREE, FOUR], [FOUR]),
        (3, [ONE, TWO, THREE], []),
        (3, [THREE, ONE, FOUR, TWO], [FOUR]),
    ],
)
def test_what_is_new_follows_and_what_is_stored_is_passed_over(
    stored: int, batch: list[SpooledRecord], fresh: list[SpooledRecord]
) -> None:
    succession = follow(spool_with(stored), batch, kept(stored))
    assert list(succession.fresh) == fresh
    assert succession.alarm is None
    assert succession.refusal is None


@pytest.mark.parametrize(
    ("stored", "batch", "kind", "alarm", "fresh"),
    [
        (0, [TWO], SequenceGap, ("gap", 1, 1), []),
        (2, [FIVE, SIX], SequenceGap, ("gap", 3, 4), []),
        (2, [THREE, FIVE], SequenceGap, ("gap", 4, 4), [THREE]),
        (2, [THREE, THREE], SequenceGap, ("gap", 4, 4), [THREE]),
        (2, [FOUR, THREE], SequenceGap, ("gap", 3, 3), []),
        (0, [replace(ONE, previous_hash=bytes(31) + b"x")], BrokenChain, ("broken_chain", 1, 1), []),
        (2, [replace(THREE, previous_hash=ONE.previous_hash)], BrokenChain, ("broken_chain", 3, 3), []),
        (
            2,
            [replace(THREE, body=b"forged"), FOUR],
            BrokenChain,
            ("broken_chain", 4, 4),
            [replace(THREE, body=b"forged")],
        ),
        (3, [replace(TWO, body=b"forged")], ConflictingDuplicate, ("conflicting_duplicate", 2, 2), []),
        (3, [replace(TWO, previous_hash=b"")], ConflictingDuplicate, ("conflicting_duplicate", 2, 2), []),
        (3, [FOUR, replace(TWO, body=b""), FIVE], ConflictingDuplicate, ("conflicting_duplicate", 2, 2), [FOUR]),
    ],
)
def test_the_first_record_that_does_not_belong_ends_the_batch(
    stored: int,
    batch: list[SpooledRecord],
    kind: type[RefusedRecords],
    alarm: tuple[str, int, int],
    fresh: list[SpooledRecord],
) -> None:
    succession = follow(spool_with(stored), batch, kept(stored))
    assert list(succession.fresh) == fresh
    assert type(succession.refusal) is kind
    assert succession.refusal.acknowledged == stored + len(fresh)
    assert succession.alarm is not None
    assert (succession.alarm.type, succession.alarm.first_sequence, succession.alarm.last_sequence) == alarm
