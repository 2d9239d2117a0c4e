import datetime

from gatehold.v1 import decision_pb2 as _decision_pb2
from gatehold.v1 import reason_code_pb2 as _reason_code_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECORD_KIND_UNSPECIFIED: _ClassVar[RecordKind]
    RECORD_KIND_DECISION: _ClassVar[RecordKind]
    RECORD_KIND_TOOL_EXECUTION: _ClassVar[RecordKind]
    RECORD_KIND_APPROVAL: _ClassVar[RecordKind]
    RECORD_KIND_CONFIG_CHANGE: _ClassVar[RecordKind]
    RECORD_KIND_PROMPT_GUARD: _ClassVar[RecordKind]
    RECORD_KIND_AI_USAGE: _ClassVar[RecordKind]
    RECORD_KIND_TASK_ACTIVITY: _ClassVar[RecordKind]
    RECORD_KIND_ALARM: _ClassVar[RecordKind]

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_SUCCEEDED: _ClassVar[Outcome]
    OUTCOME_FAILED: _ClassVar[Outcome]
    OUTCOME_INDETERMINATE: _ClassVar[Outcome]
RECORD_KIND_UNSPECIFIED: RecordKind
RECORD_KIND_DECISION: RecordKind
RECORD_KIND_TOOL_EXECUTION: RecordKind
RECORD_KIND_APPROVAL: RecordKind
RECORD_KIND_CONFIG_CHANGE: RecordKind
RECORD_KIND_PROMPT_GUARD: RecordKind
RECORD_KIND_AI_USAGE: RecordKind
RECORD_KIND_TASK_ACTIVITY: RecordKind
RECORD_KIND_ALARM: RecordKind
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_SUCCEEDED: Outcome
OUTCOME_FAILED: Outcome
OUTCOME_INDETERMINATE: Outcome

class AuditRecord(_message.Message):
    __slots__ = ("record_id", "tenant", "spool_id", "sequence", "record_time", "kind", "agent", "session", "on_behalf_of", "verb", "args_json", "context_json", "args_digest", "request_id", "agent_asserted", "decision", "execution", "approval", "change", "prompt_guard", "ai_usage", "task_activity", "alarm")
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    SPOOL_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    ON_BEHALF_OF_FIELD_NUMBER: _ClassVar[int]
    VERB_FIELD_NUMBER: _ClassVar[int]
    ARGS_JSON_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_JSON_FIELD_NUMBER: _ClassVar[int]
    ARGS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_ASSERTED_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_GUARD_FIELD_NUMBER: _ClassVar[int]
    AI_USAGE_FIELD_NUMBER: _ClassVar[int]
    TASK_ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    ALARM_FIELD_NUMBER: _ClassVar[int]
    record_id: str
    tenant: str
    spool_id: str
    sequence: int
    record_time: _timestamp_pb2.Timestamp
    kind: RecordKind
    agent: str
    session: str
    on_behalf_of: str
    verb: str
    args_json: str
    context_json: str
    args_digest: str
    request_id: str
    agent_asserted: bool
    decision: DecisionDetail
    execution: ExecutionDetail
    approval: ApprovalDetail
    change: ChangeDetail
    prompt_guard: PromptGuardDetail
    ai_usage: AiUsageDetail
    task_activity: TaskActivityDetail
    alarm: AlarmDetail
    def __init__(self, record_id: _Optional[str] = ..., tenant: _Optional[str] = ..., spool_id: _Optional[str] = ..., sequence: _Optional[int] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[_Union[RecordKind, str]] = ..., agent: _Optional[str] = ..., session: _Optional[str] = ..., on_behalf_of: _Optional[str] = ..., verb: _Optional[str] = ..., args_json: _Optional[str] = ..., context_json: _Optional[str] = ..., args_digest: _Optional[str] = ..., request_id: _Optional[str] = ..., agent_asserted: bool = ..., decision: _Optional[_Union[DecisionDetail, _Mapping]] = ..., execution: _Optional[_Union[ExecutionDetail, _Mapping]] = ..., approval: _Optional[_Union[ApprovalDetail, _Mapping]] = ..., change: _Optional[_Union[ChangeDetail, _Mapping]] = ..., prompt_guard: _Optional[_Union[PromptGuardDetail, _Mapping]] = ..., ai_usage: _Optional[_Union[AiUsageDetail, _Mapping]] = ..., task_activity: _Optional[_Union[TaskActivityDetail, _Mapping]] = ..., alarm: _Optional[_Union[AlarmDetail, _Mapping]] = ...) -> None: ...

class DecisionDetail(_message.Message):
    __slots__ = ("decision", "risk_level", "reason", "reason_code", "policy_matched", "decision_id", "revision", "source", "shadow", "intent", "supersedes")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    RISK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    POLICY_MATCHED_FIELD_NUMBER: _ClassVar[int]
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    INTENT_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDES_FIELD_NUMBER: _ClassVar[int]
    decision: _decision_pb2.Decision
    risk_level: _decision_pb2.RiskLevel
    reason: str
    reason_code: _reason_code_pb2.ReasonCode
    policy_matched: str
    decision_id: str
    revision: int
    source: _decision_pb2.DecisionSource
    shadow: _containers.RepeatedCompositeFieldContainer[_decision_pb2.ShadowResult]
    intent: _decision_pb2.Intent
    supersedes: str
    def __init__(self, decision: _Optional[_Union[_decision_pb2.Decision, str]] = ..., risk_level: _Optional[_Union[_decision_pb2.RiskLevel, str]] = ..., reason: _Optional[str] = ..., reason_code: _Optional[_Union[_reason_code_pb2.ReasonCode, str]] = ..., policy_matched: _Optional[str] = ..., decision_id: _Optional[str] = ..., revision: _Optional[int] = ..., source: _Optional[_Union[_decision_pb2.DecisionSource, str]] = ..., shadow: _Optional[_Iterable[_Union[_decision_pb2.ShadowResult, _Mapping]]] = ..., intent: _Optional[_Union[_decision_pb2.Intent, str]] = ..., supersedes: _Optional[str] = ...) -> None: ...

class ExecutionDetail(_message.Message):
    __slots__ = ("decision_id", "outcome", "error", "duration", "cost_microusd", "tokens", "approval_id")
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    COST_MICROUSD_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    outcome: Outcome
    error: str
    duration: _duration_pb2.Duration
    cost_microusd: int
    tokens: int
    approval_id: str
    def __init__(self, decision_id: _Optional[str] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., error: _Optional[str] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., cost_microusd: _Optional[int] = ..., tokens: _Optional[int] = ..., approval_id: _Optional[str] = ...) -> None: ...

class ApprovalDetail(_message.Message):
    __slots__ = ("approval_id", "event", "actor", "state", "reason", "revision", "previous_args_digest", "claim_id", "policies")
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_ARGS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    approval_id: str
    event: str
    actor: str
    state: str
    reason: str
    revision: int
    previous_args_digest: str
    claim_id: str
    policies: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, approval_id: _Optional[str] = ..., event: _Optional[str] = ..., actor: _Optional[str] = ..., state: _Optional[str] = ..., reason: _Optional[str] = ..., revision: _Optional[int] = ..., previous_args_digest: _Optional[str] = ..., claim_id: _Optional[str] = ..., policies: _Optional[_Iterable[str]] = ...) -> None: ...

class ChangeDetail(_message.Message):
    __slots__ = ("object", "old_json", "new_json", "actor", "reason", "revision")
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    OLD_JSON_FIELD_NUMBER: _ClassVar[int]
    NEW_JSON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    object: str
    old_json: str
    new_json: str
    actor: str
    reason: str
    revision: int
    def __init__(self, object: _Optional[str] = ..., old_json: _Optional[str] = ..., new_json: _Optional[str] = ..., actor: _Optional[str] = ..., reason: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class PromptGuardDetail(_message.Message):
    __slots__ = ("guard", "stopped", "finding")
    GUARD_FIELD_NUMBER: _ClassVar[int]
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    FINDING_FIELD_NUMBER: _ClassVar[int]
    guard: str
    stopped: bool
    finding: str
    def __init__(self, guard: _Optional[str] = ..., stopped: bool = ..., finding: _Optional[str] = ...) -> None: ...

class AiUsageDetail(_message.Message):
    __slots__ = ("model", "input_tokens", "output_tokens", "cost_microusd")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COST_MICROUSD_FIELD_NUMBER: _ClassVar[int]
    model: str
    input_tokens: int
    output_tokens: int
    cost_microusd: int
    def __init__(self, model: _Optional[str] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cost_microusd: _Optional[int] = ...) -> None: ...

class TaskActivityDetail(_message.Message):
    __slots__ = ("task_id", "activity", "note")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    activity: str
    note: str
    def __init__(self, task_id: _Optional[str] = ..., activity: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class AlarmDetail(_message.Message):
    __slots__ = ("type", "spool_id", "first_sequence", "last_sequence", "message")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SPOOL_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    type: str
    spool_id: str
    first_sequence: int
    last_sequence: int
    message: str
    def __init__(self, type: _Optional[str] = ..., spool_id: _Optional[str] = ..., first_sequence: _Optional[int] = ..., last_sequence: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...
