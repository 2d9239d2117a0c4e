"""The agent's own stream of records: numbered, kept until they are acknowledged, sent again after a failure."""

import logging
import threading
import uuid
from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from gatehold.guard.errors import NotRecorded
from gatehold.v1 import audit_record_pb2 as wire
from gatehold.v1.decision_point_service_pb2 import AgentRecord, AuditStream, RecordAuditRequest

MOST_KEPT = 1_000
MOST_BYTES = 1024 * 1024
ERROR_TEXT = 4_096  # bytes of UTF-8; the gate refuses more
_LOG = logging.getLogger("gatehold.record")


@dataclass(frozen=True, slots=True)
class Execution:
    """How a guarded call ended.

    Attributes:
        verb: the call's verb.
        decision_id: the decision it ran under.
        outcome: succeeded, failed or indeterminate.
        duration: how long it ran.
        error: error text; empty when it succeeded. Cut at 4,096 bytes of UTF-8; what has no UTF-8 becomes `?`.
        cost_microusd: millionths of a US dollar; 0 for not stated.
        tokens: model tokens it consumed; 0 for not stated.
        approval_id: the approval it ran under; empty where it needed none.
    """

    verb: str
    decision_id: str
    outcome: str
    duration: timedelta = timedelta()
    error: str = ""
    cost_microusd: int = 0
    tokens: int = 0
    approval_id: str = ""

    def to_record(self) -> wire.AuditRecord:
        """Returns the record. Raises ValueError for an outcome that does not exist."""
        detail = wire.ExecutionDetail(
            decision_id=self.decision_id,
            outcome=f"OUTCOME_{self.outcome.upper()}",
            error=_cut(self.error),
            cost_microusd=self.cost_microusd,
            tokens=self.tokens,
            approval_id=self.approval_id,
        )
        detail.duration.FromTimedelta(self.duration)
        return wire.AuditRecord(kind=wire.RECORD_KIND_TOOL_EXECUTION, verb=self.verb, execution=detail)


def _cut(text: str) -> str:
    return text.encode("utf-8", "replace")[:ERROR_TEXT].decode("utf-8", "ignore")


@dataclass(eq=False, slots=True)
class Entry:
    """A record that was handed in, and what became of it.

    Attributes:
        record: a copy of what was handed in.
        durable: the gate has acknowledged it.
        refusal: why the gate will never take it; empty unless it said so.
    """

    record: wire.AuditRecord
    durable: bool = False
    refusal: str = ""


class Journal:
    """Records that wait for their acknowledgement. Safe to share between threads, as long as one at a time sends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stream_id = str(uuid.uuid4())
        self._stored = 0  # sequence before the first that waits
        self._waiting: deque[Entry] = deque()
        self._hindrance = ""

    def add(self, record: wire.AuditRecord) -> Entry:
        """Keeps a record, last in line.

        Raises:
            NotRecorded: 1,000 records wait already, and one more would grow without bound; or it is larger than 1 MiB,
                which no gate takes.
        """
        if record.ByteSize() > MOST_BYTES:
            raise NotRecorded(f"the record is larger than {MOST_BYTES} bytes")
        entry = Entry(wire.AuditRecord())
        entry.record.CopyFrom(record)
        with self._lock:
            if len(self._waiting) >= MOST_KEPT:
                raise NotRecorded(f"{MOST_KEPT} records wait for the sidecar already")
            self._waiting.append(entry)
        return entry

    def opening(self) -> RecordAuditRequest:
        """Returns the first message of a stream, which the gate answers with how far it has the records."""
        return RecordAuditRequest(open=AuditStream(stream_id=self._stream_id, protocol_version=1))

    def messages(self) -> tuple[RecordAuditRequest, ...]:
        """Returns what waits, numbered. What was stored before is recognised by its sequence and stored once."""
        with self._lock:
            sent = [
                AgentRecord(sequence=sequence, record=entry.record)
                for sequence, entry in enumerate(self._waiting, self._stored + 1)
            ]
        return (self.opening(), *(RecordAuditRequest(agent_record=record) for record in sent))

    @property
    def waiting(self) -> int:
        """How many records are not acknowledged."""
        return len(self._waiting)

    @property
    def hindrance(self) -> str:
        """Why records wait, as far as the last attempt told; empty when it stored all it sent."""
        return self._hindrance

    def hindered(self, why: str) -> None:
        """Notes why records wait; logged when it changes, not at every attempt."""
        if why and why != self._hindrance:
            _LOG.warning("records wait: %s", why)
        self._hindrance = why

    def acknowledged(self, sequence: int) -> None:
        """Forgets the records up to `sequence`."""
        with self._lock:
            while self._waiting and self._stored < sequence:
                self._waiting.popleft().durable = True
                self._stored += 1

    def refused(self, why: str) -> None:
        """Drops the first record that waits, and gives those behind it a stream without its gap."""
        with self._lock:
            entry = self._waiting.popleft()
        entry.refusal = why
        _LOG.error("a record of %s is lost, for the gate refused it: %s", entry.record.verb or "no verb", why)
        self.renew()

    def renew(self) -> None:
        """Starts a new stream, with what waits numbered from 1."""
        with self._lock:
            self._stream_id, self._stored = str(uuid.uuid4()), 0
