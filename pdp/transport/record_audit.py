"""RecordAudit: records in, acknowledgements out; an agent's own stream, or a sidecar's spool."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

import grpc

from gatehold.agent_records import agent_record
from gatehold.invalid import InvalidInput
from gatehold.serving import Context, Refusal
from gatehold.v1.decision_point_service_pb2 import AuditStream, RecordAuditRequest, RecordAuditResponse, SpoolBatch
from gatehold.v1.error_reason_pb2 import ErrorReason
from pdp.audit.log import AuditLog
from pdp.audit.model import Shipper, SpooledRecord
from pdp.identity import Principal, Role
from pdp.transport.authentication import Authenticator
from pdp.transport.identifiers import require_sequence, require_uuid

PROTOCOL_VERSION = 1
MAX_BATCH = 256

_HASH_BYTES = 32

Requests = AsyncIterator[RecordAuditRequest]
Acknowledged = AsyncGenerator[int, None]
SensitiveArgs = Callable[[str, str], Sequence[str] | None]
"""From tenant and verb to the argument paths that no record may hold; None for an unknown verb."""


class RecordIntake:
    """Takes records in from those who may speak for an agent."""

    def __init__(self, authenticator: Authenticator, audit: AuditLog, sensitive_args: SensitiveArgs) -> None:
        self._authenticator = authenticator
        self._audit = audit
        self._sensitive_args = sensitive_args

    async def responses(self, requests: Requests, context: Context) -> AsyncGenerator[RecordAuditResponse, None]:
        """Serves one stream: an acknowledgement of what is stored already, then one for each message."""
        principal, agent = self._authenticator.speaker(context)
        opened = _opened(await anext(requests, None))
        if opened.WhichOneof("stream") == "spool":
            acknowledged = self._spool(opened, _still_valid(requests, self._authenticator, context), principal, agent)
        else:
            acknowledged = self._stream(opened, _still_valid(requests, self._authenticator, context), principal, agent)
        async for sequence in acknowledged:
            yield RecordAuditResponse(acknowledged_sequence=sequence)

    async def _spool(self, opened: AuditStream, requests: Requests, principal: Principal, agent: str) -> Acknowledged:
        _require_role(principal, Role.SIDECAR, "a spool")
        spool = opened.spool
        intake = await self._audit.open_spool(
            Shipper(principal.tenant, principal.name, agent),
            require_uuid(spool.spool_id, "open.spool.spool_id"),
            require_uuid(spool.predecessor_id, "open.spool.predecessor_id") if spool.predecessor_id else None,
            require_sequence(spool.predecessor_last_sequence, "open.spool.predecessor_last_sequence"),
        )
        yield intake.acknowledged
        async for request in requests:
            if request.WhichOneof("message") != "spool_batch":
                raise InvalidInput("message", "must be a spool_batch in a spool's stream")
            yield await intake.append(_batch(request.spool_batch))

    async def _stream(self, opened: AuditStream, requests: Requests, principal: Principal, agent: str) -> Acknowledged:
        _require_role(principal, Role.AGENT, "an agent's stream")
        tenant, session = principal.tenant, principal.session
        stream = await self._audit.open_stream(tenant, agent, require_uuid(opened.stream_id, "open.stream_id"))
        yield stream.acknowledged
        async for request in requests:
            if request.WhichOneof("message") != "agent_record":
                raise InvalidInput("message", "must be an agent_record in an agent's stream")
            sent = request.agent_record
            record = agent_record(
                sent.record,
                tenant=tenant,
                agent=agent,
                session=session.session_id if session else "",
                sensitive=lambda verb: self._sensitive_args(tenant, verb),
            )
            yield await stream.append(require_sequence(sent.sequence, "agent_record.sequence"), record)


async def _still_valid(requests: Requests, authenticator: Authenticator, context: Context) -> Requests:
    """The messages, as long as the credential is valid: a stream may outlive its key."""
    async for request in requests:
        authenticator.speaker(context)
        yield request


def _opened(first: RecordAuditRequest | None) -> AuditStream:
    if first is None or first.WhichOneof("message") != "open":
        raise InvalidInput("open", "must be the first message")
    if first.open.protocol_version != PROTOCOL_VERSION:
        raise Refusal(
            grpc.StatusCode.FAILED_PRECONDITION,
            ErrorReason.ERROR_REASON_PROTOCOL_VERSION,
            f"this server speaks version {PROTOCOL_VERSION} of the record protocol, not {first.open.protocol_version}",
        )
    return first.open


def _batch(batch: SpoolBatch) -> list[SpooledRecord]:
    if len(batch.records) > MAX_BATCH:
        raise InvalidInput("spool_batch.records", f"has more than {MAX_BATCH} items")
    records = []
    for index, sent in enumerate(batch.records):
        path = f"spool_batch.records[{index}]"
        if len(sent.previous_hash) != _HASH_BYTES:
            raise InvalidInput(f"{path}.previous_hash", f"must be {_HASH_BYTES} bytes")
        records.append(
            SpooledRecord(require_sequence(sent.sequence, f"{path}.sequence"), sent.previous_hash, sent.record)
        )
    return records


def _require_role(principal: Principal, role: Role, what: str) -> None:
    if principal.role is not role:
        raise Refusal(
            grpc.StatusCode.PERMISSION_DENIED,
            ErrorReason.ERROR_REASON_NOT_PERMITTED,
            f"a principal of role {principal.role} may not open {what}",
        )
