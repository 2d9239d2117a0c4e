import datetime

from gatehold.v1 import approval_pb2 as _approval_pb2
from gatehold.v1 import audit_record_pb2 as _audit_record_pb2
from gatehold.v1 import catalog_pb2 as _catalog_pb2
from gatehold.v1 import decision_pb2 as _decision_pb2
from gatehold.v1 import reason_code_pb2 as _reason_code_pb2
from gatehold.v1 import reuse_pb2 as _reuse_pb2
from gatehold.v1 import trace_pb2 as _trace_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BatchMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BATCH_MODE_UNSPECIFIED: _ClassVar[BatchMode]
    BATCH_MODE_ALL: _ClassVar[BatchMode]
    BATCH_MODE_STOP_ON_FIRST_BLOCK: _ClassVar[BatchMode]
BATCH_MODE_UNSPECIFIED: BatchMode
BATCH_MODE_ALL: BatchMode
BATCH_MODE_STOP_ON_FIRST_BLOCK: BatchMode

class EvaluateRequest(_message.Message):
    __slots__ = ("verb", "args_json", "context_json", "intent", "on_behalf_of", "request_id", "tool_definition_digest", "explain")
    VERB_FIELD_NUMBER: _ClassVar[int]
    ARGS_JSON_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_JSON_FIELD_NUMBER: _ClassVar[int]
    INTENT_FIELD_NUMBER: _ClassVar[int]
    ON_BEHALF_OF_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TOOL_DEFINITION_DIGEST_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    verb: str
    args_json: str
    context_json: str
    intent: _decision_pb2.Intent
    on_behalf_of: str
    request_id: str
    tool_definition_digest: str
    explain: bool
    def __init__(self, verb: _Optional[str] = ..., args_json: _Optional[str] = ..., context_json: _Optional[str] = ..., intent: _Optional[_Union[_decision_pb2.Intent, str]] = ..., on_behalf_of: _Optional[str] = ..., request_id: _Optional[str] = ..., tool_definition_digest: _Optional[str] = ..., explain: bool = ...) -> None: ...

class EvaluateResponse(_message.Message):
    __slots__ = ("decision", "risk_level", "reason", "reason_code", "policy_matched", "decision_id", "revision", "source", "obligations", "args_digest", "trace", "reuse", "valid_until_boottime_ns")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    RISK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    POLICY_MATCHED_FIELD_NUMBER: _ClassVar[int]
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    ARGS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TRACE_FIELD_NUMBER: _ClassVar[int]
    REUSE_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_BOOTTIME_NS_FIELD_NUMBER: _ClassVar[int]
    decision: _decision_pb2.Decision
    risk_level: _decision_pb2.RiskLevel
    reason: str
    reason_code: _reason_code_pb2.ReasonCode
    policy_matched: str
    decision_id: str
    revision: int
    source: _decision_pb2.DecisionSource
    obligations: _containers.RepeatedCompositeFieldContainer[_decision_pb2.Obligation]
    args_digest: str
    trace: _trace_pb2.Trace
    reuse: _reuse_pb2.Reuse
    valid_until_boottime_ns: int
    def __init__(self, decision: _Optional[_Union[_decision_pb2.Decision, str]] = ..., risk_level: _Optional[_Union[_decision_pb2.RiskLevel, str]] = ..., reason: _Optional[str] = ..., reason_code: _Optional[_Union[_reason_code_pb2.ReasonCode, str]] = ..., policy_matched: _Optional[str] = ..., decision_id: _Optional[str] = ..., revision: _Optional[int] = ..., source: _Optional[_Union[_decision_pb2.DecisionSource, str]] = ..., obligations: _Optional[_Iterable[_Union[_decision_pb2.Obligation, _Mapping]]] = ..., args_digest: _Optional[str] = ..., trace: _Optional[_Union[_trace_pb2.Trace, _Mapping]] = ..., reuse: _Optional[_Union[_reuse_pb2.Reuse, _Mapping]] = ..., valid_until_boottime_ns: _Optional[int] = ...) -> None: ...

class BatchEvaluateRequest(_message.Message):
    __slots__ = ("requests", "mode")
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[EvaluateRequest]
    mode: BatchMode
    def __init__(self, requests: _Optional[_Iterable[_Union[EvaluateRequest, _Mapping]]] = ..., mode: _Optional[_Union[BatchMode, str]] = ...) -> None: ...

class BatchEvaluateResponse(_message.Message):
    __slots__ = ("responses",)
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    responses: _containers.RepeatedCompositeFieldContainer[EvaluateResponse]
    def __init__(self, responses: _Optional[_Iterable[_Union[EvaluateResponse, _Mapping]]] = ...) -> None: ...

class ListPermittedVerbsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPermittedVerbsResponse(_message.Message):
    __slots__ = ("verbs", "next_page_token", "revision", "epoch")
    VERBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    verbs: _containers.RepeatedCompositeFieldContainer[PermittedVerb]
    next_page_token: str
    revision: int
    epoch: int
    def __init__(self, verbs: _Optional[_Iterable[_Union[PermittedVerb, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., revision: _Optional[int] = ..., epoch: _Optional[int] = ...) -> None: ...

class PermittedVerb(_message.Message):
    __slots__ = ("entry", "executable")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    EXECUTABLE_FIELD_NUMBER: _ClassVar[int]
    entry: _catalog_pb2.CatalogEntry
    executable: bool
    def __init__(self, entry: _Optional[_Union[_catalog_pb2.CatalogEntry, _Mapping]] = ..., executable: bool = ...) -> None: ...

class RequestApprovalRequest(_message.Message):
    __slots__ = ("verb", "args_json", "context_json", "on_behalf_of", "request_id", "tool_definition_digest", "justification")
    VERB_FIELD_NUMBER: _ClassVar[int]
    ARGS_JSON_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_JSON_FIELD_NUMBER: _ClassVar[int]
    ON_BEHALF_OF_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TOOL_DEFINITION_DIGEST_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    verb: str
    args_json: str
    context_json: str
    on_behalf_of: str
    request_id: str
    tool_definition_digest: str
    justification: str
    def __init__(self, verb: _Optional[str] = ..., args_json: _Optional[str] = ..., context_json: _Optional[str] = ..., on_behalf_of: _Optional[str] = ..., request_id: _Optional[str] = ..., tool_definition_digest: _Optional[str] = ..., justification: _Optional[str] = ...) -> None: ...

class RequestApprovalResponse(_message.Message):
    __slots__ = ("approval",)
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    approval: _approval_pb2.Approval
    def __init__(self, approval: _Optional[_Union[_approval_pb2.Approval, _Mapping]] = ...) -> None: ...

class GetApprovalRequest(_message.Message):
    __slots__ = ("approval_id",)
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    approval_id: str
    def __init__(self, approval_id: _Optional[str] = ...) -> None: ...

class GetApprovalResponse(_message.Message):
    __slots__ = ("approval",)
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    approval: _approval_pb2.Approval
    def __init__(self, approval: _Optional[_Union[_approval_pb2.Approval, _Mapping]] = ...) -> None: ...

class DecisionPointServiceListApprovalsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "states")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    states: _containers.RepeatedScalarFieldContainer[_approval_pb2.ApprovalState]
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_approval_pb2.ApprovalState, str]]] = ...) -> None: ...

class DecisionPointServiceListApprovalsResponse(_message.Message):
    __slots__ = ("approvals", "next_page_token")
    APPROVALS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    approvals: _containers.RepeatedCompositeFieldContainer[_approval_pb2.Approval]
    next_page_token: str
    def __init__(self, approvals: _Optional[_Iterable[_Union[_approval_pb2.Approval, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CancelApprovalRequest(_message.Message):
    __slots__ = ("approval_id", "reason")
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    approval_id: str
    reason: str
    def __init__(self, approval_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CancelApprovalResponse(_message.Message):
    __slots__ = ("approval",)
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    approval: _approval_pb2.Approval
    def __init__(self, approval: _Optional[_Union[_approval_pb2.Approval, _Mapping]] = ...) -> None: ...

class WatchApprovalRequest(_message.Message):
    __slots__ = ("approval_id",)
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    approval_id: str
    def __init__(self, approval_id: _Optional[str] = ...) -> None: ...

class WatchApprovalResponse(_message.Message):
    __slots__ = ("approval",)
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    approval: _approval_pb2.Approval
    def __init__(self, approval: _Optional[_Union[_approval_pb2.Approval, _Mapping]] = ...) -> None: ...

class ClaimApprovalRequest(_message.Message):
    __slots__ = ("approval_id", "claim_id", "args_digest", "context_digest", "tool_definition_digest")
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    ARGS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TOOL_DEFINITION_DIGEST_FIELD_NUMBER: _ClassVar[int]
    approval_id: str
    claim_id: str
    args_digest: str
    context_digest: str
    tool_definition_digest: str
    def __init__(self, approval_id: _Optional[str] = ..., claim_id: _Optional[str] = ..., args_digest: _Optional[str] = ..., context_digest: _Optional[str] = ..., tool_definition_digest: _Optional[str] = ...) -> None: ...

class ClaimApprovalResponse(_message.Message):
    __slots__ = ("approval", "claim_expire_time", "obligations")
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    CLAIM_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    approval: _approval_pb2.Approval
    claim_expire_time: _timestamp_pb2.Timestamp
    obligations: _containers.RepeatedCompositeFieldContainer[_decision_pb2.Obligation]
    def __init__(self, approval: _Optional[_Union[_approval_pb2.Approval, _Mapping]] = ..., claim_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., obligations: _Optional[_Iterable[_Union[_decision_pb2.Obligation, _Mapping]]] = ...) -> None: ...

class CompleteApprovalRequest(_message.Message):
    __slots__ = ("approval_id", "claim_id", "outcome", "error", "duration")
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    approval_id: str
    claim_id: str
    outcome: _audit_record_pb2.Outcome
    error: str
    duration: _duration_pb2.Duration
    def __init__(self, approval_id: _Optional[str] = ..., claim_id: _Optional[str] = ..., outcome: _Optional[_Union[_audit_record_pb2.Outcome, str]] = ..., error: _Optional[str] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class CompleteApprovalResponse(_message.Message):
    __slots__ = ("approval",)
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    approval: _approval_pb2.Approval
    def __init__(self, approval: _Optional[_Union[_approval_pb2.Approval, _Mapping]] = ...) -> None: ...

class RecordAuditRequest(_message.Message):
    __slots__ = ("open", "agent_record", "spool_batch")
    OPEN_FIELD_NUMBER: _ClassVar[int]
    AGENT_RECORD_FIELD_NUMBER: _ClassVar[int]
    SPOOL_BATCH_FIELD_NUMBER: _ClassVar[int]
    open: AuditStream
    agent_record: AgentRecord
    spool_batch: SpoolBatch
    def __init__(self, open: _Optional[_Union[AuditStream, _Mapping]] = ..., agent_record: _Optional[_Union[AgentRecord, _Mapping]] = ..., spool_batch: _Optional[_Union[SpoolBatch, _Mapping]] = ...) -> None: ...

class RecordAuditResponse(_message.Message):
    __slots__ = ("acknowledged_sequence",)
    ACKNOWLEDGED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    acknowledged_sequence: int
    def __init__(self, acknowledged_sequence: _Optional[int] = ...) -> None: ...

class AuditStream(_message.Message):
    __slots__ = ("stream_id", "spool", "protocol_version")
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    SPOOL_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    stream_id: str
    spool: Spool
    protocol_version: int
    def __init__(self, stream_id: _Optional[str] = ..., spool: _Optional[_Union[Spool, _Mapping]] = ..., protocol_version: _Optional[int] = ...) -> None: ...

class Spool(_message.Message):
    __slots__ = ("spool_id", "predecessor_id", "predecessor_last_sequence")
    SPOOL_ID_FIELD_NUMBER: _ClassVar[int]
    PREDECESSOR_ID_FIELD_NUMBER: _ClassVar[int]
    PREDECESSOR_LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    spool_id: str
    predecessor_id: str
    predecessor_last_sequence: int
    def __init__(self, spool_id: _Optional[str] = ..., predecessor_id: _Optional[str] = ..., predecessor_last_sequence: _Optional[int] = ...) -> None: ...

class AgentRecord(_message.Message):
    __slots__ = ("sequence", "record")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    record: _audit_record_pb2.AuditRecord
    def __init__(self, sequence: _Optional[int] = ..., record: _Optional[_Union[_audit_record_pb2.AuditRecord, _Mapping]] = ...) -> None: ...

class SpoolBatch(_message.Message):
    __slots__ = ("records",)
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[SpooledRecord]
    def __init__(self, records: _Optional[_Iterable[_Union[SpooledRecord, _Mapping]]] = ...) -> None: ...

class SpooledRecord(_message.Message):
    __slots__ = ("sequence", "previous_hash", "record")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_HASH_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    previous_hash: bytes
    record: bytes
    def __init__(self, sequence: _Optional[int] = ..., previous_hash: _Optional[bytes] = ..., record: _Optional[bytes] = ...) -> None: ...
