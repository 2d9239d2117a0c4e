from gatehold.v1 import decision_pb2 as _decision_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Access(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACCESS_UNSPECIFIED: _ClassVar[Access]
    ACCESS_READ: _ClassVar[Access]
    ACCESS_WRITE: _ClassVar[Access]
ACCESS_UNSPECIFIED: Access
ACCESS_READ: Access
ACCESS_WRITE: Access

class Classification(_message.Message):
    __slots__ = ("trust_tier", "data_sensitivity", "export_boundary", "consent_requirement", "retention_class", "scope", "audience")
    TRUST_TIER_FIELD_NUMBER: _ClassVar[int]
    DATA_SENSITIVITY_FIELD_NUMBER: _ClassVar[int]
    EXPORT_BOUNDARY_FIELD_NUMBER: _ClassVar[int]
    CONSENT_REQUIREMENT_FIELD_NUMBER: _ClassVar[int]
    RETENTION_CLASS_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    trust_tier: str
    data_sensitivity: str
    export_boundary: str
    consent_requirement: str
    retention_class: str
    scope: str
    audience: str
    def __init__(self, trust_tier: _Optional[str] = ..., data_sensitivity: _Optional[str] = ..., export_boundary: _Optional[str] = ..., consent_requirement: _Optional[str] = ..., retention_class: _Optional[str] = ..., scope: _Optional[str] = ..., audience: _Optional[str] = ...) -> None: ...

class CatalogEntry(_message.Message):
    __slots__ = ("verb", "risk_level", "access", "bundle", "hardened", "idempotent", "sensitive_args", "args_schema_json", "definition_digest", "description", "classification", "shipped")
    VERB_FIELD_NUMBER: _ClassVar[int]
    RISK_LEVEL_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    HARDENED_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENT_FIELD_NUMBER: _ClassVar[int]
    SENSITIVE_ARGS_FIELD_NUMBER: _ClassVar[int]
    ARGS_SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_DIGEST_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CLASSIFICATION_FIELD_NUMBER: _ClassVar[int]
    SHIPPED_FIELD_NUMBER: _ClassVar[int]
    verb: str
    risk_level: _decision_pb2.RiskLevel
    access: Access
    bundle: str
    hardened: bool
    idempotent: bool
    sensitive_args: _containers.RepeatedScalarFieldContainer[str]
    args_schema_json: str
    definition_digest: str
    description: str
    classification: Classification
    shipped: bool
    def __init__(self, verb: _Optional[str] = ..., risk_level: _Optional[_Union[_decision_pb2.RiskLevel, str]] = ..., access: _Optional[_Union[Access, str]] = ..., bundle: _Optional[str] = ..., hardened: bool = ..., idempotent: bool = ..., sensitive_args: _Optional[_Iterable[str]] = ..., args_schema_json: _Optional[str] = ..., definition_digest: _Optional[str] = ..., description: _Optional[str] = ..., classification: _Optional[_Union[Classification, _Mapping]] = ..., shipped: bool = ...) -> None: ...
