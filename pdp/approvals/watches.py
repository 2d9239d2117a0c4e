"""Who is told when an approval changes. In memory: one process makes every change."""

import asyncio
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from pdp.approvals.errors import TooManyWatches

_PER_CALLER = 200
_ANY = ""


class Watch:
    """Ids of approvals that have changed, each once however often it has since the last look."""

    def __init__(self, tenant: str, approval_id: str) -> None:
        self.tenant = tenant
        self.approval_id = approval_id
        self._changed: dict[str, None] = {}
        self._wake = asyncio.Event()

    def tell(self, approval_id: str) -> None:
        """Notes a change. Never waits."""
        self._changed[approval_id] = None
        self._wake.set()

    async def changed(self) -> list[str]:
        """Those that have changed since the last look, at least one."""
        await self._wake.wait()
        self._wake.clear()
        changed, self._changed = list(self._changed), {}
        return changed


class Watches:
    """All who watch. For the event loop's thread alone."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()
        self._open: Counter[Hashable] = Counter()

    @contextmanager
    def open(self, caller: Hashable, tenant: str, approval_id: str = _ANY) -> Iterator[Watch]:
        """Watches while the block lasts.

        Args:
            caller: who watches, for the count.
            approval_id: the one to watch; empty for all of the tenant's.

        Raises:
            TooManyWatches.
        """
        if self._open[caller] >= _PER_CALLER:
            raise TooManyWatches(f"at most {_PER_CALLER} approvals are watched by one caller at once")
        watch = Watch(tenant, approval_id)
        self._watches.add(watch)
        self._open[caller] += 1
        try:
            yield watch
        finally:
            self._watches.discard(watch)
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]

    def tell(self, tenant: str, approval_id: str) -> None:
        """Tells all whom it concerns."""
        for watch in self._watches:
            if watch.tenant == tenant and watch.approval_id in (_ANY, approval_id):
                watch.tell(approval_id)
