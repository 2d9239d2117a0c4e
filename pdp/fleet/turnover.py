"""From a prepared change to the one in force, for one tenant."""

import asyncio

import structlog

from pdp.audit.log import AuditLog
from pdp.audit.records import change_records
from pdp.fleet.errors import Stopping
from pdp.fleet.lease_keeper import LeaseKeeper
from pdp.fleet.registry import Registry, Snapshot
from pdp.store.errors import ChangePending, NotPrepared, RequestIdReused, StaleRevision
from pdp.store.interface import ConfigurationStore
from pdp.store.model import NewRevision

_RETRY_SECONDS = 0.25
_NOTHING_STORED = (ChangePending, RequestIdReused, StaleRevision)

_log = structlog.get_logger(__name__)


class Turnover:
    """Drives whatever is prepared until it is in force. A prepared change is never given up."""

    def __init__(
        self, tenant: str, store: ConfigurationStore, audit: AuditLog, registry: Registry, leases: LeaseKeeper
    ) -> None:
        self.leases = leases
        self._tenant = tenant
        self._store = store
        self._audit = audit
        self._registry = registry
        self._driver: asyncio.Task[None] | None = None
        self._preparing: set[asyncio.Task[int]] = set()
        self._stopped = False

    async def prepare(self, after: Snapshot, new: NewRevision) -> int:
        """Stores `new`, which is `after`, as prepared, and has it driven.

        A caller that is cancelled meanwhile does not interrupt it: nobody could tell how far it had come.

        Raises:
            ChangePending, RequestIdReused, StaleRevision: nothing is stored.
            Unavailable: it may be stored, and is driven if it is.
        """
        task = asyncio.create_task(self._prepare(after, new))
        self._preparing.add(task)
        task.add_done_callback(self._preparing.discard)
        return await asyncio.shield(task)

    def resume(self) -> None:
        """Drives what the store holds as prepared, if anything."""
        if not self._stopped and (self._driver is None or self._driver.done()):
            self._driver = asyncio.create_task(self._drive_stored())

    async def settled(self) -> None:
        """Returns when nothing is being driven.

        Raises:
            Stopping.
        """
        while self._driver is not None and not self._driver.done():
            await asyncio.wait([self._driver])
        if self._stopped:
            raise Stopping("the decision point is stopping")

    async def in_force(self, revision: int) -> None:
        """Returns when `revision`, or a later one, decides.

        Raises:
            Stopping: the process ends before that is known.
        """
        while self._registry.current(self._tenant).revision < revision:
            self.resume()
            await self.settled()

    async def stop(self) -> None:
        """Ends driving. What is prepared stays so."""
        self._stopped = True
        if self._preparing:
            await asyncio.wait(self._preparing)
        if self._driver is not None:
            self._driver.cancel()
            await asyncio.wait([self._driver])

    async def _prepare(self, after: Snapshot, new: NewRevision) -> int:
        base = after.revision - 1

        async def store() -> int:
            prepared = await asyncio.to_thread(self._store.prepare, new, base)
            if prepared.replayed:  # by a caller that went away; its revision may be in force already
                raise ChangePending(prepared.revision)
            return prepared.revision

        try:
            revision = await self.leases.prepare(store)
        except _NOTHING_STORED as error:
            if isinstance(error, ChangePending):
                self.resume()  # one whose commit was reported as failed
            raise
        except Exception:
            self.resume()  # the commit may have taken effect all the same
            raise
        self._driver = asyncio.create_task(self._drive(after, new))
        return revision

    async def _drive_stored(self) -> None:
        """Reads again, until it can, what is prepared; and drives it."""
        after = new = None
        while after is None or new is None:
            try:
                head = await asyncio.to_thread(self._store.head, self._tenant)
                if head.prepared is None:
                    return
                after, new = await asyncio.to_thread(self._load, head.prepared)
            except Exception as error:  # whatever it is, the change stays prepared, and the next try may work
                _log.warning("prepared_change_unreadable", tenant=self._tenant, error=str(error))
                await asyncio.sleep(_RETRY_SECONDS)
        revision = after.revision

        async def stored() -> int:
            return revision

        await self.leases.prepare(stored)
        await self._drive(after, new)

    def _load(self, revision: int) -> tuple[Snapshot, NewRevision]:
        stored = self._store.configuration(self._tenant, revision)
        made = self._store.revision(self._tenant, revision)
        new = NewRevision(
            tenant=self._tenant,
            request_id=made.request_id,
            request_digest="",
            policies=stored.policies,
            catalog=stored.catalog,
            agents=stored.agents,
            actor=made.actor,
            reason=made.reason,
            changes=made.changes,
        )
        return Snapshot.load(stored), new

    async def _drive(self, after: Snapshot, new: NewRevision) -> None:
        await self.leases.drained()
        while True:
            if await self._flipped(after.revision, new):
                break
            await asyncio.sleep(_RETRY_SECONDS)
        # No call is decided, and no lease granted, between these two.
        self._registry.put(after)
        self.leases.flip(after.revision)

    async def _flipped(self, revision: int, new: NewRevision) -> bool:
        """Tries to put the revision in force; a commit of unknown outcome is read again."""
        try:
            records = change_records(self._tenant, revision, new.changes, new.actor, new.reason)
            await self._audit.record_with(records, lambda entries: self._store.flip(self._tenant, revision, entries))
            return True
        except Exception as error:
            if not isinstance(error, NotPrepared):
                _log.warning("flip_failed", tenant=self._tenant, revision=revision, error=str(error))
        try:
            return (await asyncio.to_thread(self._store.head, self._tenant)).revision >= revision
        except Exception as error:
            _log.warning("head_unreadable", tenant=self._tenant, error=str(error))
            return False
