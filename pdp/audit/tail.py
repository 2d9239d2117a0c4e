"""Records as they are committed, for those who watch."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from pdp.audit.errors import SlowConsumer
from pdp.store.model import LogEntry, RecordFilter, StoredRecord

_END = None
_CAPACITY = 1_000


class Subscription:
    """One who watches. Iterating gives `earlier` first, then each record as it is committed.

    Raises (while iterating):
        SlowConsumer: more than the capacity waited. What was waiting is still given first.
    """

    def __init__(self, tenant: str, where: RecordFilter, capacity: int) -> None:
        self._tenant = tenant
        self._where = where
        # One place more than the capacity, so that the end can always be told.
        self._queue: asyncio.Queue[StoredRecord | None] = asyncio.Queue(capacity + 1)
        self._capacity = capacity
        self._overrun = False

    def offer(self, stored: StoredRecord) -> bool:
        """Takes the record in if it is wanted. False when there is no room: then it is over."""
        if stored.entry.tenant != self._tenant or not matches(self._where, stored.entry):
            return True
        if self._queue.qsize() >= self._capacity:
            self._overrun = True
            self.end()
            return False
        self._queue.put_nowait(stored)
        return True

    def end(self) -> None:
        """No more will come."""
        self._queue.put_nowait(_END)

    async def records(self, earlier: Iterable[StoredRecord]) -> AsyncIterator[StoredRecord]:
        """`earlier`, oldest first, and then what is committed after it."""
        last = 0
        for stored in earlier:
            last = stored.position
            yield stored
        while (following := await self._queue.get()) is not _END:
            # A record may have been committed before the earlier ones were read, and told of after.
            if following.position > last:
                yield following
        if self._overrun:
            raise SlowConsumer(f"more than {self._capacity} records waited; list them, and tail again")


class Tails:
    """All who watch. Nobody waits for any of them. For the event loop's thread alone."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._capacity = capacity
        self._subscriptions: set[Subscription] = set()

    def subscribe(self, tenant: str, where: RecordFilter) -> Subscription:
        """Adds one; `unsubscribe` must follow."""
        subscription = Subscription(tenant, where, self._capacity)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Removes one, if it is still there."""
        self._subscriptions.discard(subscription)

    def publish(self, committed: Iterable[StoredRecord]) -> None:
        """Tells all of them."""
        for stored in committed:
            self._subscriptions -= {one for one in self._subscriptions if not one.offer(stored)}

    def close(self) -> None:
        """Ends all of them."""
        for subscription in self._subscriptions:
            subscription.end()
        self._subscriptions.clear()


def matches(where: RecordFilter, entry: LogEntry) -> bool:
    """Whether the entry is one of those; the same answer that the store's `records` gives."""
    wanted = (
        (where.agent, entry.agent),
        (where.verb, entry.verb),
        (where.kind, entry.kind),
        (where.decision, entry.decision),
    )
    return (
        all(want is None or want == have for want, have in wanted)
        and (where.since_us is None or entry.time_us >= where.since_us)
        and (where.until_us is None or entry.time_us < where.until_us)
    )
