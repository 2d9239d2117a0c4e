import datetime

from gatehold.v1 import policy_pb2 as _policy_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ApplyPoliciesRequest(_message.Message):
    __slots__ = ("documents", "expected_revision", "validate_only", "request_id", "change_reason")
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGE_REASON_FIELD_NUMBER: _ClassVar[int]
    documents: _containers.RepeatedCompositeFieldContainer[_policy_pb2.SourceDocument]
    expected_revision: int
    validate_only: bool
    request_id: str
    change_reason: str
    def __init__(self, documents: _Optional[_Iterable[_Union[_policy_pb2.SourceDocument, _Mapping]]] = ..., expected_revision: _Optional[int] = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., change_reason: _Optional[str] = ...) -> None: ...

class ApplyPoliciesResponse(_message.Message):
    __slots__ = ("revision", "changes")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    revision: int
    changes: _containers.RepeatedCompositeFieldContainer[_policy_pb2.ObjectChange]
    def __init__(self, revision: _Optional[int] = ..., changes: _Optional[_Iterable[_Union[_policy_pb2.ObjectChange, _Mapping]]] = ...) -> None: ...

class ValidatePoliciesRequest(_message.Message):
    __slots__ = ("documents",)
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    documents: _containers.RepeatedCompositeFieldContainer[_policy_pb2.SourceDocument]
    def __init__(self, documents: _Optional[_Iterable[_Union[_policy_pb2.SourceDocument, _Mapping]]] = ...) -> None: ...

class ValidatePoliciesResponse(_message.Message):
    __slots__ = ("problems",)
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    problems: _containers.RepeatedCompositeFieldContainer[_policy_pb2.DocumentProblem]
    def __init__(self, problems: _Optional[_Iterable[_Union[_policy_pb2.DocumentProblem, _Mapping]]] = ...) -> None: ...

class ListPoliciesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPoliciesResponse(_message.Message):
    __slots__ = ("policies", "next_page_token", "revision")
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    policies: _containers.RepeatedCompositeFieldContainer[_policy_pb2.Policy]
    next_page_token: str
    revision: int
    def __init__(self, policies: _Optional[_Iterable[_Union[_policy_pb2.Policy, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class GetPolicyRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class GetPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: _policy_pb2.Policy
    def __init__(self, policy: _Optional[_Union[_policy_pb2.Policy, _Mapping]] = ...) -> None: ...

class CreatePolicyRequest(_message.Message):
    __slots__ = ("document", "expected_revision", "request_id", "change_reason")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGE_REASON_FIELD_NUMBER: _ClassVar[int]
    document: _policy_pb2.SourceDocument
    expected_revision: int
    request_id: str
    change_reason: str
    def __init__(self, document: _Optional[_Union[_policy_pb2.SourceDocument, _Mapping]] = ..., expected_revision: _Optional[int] = ..., request_id: _Optional[str] = ..., change_reason: _Optional[str] = ...) -> None: ...

class CreatePolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: _policy_pb2.Policy
    def __init__(self, policy: _Optional[_Union[_policy_pb2.Policy, _Mapping]] = ...) -> None: ...

class UpdatePolicyRequest(_message.Message):
    __slots__ = ("document", "expected_revision", "request_id", "change_reason")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGE_REASON_FIELD_NUMBER: _ClassVar[int]
    document: _policy_pb2.SourceDocument
    expected_revision: int
    request_id: str
    change_reason: str
    def __init__(self, document: _Optional[_Union[_policy_pb2.SourceDocument, _Mapping]] = ..., expected_revision: _Optional[int] = ..., request_id: _Optional[str] = ..., change_reason: _Optional[str] = ...) -> None: ...

class UpdatePolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: _policy_pb2.Policy
    def __init__(self, policy: _Optional[_Union[_policy_pb2.Policy, _Mapping]] = ...) -> None: ...

class DeletePolicyRequest(_message.Message):
    __slots__ = ("id", "expected_revision", "request_id", "change_reason")
    ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGE_REASON_FIELD_NUMBER: _ClassVar[int]
    id: str
    expected_revision: int
    request_id: str
    change_reason: str
    def __init__(self, id: _Optional[str] = ..., expected_revision: _Optional[int] = ..., request_id: _Optional[str] = ..., change_reason: _Optional[str] = ...) -> None: ...

class DeletePolicyResponse(_message.Message):
    __slots__ = ("revision",)
    REVISION_FIELD_NUMBER: _ClassVar[int]
    revision: int
    def __init__(self, revision: _Optional[int] = ...) -> None: ...

class ListRevisionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRevisionsResponse(_message.Message):
    __slots__ = ("revisions", "next_page_token")
    REVISIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    revisions: _containers.RepeatedCompositeFieldContainer[_policy_pb2.Revision]
    next_page_token: str
    def __init__(self, revisions: _Optional[_Iterable[_Union[_policy_pb2.Revision, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RollbackRevisionRequest(_message.Message):
    __slots__ = ("revision", "expected_revision", "request_id", "change_reason")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGE_REASON_FIELD_NUMBER: _ClassVar[int]
    revision: int
    expected_revision: int
    request_id: str
    change_reason: str
    def __init__(self, revision: _Optional[int] = ..., expected_revision: _Optional[int] = ..., request_id: _Optional[str] = ..., change_reason: _Optional[str] = ...) -> None: ...

class RollbackRevisionResponse(_message.Message):
    __slots__ = ("revision",)
    REVISION_FIELD_NUMBER: _ClassVar[int]
    revision: int
    def __init__(self, revision: _Optional[int] = ...) -> None: ...

class SimulatePoliciesRequest(_message.Message):
    __slots__ = ("documents", "since", "until", "limit")
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    documents: _containers.RepeatedCompositeFieldContainer[_policy_pb2.SourceDocument]
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    limit: int
    def __init__(self, documents: _Optional[_Iterable[_Union[_policy_pb2.SourceDocument, _Mapping]]] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., limit: _Optional[int] = ...) -> None: ...

class SimulatePoliciesResponse(_message.Message):
    __slots__ = ("simulated", "redacted", "differences")
    SIMULATED_FIELD_NUMBER: _ClassVar[int]
    REDACTED_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    simulated: int
    redacted: int
    differences: _containers.RepeatedCompositeFieldContainer[SimulatedDifference]
    def __init__(self, simulated: _Optional[int] = ..., redacted: _Optional[int] = ..., differences: _Optional[_Iterable[_Union[SimulatedDifference, _Mapping]]] = ...) -> None: ...

class SimulatedDifference(_message.Message):
    __slots__ = ("record_id", "verb", "recorded", "simulated", "policy_matched")
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    VERB_FIELD_NUMBER: _ClassVar[int]
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    SIMULATED_FIELD_NUMBER: _ClassVar[int]
    POLICY_MATCHED_FIELD_NUMBER: _ClassVar[int]
    record_id: str
    verb: str
    recorded: str
    simulated: str
    policy_matched: str
    def __init__(self, record_id: _Optional[str] = ..., verb: _Optional[str] = ..., recorded: _Optional[str] = ..., simulated: _Optional[str] = ..., policy_matched: _Optional[str] = ...) -> None: ...
