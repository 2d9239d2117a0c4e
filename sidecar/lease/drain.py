"""Counts cached answers that are on their way out."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Drain:
    """Cached answers under way, by epoch and revision. An invalidation is acknowledged when all before it have left."""

    def __init__(self) -> None:
        self._leaving: Counter[tuple[int, int]] = Counter()
        self._left = asyncio.Event()

    @contextmanager
    def leaving(self, epoch: int, revision: int) -> Iterator[None]:
        """Holds acknowledgements of newer revisions back until the block ends."""
        self._leaving[epoch, revision] += 1
        try:
            yield
        finally:
            self._leaving[epoch, revision] -= 1
            if not self._leaving[epoch, revision]:
                del self._leaving[epoch, revision]
                self._left.set()

    async def empty_below(self, epoch: int, revision: int) -> None:
        """Returns when no answer of a lower revision, or of another epoch, is on its way out."""
        while any(leaving[0] != epoch or leaving[1] < revision for leaving in self._leaving):
            self._left.clear()
            await self._left.wait()
