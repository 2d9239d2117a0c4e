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
from sidecar.model import Caller
from sidecar.sessions import Sessions
from sidecar.spool import Spool

PROTOCOL_VERSION = 1
_AT_ONCE = 16
_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED


class AgentStreams:
    """Takes an agent's records into the spool and acknowledges what is fsync'd there."""

    def __init__(self, spool: Spool, sessions: Sessions) -> None:
        self._spool = spool
        self._sessions = sessions
        self._open = 0

    async def serve(
        self, caller: Caller, messages: AsyncIterator[RecordAuditRequest]
    ) -> AsyncGenerator[RecordAuditResponse, None]:
        """Acknowledges once at the opening and once for each record.

        Raises:
            InvalidInput: a message is out of place, or a record is outside the contract.
            SequenceGap, SpoolFull, SpoolFailed: the record was not stored.
            Refusal: PERMISSION_DENIED for a spool, FAILED_PRECONDITION for another protocol version,
                RESOURCE_EXHAUSTED with too many streams, UNAUTHENTICATED in a session that nobody has verified.
        """
        self._sessions.of(caller)
        if self._open >= _AT_ONCE:
            raise Refusal(_EXHAUSTED, ErrorReason.ERROR_REASON_TOO_MANY_CALLS, f"at most {_AT_ONCE} streams at once")
        self._open += 1
        try:
            stream_id = ""
            async for message in messages:
                if stream_id:
                    sequence = await self._store(caller, stream_id, _record(message))
                else:
                    stream_id = _stream_id(message)
                    sequence = await self._spool.agent_sequence(stream_id)
                yield RecordAuditResponse(acknowledged_sequence=sequence)
        finally:
            self._open -= 1

    async def _store(self, caller: Caller, stream_id: str, sent: AgentRecord) -> int:
        session = self._sessions.of(caller)  # anew for each record: the stream may outlive the session
        record = agent_record(sent.record, tenant="", agent=caller.agent, session=session, sensitive=lambda _: None)
        spool_id = self._spool.identity.spool_id
        return await self._spool.append_from_agent(
            stream_id, sent.sequence, lambda sequence: stamp(record, spool_id, sequence)
        )


def _stream_id(message: RecordAuditRequest) -> str:
    if message.WhichOneof("message") != "open":
        raise InvalidInput("open", "must be the first message of a stream")
    opening: AuditStream = message.open
    if opening.protocol_version != PROTOCOL_VERSION:
        text = f"record protocol {opening.protocol_version} is not spoken here, only {PROTOCOL_VERSION}"
        raise Refusal(grpc.StatusCode.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_PROTOCOL_VERSION, text)
    if opening.WhichOneof("stream") == "spool":
        text = "spools are taken by the decision point, not by a sidecar"
        raise Refusal(grpc.StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_NOT_PERMITTED, text)
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
