"""Between the words that rooms use and the messages of the wire."""

from collections.abc import Iterable, Mapping

from google.protobuf.timestamp_pb2 import Timestamp

from gatehold import vocabulary
from gatehold.digest import canonical
from gatehold.invalid import InvalidInput
from gatehold.v1 import audit_record_pb2, catalog_pb2, decision_pb2, reason_code_pb2
from gatehold.v1.audit_record_pb2 import AuditRecord, RecordKind
from gatehold.v1.catalog_pb2 import Access, CatalogEntry, Classification
from gatehold.v1.decision_pb2 import Decision, Obligation, RiskLevel, ShadowResult
from gatehold.v1.reason_code_pb2 import ReasonCode
from gatehold.v1.trace_pb2 import Candidate, CandidateRole, Comparison, Trace, Truth
from pdp import model
from pdp.catalog.compiled import CompiledEntry
from pdp.store.model import LogEntry

# One plain dictionary look-up per word on the way out; the enumerations' own name look-up costs several times that.
DECISIONS: dict[vocabulary.Decision, Decision] = {
    word: getattr(decision_pb2, f"DECISION_{word.name}") for word in vocabulary.Decision
}
RISK_LEVELS: dict[vocabulary.RiskLevel, RiskLevel] = {
    word: getattr(decision_pb2, f"RISK_LEVEL_{word.name}") for word in vocabulary.RiskLevel
}
REASON_CODES: dict[vocabulary.ReasonCode, ReasonCode] = {
    word: getattr(reason_code_pb2, f"REASON_CODE_{word.name}") for word in vocabulary.ReasonCode
}
ACCESSES: dict[vocabulary.Access, Access] = {
    word: getattr(catalog_pb2, f"ACCESS_{word.name}") for word in vocabulary.Access
}
RECORD_KINDS: dict[vocabulary.RecordKind, RecordKind] = {
    word: getattr(audit_record_pb2, f"RECORD_KIND_{word.name}") for word in vocabulary.RecordKind
}

DECISION_WORDS = {number: word for word, number in DECISIONS.items()}
RECORD_KIND_WORDS = {number: word for word, number in RECORD_KINDS.items()}

_ROLES = {
    "candidate": CandidateRole.CANDIDATE_ROLE_CANDIDATE,
    "floor": CandidateRole.CANDIDATE_ROLE_FLOOR,
    "notification": CandidateRole.CANDIDATE_ROLE_NOTIFICATION,
    "shadow": CandidateRole.CANDIDATE_ROLE_SHADOW,
}
_TRUTHS = {True: Truth.TRUTH_TRUE, False: Truth.TRUTH_FALSE, None: Truth.TRUTH_UNKNOWN}

_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that google.protobuf.Timestamp may hold


def obligation(asked: model.Obligation) -> Obligation:
    """The message of one obligation."""
    properties = json_object(asked.properties) if asked.properties else ""
    return Obligation(id=asked.id, type=asked.type, properties_json=properties)


def shadow_results(results: Iterable[model.ShadowResult]) -> list[ShadowResult]:
    """The messages of what policies in shadow mode would have decided."""
    return [ShadowResult(policy=result.policy, decision=DECISIONS[result.decision]) for result in results]


def trace(candidates: Iterable[model.Candidate]) -> Trace:
    """The message that explains a decision."""
    return Trace(candidates=[_candidate(candidate) for candidate in candidates])


def _candidate(candidate: model.Candidate) -> Candidate:
    return Candidate(
        policy=candidate.policy,
        action=candidate.action,
        result=_TRUTHS[candidate.result],
        role=_ROLES[candidate.role],
        comparisons=[Comparison(text=one.text, result=_TRUTHS[one.result]) for one in candidate.comparisons],
        overridden_by=candidate.overridden_by,
    )


def catalog_entry(entry: CompiledEntry) -> CatalogEntry:
    """The message of what is known of a verb."""
    return CatalogEntry(
        verb=entry.verb,
        risk_level=RISK_LEVELS[entry.risk_level],
        access=ACCESSES[entry.access],
        bundle=entry.bundle,
        hardened=entry.hardened,
        idempotent=entry.idempotent,
        sensitive_args=entry.sensitive_args,
        args_schema_json="" if entry.args_schema is None else json_object(entry.args_schema),
        definition_digest=entry.definition_digest,
        description=entry.description,
        classification=Classification(**entry.classification),
        shipped=entry.shipped,
    )


def record(entry: LogEntry) -> AuditRecord:
    """The message that was stored. Its tenant is the one it is kept for: a sidecar is never told it."""
    message = AuditRecord.FromString(entry.body)
    message.tenant = entry.tenant
    return message


def microseconds(time: Timestamp, field: str) -> int:
    """Microseconds since 1970-01-01 UTC.

    Raises:
        InvalidInput: on `field`, when the time is not one of the years 1 to 9999.
    """
    if not (-62_135_596_800 <= time.seconds <= _LAST_SECOND and 0 <= time.nanos < 1_000_000_000):
        raise InvalidInput(field, "is not a time of the years 1 to 9999")
    return time.seconds * 1_000_000 + time.nanos // 1_000


def json_object(value: Mapping[str, object]) -> str:
    """RFC 8785 text of a JSON object."""
    return canonical(dict(value)).decode()
