"""The leases of one tenant over time: grants them, takes them back, and waits until none is left."""

import asyncio
from collections.abc import Awaitable, Callable

from pdp.fleet.leases import SECOND_NS, Grant, Holder, Invalidate, LeaseTable
from pdp.fleet.streams import Streams

_PUSH_NS = SECOND_NS // 4  # a sidecar that missed one invalidation is told again


class LeaseKeeper:
    """Keeps a `LeaseTable` in step with the streams, the clock and the store.

    Args:
        clock: nanoseconds on CLOCK_BOOTTIME.
    """

    def __init__(self, table: LeaseTable, clock: Callable[[], int]) -> None:
        self.streams: Streams[tuple[int, Grant] | Invalidate] = Streams()
        self._table = table
        self._clock = clock
        self._heard = asyncio.Event()
        # The table learns a moment later that a change is stored as prepared; nothing may be granted in between.
        self._granting = asyncio.Lock()

    async def request(self, holder: Holder) -> Grant | Invalidate:
        """Grants or renews a lease, or takes it back while a change is prepared."""
        async with self._granting:
            return self._table.request(holder, self._clock())

    def acknowledge(self, holder: Holder, revision: int) -> None:
        """Notes that a sidecar gave its leases below `revision` up."""
        self._table.acknowledge(holder, revision)
        self._heard.set()

    async def prepare(self, store: Callable[[], Awaitable[int]]) -> int:
        """Stores a change as prepared; from then on nothing is granted.

        Args:
            store: stores it and returns its revision.
        """
        async with self._granting:
            revision = await store()
            self._table.prepare(revision, self._clock())
            return revision

    async def drained(self) -> None:
        """Takes the leases back, and returns when none below the prepared revision can be live."""
        push_ns = now_ns = self._clock()
        while not self._table.may_flip(now_ns):
            self._heard.clear()
            if self._table.prepared is not None and now_ns >= push_ns:
                push_ns = now_ns + _PUSH_NS
                self.streams.push(Invalidate(self._table.prepared, self._table.epoch))
            try:
                async with asyncio.timeout(_PUSH_NS / SECOND_NS):
                    await self._heard.wait()
            except TimeoutError:
                pass
            now_ns = self._clock()

    def flip(self, revision: int) -> None:
        """Grants leases on `revision` from now on."""
        self._table.flip(revision)

    def leased_revision(self, holder: Holder) -> int:
        """The revision of the lease that may be live at that sidecar; 0 where none can be."""
        return self._table.leased_revision(holder, self._clock())
