"""Error statuses of the decision point that are the caller's own business, passed on as they came."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from gatehold.serving import Refusal
from gatehold.serving.errors import DOMAIN
from gatehold.v1 import error_reason_pb2
from gatehold.v1.error_reason_pb2 import ErrorReason

# The reasons are those of statuses that come without one.
_OF_EVERY_CALL = {
    grpc.StatusCode.INVALID_ARGUMENT: ErrorReason.ERROR_REASON_INVALID_FIELD,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ErrorReason.ERROR_REASON_TOO_MANY_CALLS,
    grpc.StatusCode.UNAUTHENTICATED: ErrorReason.ERROR_REASON_CREDENTIAL_INVALID,
    grpc.StatusCode.PERMISSION_DENIED: ErrorReason.ERROR_REASON_NOT_PERMITTED,
}
_OF_OTHER_CALLS = {
    **_OF_EVERY_CALL,
    grpc.StatusCode.FAILED_PRECONDITION: ErrorReason.ERROR_REASON_APPROVAL_STATE,
    grpc.StatusCode.NOT_FOUND: ErrorReason.ERROR_REASON_NOT_FOUND,
    grpc.StatusCode.ABORTED: ErrorReason.ERROR_REASON_CLAIM_CONFLICT,
    grpc.StatusCode.ALREADY_EXISTS: ErrorReason.ERROR_REASON_ALREADY_EXISTS,
    grpc.StatusCode.UNIMPLEMENTED: ErrorReason.ERROR_REASON_PROTOCOL_VERSION,  # an older one, which will not learn it
}
_REASONS: dict[str, ErrorReason] = {
    value.name.removeprefix("ERROR_REASON_"): value.number  # type: ignore[misc]  # the numbers are what they are typed as
    for value in error_reason_pb2.DESCRIPTOR.enum_types_by_name["ErrorReason"].values
}
_DETAILS = "grpc-status-details-bin"  # where every gRPC library puts a google.rpc.Status


class _PassedOn(Refusal):
    """A status with its details byte for byte: what only a newer decision point has to say gets through.

    Attributes:
        spoken: whether the decision point gave a reason of its own.
    """

    def __init__(self, error: grpc.aio.AioRpcError, usual: ErrorReason) -> None:
        self._status, info = _details(error)
        self.spoken = bool(info.reason)
        reason = _REASONS.get(info.reason, usual)
        super().__init__(error.code(), reason, error.details() or "", dict(info.metadata))

    def details(self) -> bytes:
        """The details that came, or new ones where none did."""
        return self._status or super().details()


def refusal_of(error: grpc.aio.AioRpcError) -> Refusal | None:
    """Returns the refusal to end a call to decide with; None where the status means that nobody decided."""
    usual = _OF_EVERY_CALL.get(error.code())
    return None if usual is None else _PassedOn(error, usual)


def unreachable(cause: str) -> Refusal:
    """UNAVAILABLE, because nobody could be asked."""
    return Refusal(
        grpc.StatusCode.UNAVAILABLE,
        ErrorReason.ERROR_REASON_PDP_UNREACHABLE,
        f"the decision point could not be asked: {cause}",
    )


@contextmanager
def passing_on() -> Iterator[None]:
    """Ends a call that decides nothing as the call to the decision point in the block ends.

    Raises:
        Refusal: the decision point's own status, unchanged; UNAVAILABLE where the status is not its own.
    """
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise _passed_on(error) from None
    except asyncio.CancelledError:
        if caller_left():
            raise
        raise unreachable("the connection was lost") from None


def caller_left() -> bool:
    """Whether a CancelledError is the caller's: gRPC reports a call that ended with its connection in the same way."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _passed_on(error: grpc.aio.AioRpcError) -> Refusal:
    usual = _OF_OTHER_CALLS.get(error.code())
    refusal = _PassedOn(error, usual or ErrorReason.ERROR_REASON_UNSPECIFIED)
    # A status that gRPC made itself has no reason, so only its code can tell whether anybody was asked.
    return refusal if usual or refusal.spoken else unreachable(error.code().name)


def _details(error: grpc.aio.AioRpcError) -> tuple[bytes, error_details_pb2.ErrorInfo]:
    """The google.rpc.Status that came along, and Gatehold's ErrorInfo in it; empty where there is none."""
    nothing = error_details_pb2.ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key != _DETAILS or not isinstance(value, bytes):
            continue
        try:
            return value, next(_error_infos(status_pb2.Status.FromString(value)), nothing)
        except DecodeError:
            break
    return b"", nothing


def _error_infos(status: status_pb2.Status) -> Iterator[error_details_pb2.ErrorInfo]:
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info) and info.domain == DOMAIN:
            yield info
