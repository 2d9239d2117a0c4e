from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ReasonCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REASON_CODE_UNSPECIFIED: _ClassVar[ReasonCode]
    REASON_CODE_POLICY: _ClassVar[ReasonCode]
    REASON_CODE_CONDITION_UNKNOWN: _ClassVar[ReasonCode]
    REASON_CODE_DEFAULT_RISK: _ClassVar[ReasonCode]
    REASON_CODE_DEFAULT_BUNDLE: _ClassVar[ReasonCode]
    REASON_CODE_HARDENED: _ClassVar[ReasonCode]
    REASON_CODE_VERB_UNKNOWN: _ClassVar[ReasonCode]
    REASON_CODE_TOOL_DEFINITION_MISMATCH: _ClassVar[ReasonCode]
    REASON_CODE_ARGS_SCHEMA_VIOLATION: _ClassVar[ReasonCode]
    REASON_CODE_AGENT_CHAT_ONLY: _ClassVar[ReasonCode]
    REASON_CODE_AGENT_PERMISSION_MODE: _ClassVar[ReasonCode]
    REASON_CODE_SESSION_SCOPE: _ClassVar[ReasonCode]
    REASON_CODE_EVALUATION_ERROR: _ClassVar[ReasonCode]
    REASON_CODE_INVALID_ITEM: _ClassVar[ReasonCode]
    REASON_CODE_STOPPED_EARLY: _ClassVar[ReasonCode]
    REASON_CODE_PDP_UNREACHABLE: _ClassVar[ReasonCode]
    REASON_CODE_SIDECAR_UNREACHABLE: _ClassVar[ReasonCode]
    REASON_CODE_INVALID_RESPONSE: _ClassVar[ReasonCode]
    REASON_CODE_UNKNOWN_OBLIGATION: _ClassVar[ReasonCode]
    REASON_CODE_REFUSED: _ClassVar[ReasonCode]
REASON_CODE_UNSPECIFIED: ReasonCode
REASON_CODE_POLICY: ReasonCode
REASON_CODE_CONDITION_UNKNOWN: ReasonCode
REASON_CODE_DEFAULT_RISK: ReasonCode
REASON_CODE_DEFAULT_BUNDLE: ReasonCode
REASON_CODE_HARDENED: ReasonCode
REASON_CODE_VERB_UNKNOWN: ReasonCode
REASON_CODE_TOOL_DEFINITION_MISMATCH: ReasonCode
REASON_CODE_ARGS_SCHEMA_VIOLATION: ReasonCode
REASON_CODE_AGENT_CHAT_ONLY: ReasonCode
REASON_CODE_AGENT_PERMISSION_MODE: ReasonCode
REASON_CODE_SESSION_SCOPE: ReasonCode
REASON_CODE_EVALUATION_ERROR: ReasonCode
REASON_CODE_INVALID_ITEM: ReasonCode
REASON_CODE_STOPPED_EARLY: ReasonCode
REASON_CODE_PDP_UNREACHABLE: ReasonCode
REASON_CODE_SIDECAR_UNREACHABLE: ReasonCode
REASON_CODE_INVALID_RESPONSE: ReasonCode
REASON_CODE_UNKNOWN_OBLIGATION: ReasonCode
REASON_CODE_REFUSED: ReasonCode
