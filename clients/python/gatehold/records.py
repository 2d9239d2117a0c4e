"""Audit records, as the sidecar and the decision point both make them.

Everything that could be secret leaves here replaced: what is not known to be harmless does not reach a disk.
"""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from gatehold.digest import canonical
from gatehold.identifier import require_identifier
from gatehold.invalid import InvalidInput
from gatehold.redaction import redact, redact_all
from gatehold.serving.call import MAX_REQUEST_ID, MAX_SUBJECT
from gatehold.v1.audit_record_pb2 import AuditRecord, DecisionDetail, RecordKind
from gatehold.v1.decision_pb2 import Intent, ShadowResult
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, EvaluateResponse
from gatehold.verb import parse_verb


def decision_record(
    request: EvaluateRequest,
    response: EvaluateResponse,
    *,
    tenant: str,
    agent: str,
    session: str,
    args: Mapping[str, object],
    context: Mapping[str, object],
    sensitive: Sequence[str] | None,
    shadow: Sequence[ShadowResult],
    supersedes: str = "",
) -> AuditRecord:
    """The record of one decision, made now; `stamp` gives it its place in a chain.

    Args:
        request: as it came; its verb and identifiers must have been checked.
        response: the answer that leaves after this record is stored.
        tenant: empty where only the decision point knows it.
        session: id of the session credential; empty where there was none.
        args: the parsed arguments.
        context: the parsed context.
        sensitive: paths of arguments to replace, for example `card.number` or `items[*].token`. None when the verb's
            paths are not known: then every value of arguments and context is replaced.
        shadow: what policies in shadow mode would have decided.
        supersedes: id of a recorded decision that this one replaces because it never left.
    """
    return AuditRecord(
        record_id=str(uuid.uuid4()),
        tenant=tenant,
        record_time=now(),
        kind=RecordKind.RECORD_KIND_DECISION,
        agent=agent,
        session=session,
        on_behalf_of=request.on_behalf_of,
        verb=request.verb,
        args_json=json_text(redact_all(args) if sensitive is None else redact(args, sensitive)),
        context_json=json_text(redact_all(context) if sensitive is None else context),
        args_digest=response.args_digest,
        request_id=request.request_id,
        decision=DecisionDetail(
            decision=response.decision,
            risk_level=response.risk_level,
            reason=response.reason,
            reason_code=response.reason_code,
            policy_matched=response.policy_matched,
            decision_id=response.decision_id,
            revision=response.revision,
            source=response.source,
            shadow=shadow,
            intent=request.intent or Intent.INTENT_EXECUTE,
            supersedes=supersedes,
        ),
    )


def legible(request: EvaluateRequest) -> EvaluateRequest:
    """What of a refused request may stand in a record: verb and identifiers, each where it passes its own check."""
    return EvaluateRequest(
        verb=_checked(lambda: ":".join(parse_verb(request.verb))),
        intent=request.intent,
        on_behalf_of=_checked(lambda: require_identifier(request.on_behalf_of, "on_behalf_of", MAX_SUBJECT)),
        request_id=_checked(lambda: require_identifier(request.request_id, "request_id", MAX_REQUEST_ID)),
    )


def _checked(read: Callable[[], str]) -> str:
    try:
        return read()
    except InvalidInput:
        return ""


def stamp(record: AuditRecord, spool_id: str, sequence: int) -> bytes:
    """Puts the record in its place and returns the bytes that are stored and chained.

    Args:
        record: changed in place.
        spool_id: UUID of the chain.
        sequence: place in it, from 1.
    """
    record.spool_id = spool_id
    record.sequence = sequence
    return record.SerializeToString(deterministic=True)


def now() -> Timestamp:
    """The wall clock, UTC."""
    seconds, nanos = divmod(time.time_ns(), 1_000_000_000)
    return Timestamp(seconds=seconds, nanos=nanos)


def json_text(value: Mapping[str, object]) -> str:
    """The object as it stands in a record: RFC 8785, and empty for the empty object."""
    return canonical(value).decode() if value else ""
