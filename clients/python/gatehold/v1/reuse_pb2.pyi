import datetime

from gatehold.v1 import condition_pb2 as _condition_pb2
from gatehold.v1 import decision_pb2 as _decision_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReuseMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REUSE_MODE_UNSPECIFIED: _ClassVar[ReuseMode]
    REUSE_MODE_NONE: _ClassVar[ReuseMode]
    REUSE_MODE_EXACT: _ClassVar[ReuseMode]
    REUSE_MODE_ATOMS: _ClassVar[ReuseMode]
REUSE_MODE_UNSPECIFIED: ReuseMode
REUSE_MODE_NONE: ReuseMode
REUSE_MODE_EXACT: ReuseMode
REUSE_MODE_ATOMS: ReuseMode

class Reuse(_message.Message):
    __slots__ = ("mode", "atoms", "evaluator_version", "max_age", "sensitive_args", "shadow", "epoch", "session", "on_behalf_of")
    MODE_FIELD_NUMBER: _ClassVar[int]
    ATOMS_FIELD_NUMBER: _ClassVar[int]
    EVALUATOR_VERSION_FIELD_NUMBER: _ClassVar[int]
    MAX_AGE_FIELD_NUMBER: _ClassVar[int]
    SENSITIVE_ARGS_FIELD_NUMBER: _ClassVar[int]
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    ON_BEHALF_OF_FIELD_NUMBER: _ClassVar[int]
    mode: ReuseMode
    atoms: _containers.RepeatedCompositeFieldContainer[_condition_pb2.Atom]
    evaluator_version: int
    max_age: _duration_pb2.Duration
    sensitive_args: _containers.RepeatedScalarFieldContainer[str]
    shadow: _containers.RepeatedCompositeFieldContainer[_decision_pb2.ShadowResult]
    epoch: int
    session: str
    on_behalf_of: str
    def __init__(self, mode: _Optional[_Union[ReuseMode, str]] = ..., atoms: _Optional[_Iterable[_Union[_condition_pb2.Atom, _Mapping]]] = ..., evaluator_version: _Optional[int] = ..., max_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., sensitive_args: _Optional[_Iterable[str]] = ..., shadow: _Optional[_Iterable[_Union[_decision_pb2.ShadowResult, _Mapping]]] = ..., epoch: _Optional[int] = ..., session: _Optional[str] = ..., on_behalf_of: _Optional[str] = ...) -> None: ...
