from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CandidateRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANDIDATE_ROLE_UNSPECIFIED: _ClassVar[CandidateRole]
    CANDIDATE_ROLE_CANDIDATE: _ClassVar[CandidateRole]
    CANDIDATE_ROLE_FLOOR: _ClassVar[CandidateRole]
    CANDIDATE_ROLE_NOTIFICATION: _ClassVar[CandidateRole]
    CANDIDATE_ROLE_SHADOW: _ClassVar[CandidateRole]

class Truth(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRUTH_UNSPECIFIED: _ClassVar[Truth]
    TRUTH_TRUE: _ClassVar[Truth]
    TRUTH_FALSE: _ClassVar[Truth]
    TRUTH_UNKNOWN: _ClassVar[Truth]
CANDIDATE_ROLE_UNSPECIFIED: CandidateRole
CANDIDATE_ROLE_CANDIDATE: CandidateRole
CANDIDATE_ROLE_FLOOR: CandidateRole
CANDIDATE_ROLE_NOTIFICATION: CandidateRole
CANDIDATE_ROLE_SHADOW: CandidateRole
TRUTH_UNSPECIFIED: Truth
TRUTH_TRUE: Truth
TRUTH_FALSE: Truth
TRUTH_UNKNOWN: Truth

class Comparison(_message.Message):
    __slots__ = ("text", "result")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    text: str
    result: Truth
    def __init__(self, text: _Optional[str] = ..., result: _Optional[_Union[Truth, str]] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("policy", "action", "result", "role", "comparisons", "overridden_by")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    COMPARISONS_FIELD_NUMBER: _ClassVar[int]
    OVERRIDDEN_BY_FIELD_NUMBER: _ClassVar[int]
    policy: str
    action: str
    result: Truth
    role: CandidateRole
    comparisons: _containers.RepeatedCompositeFieldContainer[Comparison]
    overridden_by: str
    def __init__(self, policy: _Optional[str] = ..., action: _Optional[str] = ..., result: _Optional[_Union[Truth, str]] = ..., role: _Optional[_Union[CandidateRole, str]] = ..., comparisons: _Optional[_Iterable[_Union[Comparison, _Mapping]]] = ..., overridden_by: _Optional[str] = ...) -> None: ...

class Trace(_message.Message):
    __slots__ = ("candidates",)
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    candidates: _containers.RepeatedCompositeFieldContainer[Candidate]
    def __init__(self, candidates: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ...) -> None: ...
