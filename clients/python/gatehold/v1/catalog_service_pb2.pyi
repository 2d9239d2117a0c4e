from gatehold.v1 import catalog_pb2 as _catalog_pb2
from gatehold.v1 import policy_pb2 as _policy_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ApplyCatalogRequest(_message.Message):
    __slots__ = ("documents", "expected_revision", "validate_only", "request_id", "change_reason", "merge")
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGE_REASON_FIELD_NUMBER: _ClassVar[int]
    MERGE_FIELD_NUMBER: _ClassVar[int]
    documents: _containers.RepeatedCompositeFieldContainer[_policy_pb2.SourceDocument]
    expected_revision: int
    validate_only: bool
    request_id: str
    change_reason: str
    merge: bool
    def __init__(self, documents: _Optional[_Iterable[_Union[_policy_pb2.SourceDocument, _Mapping]]] = ..., expected_revision: _Optional[int] = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., change_reason: _Optional[str] = ..., merge: bool = ...) -> None: ...

class ApplyCatalogResponse(_message.Message):
    __slots__ = ("revision", "changes")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    revision: int
    changes: _containers.RepeatedCompositeFieldContainer[_policy_pb2.ObjectChange]
    def __init__(self, revision: _Optional[int] = ..., changes: _Optional[_Iterable[_Union[_policy_pb2.ObjectChange, _Mapping]]] = ...) -> None: ...

class ListVerbsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "provider")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    provider: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., provider: _Optional[str] = ...) -> None: ...

class ListVerbsResponse(_message.Message):
    __slots__ = ("entries", "next_page_token", "revision")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.CatalogEntry]
    next_page_token: str
    revision: int
    def __init__(self, entries: _Optional[_Iterable[_Union[_catalog_pb2.CatalogEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class GetVerbRequest(_message.Message):
    __slots__ = ("verb",)
    VERB_FIELD_NUMBER: _ClassVar[int]
    verb: str
    def __init__(self, verb: _Optional[str] = ...) -> None: ...

class GetVerbResponse(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: _catalog_pb2.CatalogEntry
    def __init__(self, entry: _Optional[_Union[_catalog_pb2.CatalogEntry, _Mapping]] = ...) -> None: ...
