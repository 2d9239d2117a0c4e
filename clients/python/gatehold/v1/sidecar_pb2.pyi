import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Sidecar(_message.Message):
    __slots__ = ("name", "agent", "nonce", "version", "leased_revision", "lease_live", "last_seen_time", "spool_id", "last_sequence", "committed_sequence")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LEASED_REVISION_FIELD_NUMBER: _ClassVar[int]
    LEASE_LIVE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    SPOOL_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    agent: str
    nonce: str
    version: str
    leased_revision: int
    lease_live: bool
    last_seen_time: _timestamp_pb2.Timestamp
    spool_id: str
    last_sequence: int
    committed_sequence: int
    def __init__(self, name: _Optional[str] = ..., agent: _Optional[str] = ..., nonce: _Optional[str] = ..., version: _Optional[str] = ..., leased_revision: _Optional[int] = ..., lease_live: bool = ..., last_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., spool_id: _Optional[str] = ..., last_sequence: _Optional[int] = ..., committed_sequence: _Optional[int] = ...) -> None: ...
