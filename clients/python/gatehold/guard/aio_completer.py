"""Tells the gate how claimed runs ended, from asyncio."""

from gatehold.guard.aio_background import AsyncBackground
from gatehold.guard.aio_connection import AsyncConnection
from gatehold.guard.completion import Completions, at_once
from gatehold.guard.steps import Call
from gatehold.v1.decision_point_service_pb2 import CompleteApprovalRequest


class AsyncCompleter:
    """`Completer` for asyncio."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._completions = Completions()
        self._background = AsyncBackground("gatehold-completion", lambda: self._completions.waiting, self._send)

    async def complete(self, request: CompleteApprovalRequest) -> None:
        """Tries once, and leaves the rest to a task."""
        self._completions.add(request)
        try:
            if at_once(request):
                await self._settle(request)
        finally:
            if self._completions.waiting:
                self._background.wake()

    async def close(self) -> None:
        """Tries once more to send what waits, and stops."""
        await self._background.close()

    async def _send(self) -> None:
        for request in self._completions.requests():
            if not await self._settle(request):
                return

    async def _settle(self, request: CompleteApprovalRequest) -> bool:
        return self._completions.settled(request, await self._connection.call(Call("CompleteApproval", request)))
