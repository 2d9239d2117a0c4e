from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_UNSPECIFIED: _ClassVar[Decision]
    DECISION_ALLOW: _ClassVar[Decision]
    DECISION_REQUIRE_APPROVAL: _ClassVar[Decision]
    DECISION_BLOCK: _ClassVar[Decision]

class RiskLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RISK_LEVEL_UNSPECIFIED: _ClassVar[RiskLevel]
    RISK_LEVEL_LOW: _ClassVar[RiskLevel]
    RISK_LEVEL_MEDIUM: _ClassVar[RiskLevel]
    RISK_LEVEL_HIGH: _ClassVar[RiskLevel]

class DecisionSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_SOURCE_UNSPECIFIED: _ClassVar[DecisionSource]
    DECISION_SOURCE_POLICY: _ClassVar[DecisionSource]
    DECISION_SOURCE_CACHE: _ClassVar[DecisionSource]
    DECISION_SOURCE_FAIL_CLOSED: _ClassVar[DecisionSource]

class Intent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INTENT_UNSPECIFIED: _ClassVar[Intent]
    INTENT_EXECUTE: _ClassVar[Intent]
    INTENT_PREFLIGHT: _ClassVar[Intent]
DECISION_UNSPECIFIED: Decision
DECISION_ALLOW: Decision
DECISION_REQUIRE_APPROVAL: Decision
DECISION_BLOCK: Decision
RISK_LEVEL_UNSPECIFIED: RiskLevel
RISK_LEVEL_LOW: RiskLevel
RISK_LEVEL_MEDIUM: RiskLevel
RISK_LEVEL_HIGH: RiskLevel
DECISION_SOURCE_UNSPECIFIED: DecisionSource
DECISION_SOURCE_POLICY: DecisionSource
DECISION_SOURCE_CACHE: DecisionSource
DECISION_SOURCE_FAIL_CLOSED: DecisionSource
INTENT_UNSPECIFIED: Intent
INTENT_EXECUTE: Intent
INTENT_PREFLIGHT: Intent

class Obligation(_message.Message):
    __slots__ = ("id", "type", "properties_json")
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_JSON_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: str
    properties_json: str
    def __init__(self, id: _Optional[str] = ..., type: _Optional[str] = ..., properties_json: _Optional[str] = ...) -> None: ...

class ShadowResult(_message.Message):
    __slots__ = ("policy", "decision")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    policy: str
    decision: Decision
    def __init__(self, policy: _Optional[str] = ..., decision: _Optional[_Union[Decision, str]] = ...) -> None: ...
