"""The spool's file, as one thread sees it: synchronous, and without any notion of who waits."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from gatehold.chain import FIRST, link
from sidecar.spool.agent_streams import AgentStreams
from sidecar.spool.chains import Chain
from sidecar.spool.faults import is_full, suppress_full
from sidecar.spool.integrity import stored
from sidecar.spool.interface import NotStored, SpooledRecord, SpoolFull, SpoolIdentity, SpoolLimits
from sidecar.spool.journal import Journal
from sidecar.spool.reserve import Reserve
from sidecar.spool.schema import PAGE_BYTES

_DELETED_AT_ONCE = 256
"""Records deleted in one transaction: what the reserve suffices for, and no append waits long behind it."""
_SPARE_PAGES = 1024
"""Free pages kept for the next records; the rest goes back to the disk."""
_RETURNED_AT_ONCE = 256


class Ledger:
    """Records of the present chain in, records of all chains out.

    Attributes:
        identity: the present chain.
        last_sequence: its last committed record.
        durable_sequence: its last fsync'd record.
        agent_streams: where the agents' own streams stand.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        journal: Journal,
        chains: list[Chain],
        reserve: Reserve,
        limits: SpoolLimits,
    ) -> None:
        """Takes over the connection.

        Args:
            chains: as `begin_chain` returned them.
        """
        self._connection = connection
        self._journal = journal
        self._chains = {chain.identity.spool_id: chain for chain in chains}
        self._present = chains[-1]
        self._reserve = reserve
        self._limits = limits
        self._tip = FIRST
        self.durable_sequence = 0
        self.agent_streams = AgentStreams(connection, limits.agent_streams)

    @property
    def identity(self) -> SpoolIdentity:
        return self._present.identity

    @property
    def last_sequence(self) -> int:
        return self._present.last_sequence

    @contextmanager
    def transaction(self, *, durable: bool) -> Iterator[None]:
        """Commits what is added inside, or on any exception nothing of it; with `durable` and all before it, fsync'd.

        Raises:
            SpoolFull: the reserve is not held and cannot be: what room there is serves deleting.
        """
        if not self._reserve.held and not self._regain_reserve():
            raise SpoolFull("the disk is full")
        undo = self._present.last_sequence, self._tip
        try:
            with self._journal.transaction(durable=durable):
                yield
        except BaseException as error:
            self._present.last_sequence, self._tip = undo
            if is_full(error):
                self._make_room()
            raise
        if durable:
            self.durable_sequence = self.last_sequence

    def add(self, record: bytes) -> int:
        """Puts a record at the end of the present chain, within a transaction, and returns its sequence."""
        sequence = self._present.last_sequence + 1
        own_hash = link(self._tip, record)
        self._connection.execute(
            "INSERT INTO record VALUES (?, ?, ?, ?)", (self._present.base + sequence, self._tip, own_hash, record)
        )
        self._present.last_sequence = sequence
        self._tip = own_hash
        self._journal.wrote(len(record))
        return sequence

    def room(self) -> int:
        """Bytes that may still be added under the cap."""
        live = self._pages("page_count") - self._pages("freelist_count")
        return self._limits.live_bytes - live * PAGE_BYTES

    def flush(self) -> None:
        """Makes everything that is committed durable.

        Raises:
            sqlite3.Error: full even without the reserve, or worse; `durable_sequence` has not moved.
        """
        self._with_room(self._flush)

    def checkpoint(self) -> None:
        """Moves the journal into the file once it has grown, so that it stays small."""
        if self._journal.large:
            self._journal.checkpoint()

    def unshipped(self) -> list[SpoolIdentity]:
        """Earlier chains that still hold records, oldest first."""
        return [chain.identity for chain in self._chains.values() if chain is not self._present]

    def pending(self, spool_id: str, after: int, limit: int, max_bytes: int) -> list[SpooledRecord]:
        """See `Spool.pending`; nothing for a chain that is shipped."""
        chain = self._chains.get(spool_id)
        if chain is None:
            return []
        after = max(after, chain.acknowledged)
        last = min(after + limit, self._durable_end(chain))
        records: list[SpooledRecord] = []
        size = 0
        with closing(stored(self._connection, chain, after, max(after, last))) as found:
            for record in found:
                size += len(record.record)
                if records and size > max_bytes:
                    break
                records.append(record)
        return records

    def acknowledge(self, spool_id: str, sequence: int) -> bool:
        """Deletes some of the records up to `sequence`; returns whether all of them are gone.

        Raises:
            NotStored: `sequence` is not durable, so it cannot be committed anywhere.
        """
        chain = self._chains.get(spool_id)
        if chain is None or sequence <= chain.acknowledged:
            return True
        if sequence > self._durable_end(chain):
            raise NotStored(f"spool {spool_id} has no durable record {sequence}")
        until = min(sequence, chain.acknowledged + _DELETED_AT_ONCE)
        self._with_room(lambda: self._delete(chain, until))
        chain.acknowledged = until
        if chain.shipped and chain is not self._present:
            del self._chains[spool_id]
        self._give_back()
        return until == sequence

    def close(self) -> None:
        """Closes the file; SQLite moves its journal into it."""
        self._connection.close()

    def _flush(self) -> None:
        with self._journal.transaction(durable=True):
            pass
        self.durable_sequence = self.last_sequence

    def _delete(self, chain: Chain, until: int) -> None:
        span = chain.base + chain.acknowledged, chain.base + until
        with self._journal.transaction(durable=False):
            (size,) = self._connection.execute(
                "SELECT coalesce(sum(length(record)), 0) FROM record WHERE position > ? AND position <= ?", span
            ).fetchone()
            self._connection.execute("DELETE FROM record WHERE position > ? AND position <= ?", span)
            if until == chain.last_sequence and chain is not self._present:
                self._connection.execute("DELETE FROM spool WHERE number = ?", (chain.number,))
            else:
                self._connection.execute("UPDATE spool SET acknowledged = ? WHERE number = ?", (until, chain.number))
            self._journal.wrote(size)

    def _durable_end(self, chain: Chain) -> int:
        return self.durable_sequence if chain is self._present else chain.last_sequence

    def _with_room(self, write: Callable[[], None]) -> None:
        try:
            write()
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
            self._make_room()
            write()

    def _make_room(self) -> None:
        self._reserve.release()
        with suppress_full():
            self._journal.checkpoint()

    def _give_back(self) -> None:
        """Returns some free pages to the disk when most of the file is free."""
        if not self._reserve.held:
            self._regain_reserve()
            return
        free = self._pages("freelist_count")
        if free > max(_SPARE_PAGES, self._pages("page_count") - free):
            with suppress_full():
                self._journal.shrink(_RETURNED_AT_ONCE)

    def _regain_reserve(self) -> bool:
        """Takes the reserve again, if need be from the file's own free pages; returns whether it is held."""
        with suppress_full():
            self._journal.checkpoint(truncate=True)
            while not self._reserve.take() and self._pages("freelist_count"):
                self._journal.shrink(_RETURNED_AT_ONCE)
                self._journal.checkpoint(truncate=True)
        return self._reserve.held

    def _pages(self, which: str) -> int:
        (pages,) = self._connection.execute(f"PRAGMA {which}").fetchone()
        return int(pages)
