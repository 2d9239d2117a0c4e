"""Sends a guard's journal to the sidecar, from a thread of its own."""

import atexit
import logging
import threading
from typing import Any

import grpc

from gatehold.guard.errors import NotRecorded
from gatehold.guard.journal import Journal
from gatehold.v1.audit_record_pb2 import AuditRecord

_LOG = logging.getLogger("gatehold.record")
_RETRY_SECONDS = 1.0


class Recorder:
    """Keeps records until the sidecar has made them durable.

    Args:
        stub: of the DecisionPointService.
        metadata: sent with every stream.
        deadline: seconds one attempt may take.
    """

    def __init__(self, stub: Any, metadata: tuple[tuple[str, str], ...], deadline: float) -> None:
        self._stub = stub
        self._metadata = metadata
        self._deadline = deadline
        self._journal = Journal()
        self._lock = threading.Lock()  # guards the journal
        self._sending = threading.Lock()  # one attempt at a time, or two would race on the acknowledgement
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def record(self, record: AuditRecord) -> None:
        """Returns once the record is durable. Raises NotRecorded when it is not within the deadline."""
        with self._lock:
            sequence = self._journal.add(record)
        if self._send() < sequence:
            self._wake_thread()
            raise NotRecorded("the sidecar did not acknowledge the record; it is kept and sent again")

    def record_later(self, record: AuditRecord) -> None:
        """Returns at once. What it tells of has happened, so a full journal is logged, not raised."""
        try:
            with self._lock:
                self._journal.add(record)
        except NotRecorded as full:
            _LOG.warning("an outcome is not on the record: %s", full)
        self._wake_thread()

    def close(self) -> None:
        """Tries once more to send what waits, and stops."""
        self._closed = True
        self._wake.set()
        atexit.unregister(self.close)
        if self._journal.waiting:
            self._send()

    def _send(self) -> int:
        """Returns the highest acknowledged sequence of this attempt."""
        with self._sending:
            with self._lock:
                messages, last = tuple(self._journal.messages()), self._journal.last
            acknowledged = self._exchange(messages, last)
            with self._lock:
                self._journal.acknowledged(acknowledged)
            return acknowledged

    def _exchange(self, messages: tuple[Any, ...], last: int) -> int:
        acknowledged = 0
        try:
            for response in self._stub.RecordAudit(iter(messages), timeout=self._deadline, metadata=self._metadata):
                acknowledged = max(acknowledged, response.acknowledged_sequence)
                if acknowledged >= last:
                    break
        except (grpc.RpcError, ValueError) as error:  # ValueError: the channel is closed
            _LOG.debug("records wait: %s", type(error).__name__)
        return acknowledged

    def _wake_thread(self) -> None:
        with self._lock:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._loop, name="gatehold-record", daemon=True)
                self._thread.start()
                atexit.register(self.close)
        self._wake.set()

    def _loop(self) -> None:
        while not self._closed:
            self._wake.wait(timeout=_RETRY_SECONDS if self._journal.waiting else None)
            self._wake.clear()
            if self._journal.waiting and not self._closed:
                self._send()
