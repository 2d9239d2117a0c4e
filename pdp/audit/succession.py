"""What a batch of a spool adds to what is stored of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatehold import chain
from pdp.audit.errors import BrokenChain, ConflictingDuplicate, RefusedRecords, SequenceGap
from pdp.audit.model import SpooledRecord
from pdp.store.model import LogEntry, Spool


@dataclass(frozen=True, slots=True)
class Alarm:
    """The record is in doubt.

    Attributes:
        type: gap, conflicting_duplicate, broken_chain or lost_tail.
        first_sequence, last_sequence: what of the spool it is about.
        message: one sentence for a person.
    """

    type: str
    first_sequence: int
    last_sequence: int
    message: str


@dataclass(frozen=True, slots=True)
class Succession:
    """The records of a batch that follow on what is stored, and why the rest does not."""

    fresh: tuple[SpooledRecord, ...]
    alarm: Alarm | None = None
    refusal: RefusedRecords | None = None


def follow(spool: Spool, batch: Sequence[SpooledRecord], stored: Mapping[int, LogEntry]) -> Succession:
    """Goes through a batch in its order, up to the first record that does not belong.

    What precedes that one has been verified and is kept: the record should hold all that it can.

    Args:
        spool: how far it is stored.
        stored: the entries that the batch repeats, by sequence.
    """
    fresh: list[SpooledRecord] = []
    sequence, next_hash = spool.committed_sequence, spool.next_hash
    for spooled in batch:
        if spooled.sequence <= spool.committed_sequence:
            known = stored[spooled.sequence]
            if (known.previous_hash, known.body) != (spooled.previous_hash, spooled.body):
                return _conflicting(fresh, sequence, spooled.sequence)
            continue
        if spooled.sequence != sequence + 1:
            return _gap(fresh, sequence, spooled.sequence)
        if spooled.previous_hash != next_hash:
            return _broken(fresh, sequence, spooled.sequence)
        fresh.append(spooled)
        sequence, next_hash = spooled.sequence, chain.link(spooled.previous_hash, spooled.body)
    return Succession(tuple(fresh))


def _conflicting(fresh: list[SpooledRecord], stored: int, sequence: int) -> Succession:
    message = f"sequence {sequence} came again with other bytes; the ones stored first stand"
    return Succession(
        tuple(fresh),
        Alarm("conflicting_duplicate", sequence, sequence, message),
        ConflictingDuplicate(message, stored, sequence),
    )


def _gap(fresh: list[SpooledRecord], stored: int, sequence: int) -> Succession:
    message = f"sequence {sequence} came where {stored + 1} was due"
    return Succession(
        tuple(fresh),
        Alarm("gap", stored + 1, max(stored + 1, sequence - 1), message),
        SequenceGap(message, stored, sequence),
    )


def _broken(fresh: list[SpooledRecord], stored: int, sequence: int) -> Succession:
    message = f"sequence {sequence} does not carry the hash of the records before it"
    return Succession(
        tuple(fresh), Alarm("broken_chain", sequence, sequence, message), BrokenChain(message, stored, sequence)
    )
