import datetime

from gatehold.v1 import decision_pb2 as _decision_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ApprovalState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    APPROVAL_STATE_UNSPECIFIED: _ClassVar[ApprovalState]
    APPROVAL_STATE_PENDING: _ClassVar[ApprovalState]
    APPROVAL_STATE_APPROVED: _ClassVar[ApprovalState]
    APPROVAL_STATE_DENIED: _ClassVar[ApprovalState]
    APPROVAL_STATE_EXPIRED: _ClassVar[ApprovalState]
    APPROVAL_STATE_CANCELLED: _ClassVar[ApprovalState]
    APPROVAL_STATE_CLAIMED: _ClassVar[ApprovalState]
    APPROVAL_STATE_SUCCEEDED: _ClassVar[ApprovalState]
    APPROVAL_STATE_FAILED: _ClassVar[ApprovalState]
    APPROVAL_STATE_INDETERMINATE: _ClassVar[ApprovalState]
APPROVAL_STATE_UNSPECIFIED: ApprovalState
APPROVAL_STATE_PENDING: ApprovalState
APPROVAL_STATE_APPROVED: ApprovalState
APPROVAL_STATE_DENIED: ApprovalState
APPROVAL_STATE_EXPIRED: ApprovalState
APPROVAL_STATE_CANCELLED: ApprovalState
APPROVAL_STATE_CLAIMED: ApprovalState
APPROVAL_STATE_SUCCEEDED: ApprovalState
APPROVAL_STATE_FAILED: ApprovalState
APPROVAL_STATE_INDETERMINATE: ApprovalState

class Vote(_message.Message):
    __slots__ = ("approver", "approve", "reason", "args_digest", "vote_time", "groups")
    APPROVER_FIELD_NUMBER: _ClassVar[int]
    APPROVE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ARGS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    VOTE_TIME_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    approver: str
    approve: bool
    reason: str
    args_digest: str
    vote_time: _timestamp_pb2.Timestamp
    groups: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, approver: _Optional[str] = ..., approve: bool = ..., reason: _Optional[str] = ..., args_digest: _Optional[str] = ..., vote_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., groups: _Optional[_Iterable[str]] = ...) -> None: ...

class ApprovalRequirement(_message.Message):
    __slots__ = ("policy", "groups", "count", "justification_required", "separation", "reason", "conditions", "met")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    SEPARATION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    MET_FIELD_NUMBER: _ClassVar[int]
    policy: str
    groups: _containers.RepeatedScalarFieldContainer[str]
    count: int
    justification_required: bool
    separation: bool
    reason: str
    conditions: _containers.RepeatedScalarFieldContainer[str]
    met: bool
    def __init__(self, policy: _Optional[str] = ..., groups: _Optional[_Iterable[str]] = ..., count: _Optional[int] = ..., justification_required: bool = ..., separation: bool = ..., reason: _Optional[str] = ..., conditions: _Optional[_Iterable[str]] = ..., met: bool = ...) -> None: ...

class Approval(_message.Message):
    __slots__ = ("approval_id", "state", "etag", "agent", "on_behalf_of", "session", "verb", "risk_level", "args_json", "context_json", "args_digest", "tool_definition_digest", "reason", "revision", "requirements", "justification", "request_time", "decide_by_time", "claim_by_time", "votes", "end_reason", "policy_matched", "context_digest", "time_left", "edited", "claim_id", "claim_expire_time", "reclaimable", "end_time")
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    ON_BEHALF_OF_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    VERB_FIELD_NUMBER: _ClassVar[int]
    RISK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    ARGS_JSON_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_JSON_FIELD_NUMBER: _ClassVar[int]
    ARGS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TOOL_DEFINITION_DIGEST_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    REQUIREMENTS_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_TIME_FIELD_NUMBER: _ClassVar[int]
    DECIDE_BY_TIME_FIELD_NUMBER: _ClassVar[int]
    CLAIM_BY_TIME_FIELD_NUMBER: _ClassVar[int]
    VOTES_FIELD_NUMBER: _ClassVar[int]
    END_REASON_FIELD_NUMBER: _ClassVar[int]
    POLICY_MATCHED_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TIME_LEFT_FIELD_NUMBER: _ClassVar[int]
    EDITED_FIELD_NUMBER: _ClassVar[int]
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIM_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    RECLAIMABLE_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    approval_id: str
    state: ApprovalState
    etag: str
    agent: str
    on_behalf_of: str
    session: str
    verb: str
    risk_level: _decision_pb2.RiskLevel
    args_json: str
    context_json: str
    args_digest: str
    tool_definition_digest: str
    reason: str
    revision: int
    requirements: _containers.RepeatedCompositeFieldContainer[ApprovalRequirement]
    justification: str
    request_time: _timestamp_pb2.Timestamp
    decide_by_time: _timestamp_pb2.Timestamp
    claim_by_time: _timestamp_pb2.Timestamp
    votes: _containers.RepeatedCompositeFieldContainer[Vote]
    end_reason: str
    policy_matched: str
    context_digest: str
    time_left: _duration_pb2.Duration
    edited: bool
    claim_id: str
    claim_expire_time: _timestamp_pb2.Timestamp
    reclaimable: bool
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, approval_id: _Optional[str] = ..., state: _Optional[_Union[ApprovalState, str]] = ..., etag: _Optional[str] = ..., agent: _Optional[str] = ..., on_behalf_of: _Optional[str] = ..., session: _Optional[str] = ..., verb: _Optional[str] = ..., risk_level: _Optional[_Union[_decision_pb2.RiskLevel, str]] = ..., args_json: _Optional[str] = ..., context_json: _Optional[str] = ..., args_digest: _Optional[str] = ..., tool_definition_digest: _Optional[str] = ..., reason: _Optional[str] = ..., revision: _Optional[int] = ..., requirements: _Optional[_Iterable[_Union[ApprovalRequirement, _Mapping]]] = ..., justification: _Optional[str] = ..., request_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decide_by_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., claim_by_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., votes: _Optional[_Iterable[_Union[Vote, _Mapping]]] = ..., end_reason: _Optional[str] = ..., policy_matched: _Optional[str] = ..., context_digest: _Optional[str] = ..., time_left: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., edited: bool = ..., claim_id: _Optional[str] = ..., claim_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reclaimable: bool = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ApprovalEvent(_message.Message):
    __slots__ = ("event_time", "event", "actor", "state", "reason", "args_digest")
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ARGS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    event_time: _timestamp_pb2.Timestamp
    event: str
    actor: str
    state: ApprovalState
    reason: str
    args_digest: str
    def __init__(self, event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., event: _Optional[str] = ..., actor: _Optional[str] = ..., state: _Optional[_Union[ApprovalState, str]] = ..., reason: _Optional[str] = ..., args_digest: _Optional[str] = ...) -> None: ...
