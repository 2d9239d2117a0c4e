"""Records that the agent itself puts on the record."""

import uuid
from collections.abc import AsyncGenerator, AsyncIterator

import grpc

from gatehold.agent_records import agent_record
from gatehold.invalid import InvalidInput
from gatehold.records import stamp
from gatehold.serving import Refusal
from gatehold.v1.decision_point_service_pb2 import AgentRecord, AuditStream, RecordAuditRequest, RecordAuditResponse
from gatehold.v1.error_reason_pb2 import ErrorReason
from sidecar.guard.refusals import spool_full, storage_failed
from sidecar.spool import SequenceGap, Spool, SpoolFailed, SpoolFull

PROTOCOL_VERSION = 1
_AT_ONCE = 16


class AgentStreams:
    """Takes an agent's records into the spool and acknowledges what is fsync'd there."""

    def __init__(self, agent: str, spool: Spool) -> None:
        self._agent = agent
        self._spool = spool
        self._open = 0

    async def serve(self, messages: AsyncIterator[RecordAuditRequest]) -> AsyncGenerator[RecordAuditResponse, None]:
        """Acknowledges once at the opening and once for each record.

        Raises:
            InvalidInput: a message is out of place, or a record is outside the contract.
            Refusal: OUT_OF_RANGE after a gap; PERMISSION_DENIED for a spool; FAILED_PRECONDITION for another protocol;
                RESOURCE_EXHAUSTED with too many streams or a full spool; UNAVAILABLE with a failed one.
        """
        if self._open >= _AT_ONCE:
            raise _refusal("RESOURCE_EXHAUSTED", "TOO_MANY_CALLS", f"at most {_AT_ONCE} streams of records at once")
        self._open += 1
        try:
            stream_id = ""
            async for message in messages:
                if stream_id:
                    sequence = await self._store(stream_id, _record(message))
                else:
                    stream_id = _stream_id(message)
                    sequence = await self._known(stream_id)
                yield RecordAuditResponse(acknowledged_sequence=sequence)
        finally:
            self._open -= 1

    async def _known(self, stream_id: str) -> int:
        try:
            return await self._spool.agent_sequence(stream_id)
        except SpoolFailed:
            raise storage_failed() from None

    async def _store(self, stream_id: str, sent: AgentRecord) -> int:
        record = agent_record(sent.record, tenant="", agent=self._agent, session="", sensitive=lambda _: None)
        spool_id = self._spool.identity.spool_id
        try:
            return await self._spool.append_from_agent(
                stream_id, sent.sequence, lambda sequence: stamp(record, spool_id, sequence)
            )
        except SequenceGap as gap:
            raise _refusal("OUT_OF_RANGE", "SEQUENCE_GAP", str(gap), {"expected": str(gap.expected)}) from None
        except SpoolFull:
            raise spool_full() from None
        except SpoolFailed:
            raise storage_failed() from None


def _stream_id(message: RecordAuditRequest) -> str:
    if message.WhichOneof("message") != "open":
        raise InvalidInput("open", "must be the first message of a stream")
    opening: AuditStream = message.open
    if opening.protocol_version != PROTOCOL_VERSION:
        text = f"record protocol {opening.protocol_version} is not spoken here, only {PROTOCOL_VERSION}"
        raise _refusal("FAILED_PRECONDITION", "PROTOCOL_VERSION", text)
    if opening.WhichOneof("stream") == "spool":
        raise _refusal("PERMISSION_DENIED", "NOT_PERMITTED", "spools are taken by the decision point, not by a sidecar")
    try:
        return str(uuid.UUID(opening.stream_id))
    except ValueError:
        raise InvalidInput("open.stream_id", "must be a UUID") from None


def _record(message: RecordAuditRequest) -> AgentRecord:
    if message.WhichOneof("message") != "agent_record":
        raise InvalidInput("agent_record", "must be set in every message after the first")
    if message.agent_record.sequence < 1:
        raise InvalidInput("agent_record.sequence", "must be at least 1")
    return message.agent_record


def _refusal(code: str, reason: str, message: str, metadata: dict[str, str] | None = None) -> Refusal:
    return Refusal(grpc.StatusCode[code], ErrorReason.Value(f"ERROR_REASON_{reason}"), message, metadata)
