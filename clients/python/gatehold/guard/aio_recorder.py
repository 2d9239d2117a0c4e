"""Sends a guard's journal to the sidecar, from a task of its own."""

import asyncio
import logging
from typing import Any

import grpc

from gatehold.guard.errors import NotRecorded
from gatehold.guard.journal import Journal
from gatehold.v1.audit_record_pb2 import AuditRecord

_LOG = logging.getLogger("gatehold.record")
_RETRY_SECONDS = 1.0


class AsyncRecorder:
    """`Recorder` for asyncio."""

    def __init__(self, stub: Any, metadata: tuple[tuple[str, str], ...], deadline: float) -> None:
        self._stub = stub
        self._metadata = metadata
        self._deadline = deadline
        self._journal = Journal()
        self._sending = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def record(self, record: AuditRecord) -> None:
        """Returns once the record is durable. Raises NotRecorded when it is not within the deadline."""
        sequence = self._journal.add(record)
        if await self._send() < sequence:
            self._start()
            raise NotRecorded("the sidecar did not acknowledge the record; it is kept and sent again")

    def record_later(self, record: AuditRecord) -> None:
        """Returns at once. What it tells of has happened, so a full journal is logged, not raised."""
        try:
            self._journal.add(record)
        except NotRecorded as full:
            _LOG.warning("an outcome is not on the record: %s", full)
        self._start()

    async def close(self) -> None:
        """Tries once more to send what waits, and stops."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._journal.waiting:
            await self._send()

    async def _send(self) -> int:
        async with self._sending:
            acknowledged = await self._exchange(tuple(self._journal.messages()), self._journal.last)
            self._journal.acknowledged(acknowledged)
            return acknowledged

    async def _exchange(self, messages: tuple[Any, ...], last: int) -> int:
        acknowledged = 0
        try:
            async for response in self._stub.RecordAudit(
                iter(messages), timeout=self._deadline, metadata=self._metadata
            ):
                acknowledged = max(acknowledged, response.acknowledged_sequence)
                if acknowledged >= last:
                    break
        except (grpc.RpcError, grpc.aio.UsageError) as error:
            _LOG.debug("records wait: %s", type(error).__name__)
        return acknowledged

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._drain(), name="gatehold-record")

    async def _drain(self) -> None:
        while self._journal.waiting:
            if await self._send() == 0:
                await asyncio.sleep(_RETRY_SECONDS)
