"""Appends that share a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.spool.interface import Make, SequenceGap, SpoolFull, SpoolLimits
from sidecar.spool.ledger import Ledger


@dataclass(frozen=True, slots=True)
class AgentPlace:
    """A place in an agent's own stream."""

    stream_id: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Append:
    """One record to store.

    Attributes:
        durable: fsync it before it counts as stored.
        place: where the record stands in an agent's stream; None for the sidecar's own.
    """

    make: Make
    durable: bool
    place: AgentPlace | None = None


Outcome = int | Exception
"""A stored record's sequence, the agent's own where it is an agent's; or why it was not stored."""


def store(appends: Sequence[Append], limits: SpoolLimits, ledger: Ledger) -> list[Outcome]:
    """Stores as many of the appends, in order, as fit in one transaction; at least the first.

    Returns:
        The outcomes of those it got to; they hold only because the transaction was committed.

    Raises:
        SpoolFull, sqlite3.Error: nothing was stored, of none of them.
    """
    outcomes: list[Outcome] = []
    room = ledger.room()
    stored = 0
    with ledger.transaction(durable=any(append.durable for append in appends)):
        for append in appends:
            if stored >= limits.batch_bytes:
                break
            outcome, size = _add(ledger, append, room - stored)
            outcomes.append(outcome)
            stored += size
    return outcomes


def _add(ledger: Ledger, append: Append, room: int) -> tuple[Outcome, int]:
    """Stores one record; returns its outcome and size."""
    place = append.place
    if place is not None:
        known = ledger.agent_streams.sequence(place.stream_id)
        if place.sequence <= known:
            return known, 0
        if place.sequence > known + 1:
            return SequenceGap(known + 1, place.sequence), 0
    try:
        record = append.make(ledger.last_sequence + 1)
    except Exception as error:
        return error, 0
    if len(record) > room:
        return SpoolFull("the spool is full of records that the decision point has not acknowledged"), 0
    sequence = ledger.add(record)
    if place is not None:
        ledger.agent_streams.advance(place.stream_id, place.sequence)
        sequence = place.sequence
    return sequence, len(record)
