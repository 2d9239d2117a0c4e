from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Atom(_message.Message):
    __slots__ = ("field", "operator", "value_json")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    field: str
    operator: str
    value_json: str
    def __init__(self, field: _Optional[str] = ..., operator: _Optional[str] = ..., value_json: _Optional[str] = ...) -> None: ...
