"""Answers from the store what can be answered from there."""

from sidecar.cache.store import ReuseStore
from sidecar.model import Answer, Call, Decider


class Cached:
    """Recalls before it asks."""

    def __init__(self, inner: Decider, store: ReuseStore) -> None:
        self._inner = inner
        self._store = store

    async def decide(self, call: Call) -> Answer:
        """The kept answer, else the inner one."""
        return self._store.recall(call) or await self._inner.decide(call)
