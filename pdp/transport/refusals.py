"""The status that each error of a room ends a call with."""

from collections.abc import Callable

import grpc

from gatehold.serving import Refusal
from gatehold.v1.error_reason_pb2 import ErrorReason
from pdp.approvals.errors import ApprovalError
from pdp.audit.errors import BrokenChain, ConflictingDuplicate, ForeignSpool, SequenceGap, SlowConsumer
from pdp.documents import InvalidDocuments
from pdp.fleet.errors import NoSuchObject, ObjectExists, Stopping, TooManyStreams
from pdp.identity.errors import Lockout, TooManySessions
from pdp.store.errors import NoSuchRevision, NoSuchTenant, RequestIdReused, StaleRevision, Unavailable
from pdp.transport.approval_refusals import approval_refusal
from pdp.transport.document_refusal import invalid_documents

_Answer = Callable[[str], Refusal]


def _answer(code: grpc.StatusCode, reason: ErrorReason, sentence: str = "") -> _Answer:
    return lambda message: Refusal(code, reason, sentence or message)


_ANSWERS: dict[type[Exception], _Answer] = {
    Unavailable: _answer(
        grpc.StatusCode.UNAVAILABLE,
        ErrorReason.ERROR_REASON_STORAGE_FAILED,
        "nothing can be stored now, so nothing is decided",
    ),
    StaleRevision: _answer(grpc.StatusCode.ABORTED, ErrorReason.ERROR_REASON_STALE_REVISION),
    RequestIdReused: _answer(grpc.StatusCode.ALREADY_EXISTS, ErrorReason.ERROR_REASON_REQUEST_ID_REUSED),
    NoSuchTenant: _answer(grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_NOT_FOUND),
    NoSuchRevision: _answer(grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_NOT_FOUND),
    ForeignSpool: _answer(grpc.StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_NOT_PERMITTED),
    SequenceGap: _answer(grpc.StatusCode.OUT_OF_RANGE, ErrorReason.ERROR_REASON_SEQUENCE_GAP),
    BrokenChain: _answer(grpc.StatusCode.INVALID_ARGUMENT, ErrorReason.ERROR_REASON_INVALID_FIELD),
    ConflictingDuplicate: _answer(grpc.StatusCode.INVALID_ARGUMENT, ErrorReason.ERROR_REASON_INVALID_FIELD),
    ObjectExists: _answer(grpc.StatusCode.ALREADY_EXISTS, ErrorReason.ERROR_REASON_ALREADY_EXISTS),
    NoSuchObject: _answer(grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_NOT_FOUND),
    Stopping: _answer(grpc.StatusCode.UNAVAILABLE, ErrorReason.ERROR_REASON_SHUTTING_DOWN),
    TooManyStreams: _answer(grpc.StatusCode.RESOURCE_EXHAUSTED, ErrorReason.ERROR_REASON_TOO_MANY_CALLS),
    Lockout: _answer(grpc.StatusCode.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_LOCKOUT),
    TooManySessions: _answer(grpc.StatusCode.RESOURCE_EXHAUSTED, ErrorReason.ERROR_REASON_TOO_LARGE),
    SlowConsumer: _answer(grpc.StatusCode.RESOURCE_EXHAUSTED, ErrorReason.ERROR_REASON_TOO_LARGE),
}


def refusal(error: Exception) -> Refusal | None:
    """Returns the refusal that answers `error`; None for an error that no room means to raise."""
    if isinstance(error, InvalidDocuments):
        return invalid_documents(error)
    if isinstance(error, ApprovalError):
        return approval_refusal(error)
    answer = _ANSWERS.get(type(error))
    return answer(str(error)) if answer else None
