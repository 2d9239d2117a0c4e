"""Many records in one commit: the decision point's own, and those that agents put on the record themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from pdp.audit.errors import SequenceGap
from pdp.audit.own_spool import OwnSpool
from pdp.audit.records import Draft
from pdp.store.interface import RecordStore
from pdp.store.model import StreamPosition


@dataclass(frozen=True, slots=True)
class Waiting:
    """One record that waits for its commit. `place`: where an agent's own record stands in its stream; else None."""

    draft: Draft
    place: StreamPosition | None = None


class OwnRecords:
    """Synchronous; for the writer's thread alone."""

    def __init__(self, store: RecordStore, own: OwnSpool) -> None:
        self._store = store
        self._own = own

    def commit(self, group: Sequence[Waiting]) -> list[int | SequenceGap]:
        """Stores the group in one transaction.

        Returns:
            For each, the last stored sequence of its stream (0 where it is of none), or why it was not stored.
        """
        ends = _StreamEnds(self._store)
        taken = [ends.take(waiting.place) for waiting in group]
        fresh = [waiting.draft for waiting, (is_next, _) in zip(group, taken, strict=True) if is_next]
        if fresh:
            self._own.commit(fresh, lambda entries: self._store.append(entries, streams=ends.moved))
        return [outcome for _, outcome in taken]


class _StreamEnds:
    """Where agents' streams stand, as stored and with what this group adds."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._moved: dict[tuple[str, str, str], StreamPosition] = {}

    @property
    def moved(self) -> list[StreamPosition]:
        """The streams that this group takes further."""
        return list(self._moved.values())

    def take(self, place: StreamPosition | None) -> tuple[bool, int | SequenceGap]:
        """Whether the record is to be stored, and what its writer is told once the group is."""
        if place is None:
            return True, 0
        key = (place.tenant, place.agent, place.stream_id)
        moved = self._moved.get(key)
        last = moved.last_sequence if moved else self._store.stream_position(*key)
        if place.last_sequence <= last:
            return False, last  # sent again because an acknowledgement was lost
        if place.last_sequence != last + 1:
            message = f"sequence {place.last_sequence} came where {last + 1} was due"
            return False, SequenceGap(message, last, place.last_sequence)
        self._moved[key] = place
        return True, place.last_sequence
