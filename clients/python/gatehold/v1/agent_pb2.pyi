from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AgentMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AGENT_MODE_UNSPECIFIED: _ClassVar[AgentMode]
    AGENT_MODE_CHAT_ONLY: _ClassVar[AgentMode]
    AGENT_MODE_PERMISSION: _ClassVar[AgentMode]
    AGENT_MODE_AUTONOMOUS: _ClassVar[AgentMode]
AGENT_MODE_UNSPECIFIED: AgentMode
AGENT_MODE_CHAT_ONLY: AgentMode
AGENT_MODE_PERMISSION: AgentMode
AGENT_MODE_AUTONOMOUS: AgentMode

class Agent(_message.Message):
    __slots__ = ("agent_id", "mode", "attributes_json", "owner")
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_JSON_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    agent_id: str
    mode: AgentMode
    attributes_json: str
    owner: str
    def __init__(self, agent_id: _Optional[str] = ..., mode: _Optional[_Union[AgentMode, str]] = ..., attributes_json: _Optional[str] = ..., owner: _Optional[str] = ...) -> None: ...
