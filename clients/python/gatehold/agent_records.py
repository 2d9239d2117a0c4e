"""What an agent itself puts on the record, made safe to keep: its word, under an identity that is not its word."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration

from gatehold.digest import MAX_BYTES, digest, parse_object
from gatehold.identifier import require_identifier
from gatehold.invalid import InvalidInput
from gatehold.records import json_text, now
from gatehold.redaction import redact, redact_all
from gatehold.v1.audit_record_pb2 import AuditRecord, Outcome, RecordKind
from gatehold.verb import parse_verb

MAX_TEXT = 4 * 1024  # bytes of UTF-8

_DETAILS = {
    RecordKind.RECORD_KIND_TOOL_EXECUTION: "execution",
    RecordKind.RECORD_KIND_AI_USAGE: "ai_usage",
    RecordKind.RECORD_KIND_PROMPT_GUARD: "prompt_guard",
    RecordKind.RECORD_KIND_TASK_ACTIVITY: "task_activity",
}
_TEXTS = frozenset({"error", "finding", "note"})  # for people; every other string of a detail is an identifier
_LONGEST_SECONDS = 315_576_000_000  # google.protobuf.Duration, about 10,000 years
_SHA256 = re.compile(r"[0-9a-f]{64}")

Sensitive = Callable[[str], Sequence[str] | None]


def agent_record(sent: AuditRecord, *, tenant: str, agent: str, session: str, sensitive: Sensitive) -> AuditRecord:
    """The record to store for one that an agent sent; `gatehold.records.stamp` gives it its place in a chain.

    Args:
        sent: of kind tool_execution, ai_usage, prompt_guard or task_activity. Its identity, id, time and place are
            ignored.
        tenant: empty where only the decision point knows it.
        agent: whose record it is.
        session: id of the session credential; empty where there was none.
        sensitive: from a verb to the paths of arguments to replace, None where they are not known.

    Raises:
        InvalidInput: the first field that is outside the contract.
    """
    require_detail(sent, "record")
    paths = sensitive(sent.verb) if sent.verb else None
    args = parse_object(sent.args_json, "record.args_json")
    context = parse_object(sent.context_json, "record.context_json", MAX_BYTES - len(sent.args_json.encode()))
    record = AuditRecord(
        record_id=str(uuid.uuid4()),
        tenant=tenant,
        record_time=now(),
        kind=sent.kind,
        agent=agent,
        session=session,
        on_behalf_of=_identifier(sent.on_behalf_of, "record.on_behalf_of", 256),
        verb=_verb(sent.verb),
        args_json=json_text(_redacted(args, paths)),
        context_json=json_text(redact_all(context) if paths is None else context),
        args_digest=digest(args) if sent.args_json else _digest(sent.args_digest),
        request_id=_identifier(sent.request_id, "record.request_id", 128),
        agent_asserted=True,
    )
    detail = _DETAILS[sent.kind]
    getattr(record, detail).CopyFrom(getattr(sent, detail))
    return record


def require_detail(sent: AuditRecord, path: str) -> None:
    """Refuses a record that no agent could have made of itself, by its kind and its detail.

    Args:
        path: what errors call the record.

    Raises:
        InvalidInput: the first field that is outside the contract.
    """
    expected = _DETAILS.get(sent.kind)
    if expected is None:
        raise InvalidInput(f"{path}.kind", "must be tool_execution, ai_usage, prompt_guard or task_activity")
    if sent.WhichOneof("detail") != expected:
        raise InvalidInput(f"{path}.{expected}", "must be set, and no other detail, in a record of this kind")
    for field, value in getattr(sent, expected).ListFields():
        _require_value(field, value, f"{path}.{expected}.{field.name}")
    if expected == "execution" and sent.execution.outcome == Outcome.OUTCOME_UNSPECIFIED:
        raise InvalidInput(f"{path}.execution.outcome", "must be succeeded, failed or indeterminate")


def _require_value(field: FieldDescriptor, value: object, path: str) -> None:
    if isinstance(value, str):
        _require_text(field.name, value, path)
    elif isinstance(value, Duration):
        require_duration(value, path)
    elif field.enum_type and value not in field.enum_type.values_by_number:
        raise InvalidInput(path, f"{value} is not a {field.enum_type.name}")
    elif type(value) is int and value < 0:
        raise InvalidInput(path, "must not be negative")


def require_duration(duration: Duration, path: str) -> None:
    """Refuses a length that nothing can have taken. Raises InvalidInput on `path`."""
    if not (0 <= duration.seconds <= _LONGEST_SECONDS and 0 <= duration.nanos < 1_000_000_000):
        raise InvalidInput(path, "must not be negative, nor longer than 10,000 years")


def _require_text(name: str, value: str, path: str) -> None:
    if name not in _TEXTS:
        require_identifier(value, path)
    elif len(value.encode()) > MAX_TEXT:
        raise InvalidInput(path, f"is longer than {MAX_TEXT} bytes")


def _redacted(args: Mapping[str, object], paths: Sequence[str] | None) -> Mapping[str, object]:
    return redact_all(args) if paths is None else redact(args, paths)


def _identifier(text: str, field: str, max_length: int) -> str:
    return require_identifier(text, field, max_length) if text else ""


def _verb(text: str) -> str:
    if text:
        parse_verb(text, "record.verb")
    return text


def _digest(text: str) -> str:
    if text and not _SHA256.fullmatch(text):
        raise InvalidInput("record.args_digest", "must be the lowercase hex SHA-256 of the arguments")
    return text
