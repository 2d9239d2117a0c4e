import datetime

from gatehold.v1 import sidecar_pb2 as _sidecar_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HoldLeaseRequest(_message.Message):
    __slots__ = ("lease_request", "invalidate_ack")
    LEASE_REQUEST_FIELD_NUMBER: _ClassVar[int]
    INVALIDATE_ACK_FIELD_NUMBER: _ClassVar[int]
    lease_request: LeaseRequest
    invalidate_ack: InvalidateAck
    def __init__(self, lease_request: _Optional[_Union[LeaseRequest, _Mapping]] = ..., invalidate_ack: _Optional[_Union[InvalidateAck, _Mapping]] = ...) -> None: ...

class HoldLeaseResponse(_message.Message):
    __slots__ = ("lease_grant", "invalidate")
    LEASE_GRANT_FIELD_NUMBER: _ClassVar[int]
    INVALIDATE_FIELD_NUMBER: _ClassVar[int]
    lease_grant: LeaseGrant
    invalidate: Invalidate
    def __init__(self, lease_grant: _Optional[_Union[LeaseGrant, _Mapping]] = ..., invalidate: _Optional[_Union[Invalidate, _Mapping]] = ...) -> None: ...

class LeaseRequest(_message.Message):
    __slots__ = ("nonce", "seq", "protocol_version", "version", "spool_id", "last_sequence")
    NONCE_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SPOOL_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    nonce: str
    seq: int
    protocol_version: int
    version: str
    spool_id: str
    last_sequence: int
    def __init__(self, nonce: _Optional[str] = ..., seq: _Optional[int] = ..., protocol_version: _Optional[int] = ..., version: _Optional[str] = ..., spool_id: _Optional[str] = ..., last_sequence: _Optional[int] = ...) -> None: ...

class InvalidateAck(_message.Message):
    __slots__ = ("nonce", "revision")
    NONCE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    nonce: str
    revision: int
    def __init__(self, nonce: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class LeaseGrant(_message.Message):
    __slots__ = ("nonce", "seq", "revision", "ttl", "epoch")
    NONCE_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    nonce: str
    seq: int
    revision: int
    ttl: _duration_pb2.Duration
    epoch: int
    def __init__(self, nonce: _Optional[str] = ..., seq: _Optional[int] = ..., revision: _Optional[int] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., epoch: _Optional[int] = ...) -> None: ...

class Invalidate(_message.Message):
    __slots__ = ("revision", "epoch")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    revision: int
    epoch: int
    def __init__(self, revision: _Optional[int] = ..., epoch: _Optional[int] = ...) -> None: ...

class ListSidecarsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSidecarsResponse(_message.Message):
    __slots__ = ("sidecars", "next_page_token")
    SIDECARS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sidecars: _containers.RepeatedCompositeFieldContainer[_sidecar_pb2.Sidecar]
    next_page_token: str
    def __init__(self, sidecars: _Optional[_Iterable[_Union[_sidecar_pb2.Sidecar, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
