"""The record, as other rooms use it. The package's docstring shows how."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

from gatehold.v1.audit_record_pb2 import AuditRecord
from pdp.audit.alarms import Alarms
from pdp.audit.committer import Committer
from pdp.audit.gate import StorageGate
from pdp.audit.intake import AgentStream, SpoolIntake
from pdp.audit.listing import newest, page
from pdp.audit.model import Page, Shipper
from pdp.audit.own_records import OwnRecords, Waiting
from pdp.audit.own_spool import OwnSpool, Write
from pdp.audit.records import draft
from pdp.audit.spools import Spools
from pdp.audit.tail import Tails
from pdp.store.interface import Store
from pdp.store.model import RecordFilter, StoredRecord

T = TypeVar("T")

_log = structlog.get_logger(__name__)

_PROBE_SECONDS = 1.0
_READERS = 4


class AuditLog:
    """The record of all tenants. All methods are for one event loop; all work on the database is on other threads.

    Args:
        silence_seconds: how long nothing may be heard of a spool that is behind before its tail is taken for lost.
        tail_capacity: how many records may wait for one who tails, before it is cut off.

    Attributes:
        gate: shut while nothing can be stored. Then nothing may be decided.
    """

    def __init__(self, store: Store, *, silence_seconds: float = 600.0, tail_capacity: int = 1_000) -> None:
        self.gate = StorageGate()
        self._store = store
        self._tails = Tails(tail_capacity)
        self._own = OwnSpool(store, self._publish)
        self._spools = Spools(store, Alarms(store, self._own), silence_seconds)
        self._committer = Committer(OwnRecords(store, self._own).commit, self.gate)
        self._readers = ThreadPoolExecutor(_READERS, "record-reader")
        self._watch_seconds = max(1.0, silence_seconds / 10)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def spool_id(self) -> str:
        """The chain that this process's own records stand in."""
        return self._own.spool_id

    async def start(self) -> None:
        """Begins to watch over the storage and over silent spools."""
        self._loop = asyncio.get_running_loop()
        self._tasks = [asyncio.create_task(self._reopen_gate()), asyncio.create_task(self._watch_spools())]

    async def close(self) -> None:
        """Commits what was taken in, ends all tails, and takes in no more. The store stays open."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._committer.close()
        self._tails.close()
        self._readers.shutdown()

    async def record(self, record: AuditRecord) -> None:
        """Puts one record on this process's own spool, and returns when it is committed.

        Raises:
            InvalidInput: it lacks what every record has.
            Unavailable: it is not stored. What it tells of must not happen.
        """
        await self._committer.record(Waiting(draft(record)))

    async def record_with(self, records: Sequence[AuditRecord], write: Write) -> None:
        """Puts records on this process's own spool in the transaction of the change that they tell of.

        Args:
            write: gets the entries, stores them and the change in one transaction (`Store.flip`), and returns what was
                stored. Runs on the writer's thread. When it raises, the places of the records stay free.

        Raises:
            Unavailable: nothing is stored.
            Exception: what `write` raises.
        """
        drafts = [draft(record) for record in records]
        await self._committer.run(lambda: self._own.commit(drafts, write))

    async def open_spool(
        self, shipper: Shipper, spool_id: str, predecessor_id: str | None, predecessor_last_sequence: int
    ) -> SpoolIntake:
        """Takes a sidecar's spool in. The records of a spool must come after all of those of the spools before it.

        Args:
            predecessor_id: None when none is known.

        Raises:
            InvalidInput, ForeignSpool, Unavailable.
        """
        acknowledged = await self._committer.run(
            lambda: self._spools.open(shipper, spool_id, predecessor_id, predecessor_last_sequence)
        )
        return SpoolIntake(self._committer, self._spools, shipper, spool_id, acknowledged)

    async def reported(self, shipper: Shipper, spool_id: str, last_sequence: int) -> None:
        """Notes what a sidecar says it holds durably.

        Raises:
            InvalidInput, ForeignSpool, Unavailable.
        """
        await self._committer.run(lambda: self._spools.report(shipper, spool_id, last_sequence))

    async def committed_sequence(self, tenant: str, spool_id: str) -> int:
        """The last stored sequence of a spool, 0 for an unknown one."""
        spool = await self._read(lambda: self._store.spool(tenant, spool_id))
        return spool.committed_sequence if spool else 0

    async def open_stream(self, tenant: str, agent: str, stream_id: str) -> AgentStream:
        """Takes an agent's own stream in, from where it is stored to.

        Raises:
            Unavailable.
        """
        acknowledged = await self._read(lambda: self._store.stream_position(tenant, agent, stream_id))
        return AgentStream(self._committer, tenant, agent, stream_id, acknowledged)

    async def list(self, tenant: str, where: RecordFilter, page_size: int, page_token: str) -> Page:
        """One page of the tenant's records, newest first.

        Raises:
            InvalidInput: a negative size, or a token that this listing did not give.
            Unavailable.
        """
        return await self._read(lambda: page(self._store, tenant, where, page_size, page_token))

    @contextlib.asynccontextmanager
    async def tail(
        self, tenant: str, where: RecordFilter, backlog: int = 0
    ) -> AsyncIterator[AsyncIterator[StoredRecord]]:
        """Gives the tenant's last `backlog` records, oldest first, and then each one as it is committed.

        Fewer than `backlog` where they would be over 1 MiB.

        Iterating raises SlowConsumer when too many wait, and ends when the record is closed.
        """
        subscription = self._tails.subscribe(tenant, where)
        try:
            earlier = await self._read(lambda: newest(self._store, tenant, where, None, backlog)[0]) if backlog else []
            yield subscription.records(reversed(earlier))
        finally:
            self._tails.unsubscribe(subscription)

    async def _read(self, query: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, query)

    def _publish(self, committed: tuple[StoredRecord, ...]) -> None:
        if self._loop:
            self._loop.call_soon_threadsafe(self._tails.publish, committed)

    async def _reopen_gate(self) -> None:
        while True:
            await self.gate.wait_shut()
            await asyncio.sleep(_PROBE_SECONDS)
            try:
                await self._committer.probe(self._probe)
            except Exception as error:  # whatever it is, records cannot be stored, and the next probe may work
                _log.warning("storage_probe_failed", error=str(error))
            else:
                self.gate.reopen()

    def _probe(self) -> None:
        for head in self._store.heads()[:1]:
            self._store.probe(head.tenant)

    async def _watch_spools(self) -> None:
        while True:
            await asyncio.sleep(self._watch_seconds)
            try:
                await self._committer.run(self._spools.watch)
            except Exception as error:  # the watch must outlive any one failure of it
                _log.warning("spool_watch_failed", error=str(error))
