"""How a journal is brought to the gate, whatever it answers; free of I/O, so that both guards behave the same."""

from collections.abc import Generator
from dataclasses import dataclass

import grpc

from gatehold.guard.errors import NotRecorded
from gatehold.guard.journal import Entry, Journal
from gatehold.v1.decision_point_service_pb2 import RecordAuditRequest

Messages = tuple[RecordAuditRequest, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """How one RecordAudit stream went.

    Attributes:
        acknowledged: the highest sequence that came back.
        code: the status it ended with.
        details: of that status.
    """

    acknowledged: int
    code: grpc.StatusCode = grpc.StatusCode.OK
    details: str = ""

    @classmethod
    def failed(cls, acknowledged: int, error: Exception) -> "Reply":
        """The reply of a stream that ended in an exception."""
        if isinstance(error, grpc.Call | grpc.aio.AioRpcError):
            return cls(acknowledged, error.code(), error.details() or "")
        return cls(acknowledged, grpc.StatusCode.UNKNOWN, type(error).__name__)


def converse(journal: Journal) -> Generator[Messages, Reply, None]:
    """Yields the messages of one stream after another, takes each one's reply, and keeps the journal in step.

    Only INVALID_ARGUMENT speaks of one record, and sending it again cannot help. Every other error speaks of the
    connection, the stream or the gate's state, so it costs no record.
    """
    renewed = False
    while True:
        messages = journal.messages()
        last = messages[-1].agent_record.sequence
        reply = yield messages
        journal.acknowledged(min(reply.acknowledged, last))
        why = "" if reply.code is grpc.StatusCode.OK else f"{reply.code.name}: {reply.details}"
        if reply.code is grpc.StatusCode.INVALID_ARGUMENT:
            # gRPC may drop acknowledgements that an error status overtakes, so ask anew how far the records came.
            standing = yield (journal.opening(),)
            journal.acknowledged(min(standing.acknowledged, last))
            if standing.code is not grpc.StatusCode.OK or standing.acknowledged >= last:
                journal.hindered(why)
                return
            journal.refused(reply.details)
        elif reply.code is grpc.StatusCode.OUT_OF_RANGE and not renewed:
            # The gate has forgotten the stream. It takes no record after a gap, so none of these is stored there.
            journal.renew()
            renewed = True
        else:
            journal.hindered(why)
            return
        if not journal.waiting:
            return


def require_durable(entry: Entry, journal: Journal) -> None:
    """Raises NotRecorded unless the gate has acknowledged the record."""
    if entry.refusal:
        raise NotRecorded(f"the gate refused the record, which is lost: {entry.refusal}")
    if not entry.durable:
        why = journal.hindrance or "no acknowledgement came"
        raise NotRecorded(f"the record is not durable yet ({why}); it is kept and sent again")
