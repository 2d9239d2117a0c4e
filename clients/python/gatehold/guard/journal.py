"""The agent's own stream of records: numbered, kept until they are acknowledged, sent again after a failure."""

import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from gatehold.guard.errors import NotRecorded
from gatehold.v1 import audit_record_pb2 as wire
from gatehold.v1.decision_point_service_pb2 import AgentRecord, AuditStream, RecordAuditRequest

MOST_KEPT = 1_000
ERROR_TEXT = 4_096  # bytes of UTF-8; the gate refuses more


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
    """

    verb: str
    decision_id: str
    outcome: str
    duration: timedelta = timedelta()
    error: str = ""
    cost_microusd: int = 0
    tokens: int = 0

    def to_record(self) -> wire.AuditRecord:
        """Returns the record. Raises ValueError for an outcome that does not exist."""
        detail = wire.ExecutionDetail(
            decision_id=self.decision_id,
            outcome=f"OUTCOME_{self.outcome.upper()}",
            error=_cut(self.error),
            cost_microusd=self.cost_microusd,
            tokens=self.tokens,
        )
        detail.duration.FromTimedelta(self.duration)
        return wire.AuditRecord(kind=wire.RECORD_KIND_TOOL_EXECUTION, verb=self.verb, execution=detail)


def _cut(text: str) -> str:
    return text.encode("utf-8", "replace")[:ERROR_TEXT].decode("utf-8", "ignore")


class Journal:
    """Records that wait for their acknowledgement. Not thread-safe: its owner serialises access."""

    def __init__(self) -> None:
        self._stream_id = str(uuid.uuid4())
        self._sequence = 0
        self._waiting: deque[AgentRecord] = deque()

    def add(self, record: wire.AuditRecord) -> int:
        """Numbers a record and keeps it. Returns its sequence.

        Raises:
            NotRecorded: 1,000 records wait already; one more would grow without bound.
        """
        if len(self._waiting) >= MOST_KEPT:
            raise NotRecorded(f"{MOST_KEPT} records wait for the sidecar already")
        self._sequence += 1
        self._waiting.append(AgentRecord(sequence=self._sequence, record=record))
        return self._sequence

    def messages(self) -> Iterator[RecordAuditRequest]:
        """Yields what a new stream has to say. What was stored before is recognised by its sequence and stored once."""
        yield RecordAuditRequest(open=AuditStream(stream_id=self._stream_id, protocol_version=1))
        for record in tuple(self._waiting):
            yield RecordAuditRequest(agent_record=record)

    @property
    def last(self) -> int:
        """Sequence of the newest record; 0 when there is none."""
        return self._sequence

    @property
    def waiting(self) -> int:
        """How many records are not acknowledged."""
        return len(self._waiting)

    def acknowledged(self, sequence: int) -> None:
        """Forgets the records up to `sequence`."""
        while self._waiting and self._waiting[0].sequence <= sequence:
            self._waiting.popleft()
