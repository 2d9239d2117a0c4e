"""Counts cached answers that are on their way out."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Drain:
    """Cached answers under way, by revision. An invalidation is acknowledged only when those below it have left."""

    def __init__(self) -> None:
        self._leaving: Counter[int] = Counter()
        self._left = asyncio.Event()

    @contextmanager
    def leaving(self, revision: int) -> Iterator[None]:
        """Holds acknowledgements of newer revisions back until the block ends."""
        self._leaving[revision] += 1
        try:
            yield
        finally:
            self._leaving[revision] -= 1
            if not self._leaving[revision]:
                del self._leaving[revision]
                self._left.set()

    async def empty_below(self, revision: int) -> None:
        """Returns when no answer of a lower revision is on its way out."""
        while any(leaving < revision for leaving in self._leaving):
            self._left.clear()
            await self._left.wait()
