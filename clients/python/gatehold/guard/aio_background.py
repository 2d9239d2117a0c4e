"""A task that sends what waits, for as long as something does."""

import asyncio
from collections.abc import Awaitable, Callable

from gatehold.guard.background import RETRY_SECONDS


class AsyncBackground:
    """`Background` for asyncio. Nothing is sent at the exit of the process: the loop is gone by then."""

    def __init__(self, name: str, waiting: Callable[[], int], send: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._waiting = waiting
        self._send = send
        self._task: asyncio.Task[None] | None = None
        self.closed = False

    def wake(self) -> None:
        """Has what waits sent soon."""
        if not self.closed and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._loop(), name=self._name)

    async def close(self) -> None:
        """Tries once more to send what waits, and stops."""
        self.closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._send()

    async def _loop(self) -> None:
        while self._waiting():
            before = self._waiting()
            await self._send()
            if self._waiting() >= before:
                await asyncio.sleep(RETRY_SECONDS)
