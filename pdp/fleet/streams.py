"""What is to be sent on the lease streams of one tenant's sidecars."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from pdp.fleet.errors import TooManyStreams
from pdp.fleet.leases import Holder

T = TypeVar("T")

_WAITING = 16
_PER_PROCESS = 4  # a process that reconnects may leave half-open streams behind
_PER_CREDENTIAL = 1_000


class Outbox(Generic[T]):
    """Messages that wait for one stream. A peer that does not read loses the oldest: all of them are repeated."""

    def __init__(self) -> None:
        self._messages: deque[T] = deque(maxlen=_WAITING)
        self._changed = asyncio.Event()
        self._closed = False

    def send(self, message: T) -> None:
        """Never waits."""
        self._messages.append(message)
        self._changed.set()

    def close(self) -> None:
        """Ends the iteration once everything is sent."""
        self._closed = True
        self._changed.set()

    async def messages(self) -> AsyncIterator[T]:
        """The messages as they come, until `close`."""
        while True:
            while self._messages:
                yield self._messages.popleft()
            if self._closed:
                return
            self._changed.clear()
            await self._changed.wait()


class Streams(Generic[T]):
    """The open streams."""

    def __init__(self) -> None:
        self._outboxes: set[Outbox[T]] = set()
        self._open: Counter[Hashable] = Counter()

    @contextmanager
    def open(self, credential: str, holder: Holder) -> Iterator[Outbox[T]]:
        """Counts one stream while the block lasts.

        Args:
            credential: id of the key that the stream was opened with.

        Raises:
            TooManyStreams: this process, or its credential, has as many as it may have.
        """
        counted: dict[Hashable, int] = {holder: _PER_PROCESS, credential: _PER_CREDENTIAL}
        for identity, limit in counted.items():
            if self._open[identity] >= limit:
                raise TooManyStreams(f"this sidecar has {limit} lease streams open already")
        outbox: Outbox[T] = Outbox()
        self._outboxes.add(outbox)
        self._open.update(counted.keys())
        try:
            yield outbox
        finally:
            self._outboxes.discard(outbox)
            self._open.subtract(counted.keys())
            for identity in counted:
                if not self._open[identity]:
                    del self._open[identity]

    def push(self, message: T) -> None:
        """Sends to every stream."""
        for outbox in self._outboxes:
            outbox.send(message)
