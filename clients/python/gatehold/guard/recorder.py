"""Sends a guard's journal to the sidecar, from a thread of its own."""

import contextlib
import logging
import threading
from typing import Any

import grpc

from gatehold.guard.background import Background
from gatehold.guard.conversation import Messages, Reply, converse, require_durable
from gatehold.guard.errors import NotRecorded
from gatehold.guard.journal import Journal
from gatehold.guard.target import Target
from gatehold.v1.audit_record_pb2 import AuditRecord

_LOG = logging.getLogger("gatehold.record")


class Recorder:
    """Keeps records until the sidecar has made them durable.

    Args:
        stub: of the DecisionPointService.
        target: where the stub leads, and what is sent with every stream.
        deadline: seconds one attempt may take.
    """

    def __init__(self, stub: Any, target: Target, deadline: float) -> None:
        self._stub = stub
        self._target = target
        self._deadline = deadline
        self._journal = Journal()
        self._sending = threading.Lock()  # one attempt at a time, or two would race on the acknowledgement
        self._background = Background("gatehold-record", lambda: self._journal.waiting, self._send)

    def record(self, record: AuditRecord) -> None:
        """Returns once the record is durable. Raises NotRecorded when it is not within the deadline, or never will."""
        if self._background.closed:
            raise NotRecorded("the guard is closed")
        entry = self._journal.add(record)
        self._send()
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

    def close(self) -> None:
        """Tries once more to send what waits, and stops."""
        self._background.close()

    def _send(self) -> None:
        with self._sending:
            if not self._journal.waiting:  # another thread's attempt took them along
                return
            conversation = converse(self._journal)
            messages = next(conversation)
            with contextlib.suppress(StopIteration):
                while True:
                    messages = conversation.send(self._exchange(messages))

    def _exchange(self, messages: Messages) -> Reply:
        acknowledged, last = 0, messages[-1].agent_record.sequence
        try:
            if why := self._target.distrust():
                return Reply(0, grpc.StatusCode.UNAVAILABLE, why)
            for response in self._stub.RecordAudit(
                iter(messages), timeout=self._deadline, metadata=self._target.metadata
            ):
                acknowledged = max(acknowledged, response.acknowledged_sequence)
                if last and acknowledged >= last:
                    break
        except Exception as error:  # also ValueError, from a channel that is closed
            return Reply.failed(acknowledged, error)
        return Reply(acknowledged)
