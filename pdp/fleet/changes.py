"""How a tenant's configuration changes: prepare, take the leases back, wait for the last of them, flip, return.

After `apply` has returned, no call that begins is answered from an older revision, anywhere.
"""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, TypeVar

from gatehold.clock import boottime_ns
from pdp.audit.log import AuditLog
from pdp.fleet.edits import Edit
from pdp.fleet.lease_keeper import LeaseKeeper
from pdp.fleet.leases import DEFAULT_NS, LeaseTable
from pdp.fleet.registry import Registry, Snapshot
from pdp.fleet.turnover import Turnover
from pdp.store.errors import ChangePending, NoSuchTenant, StaleRevision
from pdp.store.interface import ConfigurationStore
from pdp.store.model import Head, NewRevision, ObjectChange

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Applied:
    """A change that is in force, or what it would be.

    Attributes:
        revision: the one that decides now.
        changes: what differs, object by object; empty when nothing does.
    """

    revision: int
    changes: tuple[ObjectChange, ...]


@dataclass(frozen=True, slots=True)
class Revoked:
    """A key that is valid no more, and the change as records tell it."""

    key_id: str
    change: ObjectChange


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for a change, and how.

    Attributes:
        actor: the principal.
        reason: as given, empty where none was.
        request_id: idempotency key; empty means none.
        request_digest: of the request's content; the same key with another digest is refused.
        expected_revision: the revision that the caller has seen; None means any.
        validate_only: checks and tells what would change, and changes nothing.
        revokes: a key that is revoked with it; None for none.
    """

    actor: str
    reason: str = ""
    request_id: str = ""
    request_digest: str = ""
    expected_revision: int | None = None
    validate_only: bool = False
    revokes: Revoked | None = None


class ChangeCoordinator:
    """Makes every change of every tenant, one after the other in each.

    Args:
        registry: gets each revision as it takes force.
        ttl_ns: length of a lease, 1 to 60 s.
        earlier_ttl_ns: the longest lease that an earlier process may have granted; `ttl_ns` where that is None.
        clock: nanoseconds on CLOCK_BOOTTIME.
    """

    def __init__(
        self,
        store: ConfigurationStore,
        audit: AuditLog,
        registry: Registry,
        *,
        ttl_ns: int = DEFAULT_NS,
        earlier_ttl_ns: int | None = None,
        clock: Callable[[], int] = boottime_ns,
    ) -> None:
        self._store = store
        self._audit = audit
        self._registry = registry
        self._ttl_ns = ttl_ns
        self._earlier_ttl_ns = ttl_ns if earlier_ttl_ns is None else earlier_ttl_ns
        self._clock = clock
        self._tenants: dict[str, Turnover] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        # Of its own, so that compiling for seconds never keeps a flip or a call waiting.
        self._compiler = ThreadPoolExecutor(1, "configuration-compiler")

    async def start(self, new_tenants: Collection[str] = ()) -> None:
        """Puts what the store holds in force, and goes on with changes that an earlier process left prepared.

        Args:
            new_tenants: those that this process has just made, so that nobody can hold a lease of theirs.

        Raises:
            ValueError: a stored configuration does not load in this release.
            Unavailable: the store cannot be read.
        """
        started_ns = self._clock()
        for head in await asyncio.to_thread(self._store.heads):
            await self._open(head, started_ns, 0 if head.tenant in new_tenants else self._earlier_ttl_ns)

    async def open(self, tenant: str) -> None:
        """Puts a tenant in force that this process has just made, so that nobody can hold a lease of it.

        Raises:
            NoSuchTenant, Unavailable.
        """
        if tenant not in self._tenants:
            await self._open(await asyncio.to_thread(self._store.head, tenant), self._clock(), 0)

    async def stop(self) -> None:
        """Ends what is under way. A prepared change stays prepared; whoever waits for it gets `Stopping`."""
        for turnover in self._tenants.values():
            await turnover.stop()
        self._compiler.shutdown(wait=False, cancel_futures=True)

    def leases(self, tenant: str) -> LeaseKeeper:
        """The leases of that tenant's sidecars. Raises NoSuchTenant."""
        return self._turnover(tenant).leases

    async def apply(self, tenant: str, edit: Edit, request: Request) -> Applied:
        """Makes a change, and returns when it decides everywhere.

        A caller that goes away before the change is prepared has changed nothing; later the change goes on without it.

        Args:
            edit: from the content in force to the one that is to be. Runs on a thread, again where changes race.

        Raises:
            NoSuchTenant, StaleRevision, RequestIdReused, Unavailable: see the store.
            Stopping: the process ends before the change is known to be in force.
            Exception: what `edit` raises, and what is wrong with the content that it makes. Nothing is changed.
        """
        turnover = self._turnover(tenant)
        async with self._turns[tenant]:
            revision, changes = await self._prepared(turnover, tenant, edit, request)
        await turnover.in_force(revision)
        return Applied(revision, changes)

    async def _prepared(
        self, turnover: Turnover, tenant: str, edit: Edit, request: Request
    ) -> tuple[int, tuple[ObjectChange, ...]]:
        """The revision that has to be in force before the answer, and what it changes."""
        while True:
            await turnover.settled()
            if (earlier := await self._replayed(tenant, request)) is not None:
                stored = await asyncio.to_thread(self._store.revision, tenant, earlier)
                return earlier, stored.changes if stored.request_id == request.request_id else ()
            base = self._registry.snapshot(tenant)
            if request.expected_revision not in (None, base.revision):
                raise StaleRevision(base.revision)
            after, changes = await self._compile(_edited, base, edit)
            if request.revokes is not None:
                changes = (*changes, request.revokes.change)
            if request.validate_only:
                return base.revision, changes
            try:
                if not changes:
                    return await self._unchanged(tenant, base.revision, request), ()
                return await turnover.prepare(after, _new_revision(tenant, after, changes, request)), changes
            except (StaleRevision, ChangePending):
                continue  # another change came between; this one is made anew on top of it

    async def _replayed(self, tenant: str, request: Request) -> int | None:
        if not request.request_id or request.validate_only:
            return None
        return await asyncio.to_thread(self._store.replayed, tenant, request.request_id, request.request_digest)

    async def _unchanged(self, tenant: str, revision: int, request: Request) -> int:
        if not request.request_id:
            return revision
        # The same request, sent again after other changes, would otherwise undo them.
        return await asyncio.to_thread(
            self._store.keep_unchanged, tenant, request.request_id, request.request_digest, revision
        )

    async def _compile(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._compiler, lambda: work(*args, **kwargs))

    async def _open(self, head: Head, started_ns: int, earlier_ttl_ns: int) -> None:
        stored = await asyncio.to_thread(self._store.configuration, head.tenant, head.revision)
        self._registry.put(await self._compile(Snapshot.load, stored))
        table = LeaseTable(head.revision, started_ns, self._ttl_ns, earlier_ttl_ns, head.epoch)
        leases = LeaseKeeper(table, self._clock)
        turnover = Turnover(head.tenant, self._store, self._audit, self._registry, leases)
        self._tenants[head.tenant] = turnover
        self._turns[head.tenant] = asyncio.Lock()
        if head.prepared is not None:
            # Before anybody can ask for a lease, or one would be granted that the change then has to wait for.
            await leases.prepare(partial(_stored, head.prepared))
            turnover.resume()

    def _turnover(self, tenant: str) -> Turnover:
        try:
            return self._tenants[tenant]
        except KeyError:
            raise NoSuchTenant(f"there is no tenant {tenant}") from None


async def _stored(revision: int) -> int:
    """For a change that is stored as prepared already."""
    return revision


def _edited(base: Snapshot, edit: Edit) -> tuple[Snapshot, tuple[ObjectChange, ...]]:
    after = base.next(edit(base.content))
    return after, base.changes(after)


def _new_revision(tenant: str, after: Snapshot, changes: tuple[ObjectChange, ...], request: Request) -> NewRevision:
    policies, catalog, agents = after.documents.stored()
    return NewRevision(
        tenant=tenant,
        request_id=request.request_id,
        request_digest=request.request_digest,
        policies=policies,
        catalog=catalog,
        agents=agents,
        actor=request.actor,
        reason=request.reason,
        changes=changes,
        revokes=request.revokes.key_id if request.revokes else "",
    )
