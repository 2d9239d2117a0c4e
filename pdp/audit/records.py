"""The record's form: protobuf on disk and in the chain, so this one module of the room reads and makes it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from gatehold.agent_records import require_detail
from gatehold.digest import parse_object
from gatehold.invalid import InvalidInput
from gatehold.records import now, stamp
from gatehold.serving import stranger
from gatehold.v1.audit_record_pb2 import AlarmDetail, AuditRecord, ChangeDetail
from gatehold.v1.audit_record_pb2 import RecordKind as WireKind
from gatehold.v1.decision_pb2 import Decision as WireDecision
from gatehold.vocabulary import Decision, RecordKind
from pdp.audit.model import Shipper, SpooledRecord
from pdp.audit.succession import Alarm
from pdp.store.model import LogEntry, ObjectChange, Spool

_KINDS = {WireKind.Value(f"RECORD_KIND_{kind.name}"): kind for kind in RecordKind}
_DECISIONS = {WireDecision.Value(f"DECISION_{decision.name}"): decision for decision in Decision}
_DETAIL = {
    RecordKind.DECISION: "decision",
    RecordKind.TOOL_EXECUTION: "execution",
    RecordKind.APPROVAL: "approval",
    RecordKind.CONFIG_CHANGE: "change",
    RecordKind.PROMPT_GUARD: "prompt_guard",
    RecordKind.AI_USAGE: "ai_usage",
    RecordKind.TASK_ACTIVITY: "task_activity",
    RecordKind.ALARM: "alarm",
}
# The others tell of what the decision point did itself; a sidecar that ships one makes it up.
_SHIPPED = frozenset(RecordKind) - {RecordKind.APPROVAL, RecordKind.CONFIG_CHANGE}
# Those that the decision point, or its like in the sidecar, makes itself; all others are an agent's word.
_OWN_DETAIL = frozenset({RecordKind.DECISION, RecordKind.ALARM})
_LARGEST = 3 * 1024 * 1024  # bytes of a record, so that each fits the 4 MiB that a client takes
_END_OF_TIME = 253_402_300_800  # 10000-01-01, the first second that a Timestamp cannot hold


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that has no place in a chain yet, with what is extracted from it."""

    record: AuditRecord
    time_us: int
    kind: RecordKind
    decision: Decision | None

    def entry(self, spool_id: str, sequence: int, previous_hash: bytes) -> LogEntry:
        """Puts it in its place."""
        return self._placed(
            self.record.tenant, spool_id, sequence, previous_hash, stamp(self.record, spool_id, sequence)
        )

    def shipped(self, shipper: Shipper, spool_id: str, spooled: SpooledRecord) -> LogEntry:
        """The place that its sidecar gave it. Its bytes stay as they are, because the chain runs over them."""
        return self._placed(shipper.tenant, spool_id, spooled.sequence, spooled.previous_hash, spooled.body)

    def _placed(self, tenant: str, spool_id: str, sequence: int, previous_hash: bytes, body: bytes) -> LogEntry:
        return LogEntry(
            record_id=self.record.record_id,
            tenant=tenant,
            spool_id=spool_id,
            sequence=sequence,
            previous_hash=previous_hash,
            time_us=self.time_us,
            kind=self.kind,
            agent=self.record.agent,
            verb=self.record.verb,
            decision=self.decision,
            body=body,
        )


def draft(record: AuditRecord, field: str = "record") -> Draft:
    """Reads what is stored beside the bytes.

    Raises:
        InvalidInput: no record_id, no possible record_time, no known kind, or a detail that is not of the kind.
    """
    if not record.record_id:
        raise InvalidInput(f"{field}.record_id", "is required")
    time = record.record_time
    if not (0 < time.seconds < _END_OF_TIME and 0 <= time.nanos < 1_000_000_000):
        raise InvalidInput(f"{field}.record_time", "is not a time after 1970")
    kind = _KINDS.get(record.kind)
    if kind is None:
        raise InvalidInput(f"{field}.kind", "is not a kind of record that this server knows")
    if record.WhichOneof("detail") != _DETAIL[kind]:
        raise InvalidInput(f"{field}.{_DETAIL[kind]}", f"is required in a record of kind {kind}, and no other detail")
    # Unspecified or unknown reads as block, here as everywhere.
    decision = _DECISIONS.get(record.decision.decision, Decision.BLOCK) if kind is RecordKind.DECISION else None
    return Draft(record, time.seconds * 1_000_000 + time.nanos // 1_000, kind, decision)


def shipped_entry(shipper: Shipper, spool_id: str, spooled: SpooledRecord) -> LogEntry:
    """Reads one record of a sidecar's spool, and checks that it is what the chain and the credential say it is.

    Raises:
        InvalidInput: not an AuditRecord, of another tenant, agent or place, or of a kind that no sidecar makes.
    """
    field = f"spool_batch.records[sequence {spooled.sequence}].record"
    if len(spooled.body) > _LARGEST:
        raise InvalidInput(field, f"is longer than {_LARGEST} bytes")
    try:
        record = AuditRecord.FromString(spooled.body)
    except DecodeError:
        raise InvalidInput(field, "is not a serialized AuditRecord") from None
    drafted = draft(record, field)
    if drafted.kind not in _SHIPPED:
        raise InvalidInput(f"{field}.kind", f"{drafted.kind} is recorded by the decision point alone")
    # A sidecar need not know its tenant, and an alarm need not be of an agent.
    if record.tenant not in ("", shipper.tenant):
        raise InvalidInput(f"{field}.tenant", "is not the tenant of the credential")
    if record.agent != shipper.agent and (record.agent or drafted.kind is not RecordKind.ALARM):
        raise InvalidInput(f"{field}.agent", "is not the agent that this sidecar serves")
    if (record.spool_id, record.sequence) != (spool_id, spooled.sequence):
        raise InvalidInput(f"{field}.sequence", "spool_id and sequence inside the record differ from its place")
    _require_readable(drafted, len(spooled.body), field)
    return drafted.shipped(shipper, spool_id, spooled)


def _require_readable(drafted: Draft, size: int, field: str) -> None:
    """Refuses what no honest sidecar makes, and what nobody who reads the record later could make sense of."""
    record = drafted.record
    if problem := stranger(record):
        raise InvalidInput(field, problem)
    # Redaction may make them longer than a call's limit; the record's own size bounds them.
    parse_object(record.args_json, f"{field}.args_json", size)
    parse_object(record.context_json, f"{field}.context_json", size)
    if drafted.kind not in _OWN_DETAIL:
        require_detail(record, field)


def alarm_draft(spool: Spool, alarm: Alarm) -> Draft:
    """The record of an alarm about a spool, made now."""
    detail = AlarmDetail(
        type=alarm.type,
        spool_id=spool.spool_id,
        first_sequence=alarm.first_sequence,
        last_sequence=alarm.last_sequence,
        message=alarm.message,
    )
    return draft(_new(spool.tenant, kind=WireKind.RECORD_KIND_ALARM, agent=spool.agent, alarm=detail))


def change_records(
    tenant: str, revision: int, changes: Sequence[ObjectChange], actor: str, reason: str
) -> list[AuditRecord]:
    """The records of one change of configuration, made now: one for each object that changed."""
    details = [
        ChangeDetail(
            object=change.object,
            old_json=change.old_json,
            new_json=change.new_json,
            actor=actor,
            reason=reason,
            revision=revision,
        )
        for change in changes
    ]
    return [_new(tenant, kind=WireKind.RECORD_KIND_CONFIG_CHANGE, change=detail) for detail in details]


def _new(
    tenant: str,
    *,
    kind: WireKind,
    agent: str = "",
    alarm: AlarmDetail | None = None,
    change: ChangeDetail | None = None,
) -> AuditRecord:
    return AuditRecord(
        record_id=str(uuid.uuid4()),
        tenant=tenant,
        record_time=now(),
        kind=kind,
        agent=agent,
        alarm=alarm,
        change=change,
    )
