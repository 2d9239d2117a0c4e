"""Sends a guard's journal to the sidecar, from a task of its own."""

import asyncio
import contextlib
import logging
from typing import Any

import grpc

from gatehold.guard.aio_background import AsyncBackground
from gatehold.guard.aio_connection import task_cancelled
from gatehold.guard.conversation import Messages, Reply, converse, require_durable
from gatehold.guard.errors import NotRecorded
from gatehold.guard.journal import Journal
from gatehold.guard.target import Target
from gatehold.v1.audit_record_pb2 import AuditRecord

_LOG = logging.getLogger("gatehold.record")


class AsyncRecorder:
    """`Recorder` for asyncio."""

    def __init__(self, stub: Any, target: Target, deadline: float) -> None:
        self._stub = stub
        self._target = target
        self._deadline = deadline
        self._journal = Journal()
        self._sending = asyncio.Lock()
        self._background = AsyncBackground("gatehold-record", lambda: self._journal.waiting, self._send)

    async def record(self, record: AuditRecord) -> None:
        """Returns once the record is durable. Raises NotRecorded when it is not within the deadline, or never will."""
        if self._background.closed:
            raise NotRecorded("the guard is closed")
        entry = self._journal.add(record)
        await self._send()
        if self._journal.waiting:
            self._background.wake()
        require_durable(entry, self._journal)

    def record_later(self, record: AuditRecord) -> None:
        """Returns at once. What it tells of has happened, so a full journal is logged, not raised."""
        try:
            self._journal.add(record)
        except NotRecorded as full:
            _LOG.warning("an outcome is not on the record: %s", full)
        self._background.wake()

    async def close(self) -> None:
        """Tries once more to send what waits, and stops."""
        await self._background.close()

    async def _send(self) -> None:
        async with self._sending:
            if not self._journal.waiting:  # another task's attempt took them along
                return
            conversation = converse(self._journal)
            messages = next(conversation)
            with contextlib.suppress(StopIteration):
                while True:
                    messages = conversation.send(await self._exchange(messages))

    async def _exchange(self, messages: Messages) -> Reply:
        acknowledged = 0
        try:
            if why := self._target.distrust():
                return Reply(0, grpc.StatusCode.UNAVAILABLE, why)
            call = self._stub.RecordAudit(timeout=self._deadline, metadata=self._target.metadata)
            # One at a time: a write to a stream that the gate has ended makes grpc.aio put INTERNAL for the status.
            for message in messages:
                await call.write(message)
                acknowledged = max(acknowledged, (await call.read()).acknowledged_sequence)
            await call.done_writing()
            await call.read()
        except asyncio.CancelledError:
            if task_cancelled():
                raise
            return Reply(acknowledged, grpc.StatusCode.CANCELLED, "the connection was lost")
        except Exception as error:  # also UsageError, from a channel that is closed
            return Reply.failed(acknowledged, error)
        return Reply(acknowledged)
