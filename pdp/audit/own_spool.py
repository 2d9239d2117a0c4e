"""The decision point's own chain of records, a new one for each start."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from gatehold import chain
from pdp.audit.records import Draft
from pdp.store.interface import RecordStore
from pdp.store.model import LogEntry, SpoolOpening, StoredRecord

Write = Callable[[tuple[LogEntry, ...]], tuple[StoredRecord, ...]]
"""Stores entries, and whatever belongs with them, in one transaction."""

_NO_SIDECAR = _NO_AGENT = ""


class OwnSpool:
    """Gives records their places. For one thread alone: a place is taken only by a commit.

    Each tenant has a chain of its own under the one spool_id, so that its auditors can follow it and see no other's.

    Args:
        committed: told what has been committed, in order, on that thread.
    """

    def __init__(self, store: RecordStore, committed: Callable[[tuple[StoredRecord, ...]], None]) -> None:
        self.spool_id = str(uuid.uuid4())
        self._store = store
        self._committed = committed
        self._ends: dict[str, tuple[int, bytes]] = {}

    def commit(self, drafts: Sequence[Draft], write: Write) -> tuple[StoredRecord, ...]:
        """Places the drafts next in their chains and has `write` store them.

        When `write` raises, the places stay free: the next records take the same ones.
        """
        ends: dict[str, tuple[int, bytes]] = {}
        entries: list[LogEntry] = []
        for draft in drafts:
            tenant = draft.record.tenant
            last, next_hash = ends.get(tenant) or self._end(tenant)
            entry = draft.entry(self.spool_id, last + 1, next_hash)
            ends[tenant] = (entry.sequence, chain.link(next_hash, entry.body))
            entries.append(entry)
        try:
            stored = write(tuple(entries))
        except BaseException:
            # Whether a failed commit took effect is for the store to say, so the ends are read again.
            self._ends.clear()
            raise
        self._ends.update(ends)
        self._committed(stored)
        return stored

    def _end(self, tenant: str) -> tuple[int, bytes]:
        if tenant not in self._ends:
            spool = self._store.spool(tenant, self.spool_id) or self._store.open_spool(self._opening(tenant))
            self._ends[tenant] = (spool.committed_sequence, spool.next_hash)
        return self._ends[tenant]

    def _opening(self, tenant: str) -> SpoolOpening:
        before = self._store.latest_spool(tenant, _NO_SIDECAR, _NO_AGENT)
        opening = SpoolOpening(tenant, self.spool_id, _NO_SIDECAR, _NO_AGENT)
        if before is None:
            return opening
        return replace(opening, predecessor_id=before.spool_id, predecessor_last_sequence=before.committed_sequence)
