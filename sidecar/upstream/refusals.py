"""Error statuses of the decision point that are the caller's own business, passed on as they came."""

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from gatehold.serving import Refusal
from gatehold.v1 import error_reason_pb2
from gatehold.v1.error_reason_pb2 import ErrorReason

_PASSED_ON = {
    grpc.StatusCode.INVALID_ARGUMENT: ErrorReason.ERROR_REASON_INVALID_FIELD,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ErrorReason.ERROR_REASON_TOO_MANY_CALLS,
    grpc.StatusCode.UNAUTHENTICATED: ErrorReason.ERROR_REASON_CREDENTIAL_INVALID,
    grpc.StatusCode.PERMISSION_DENIED: ErrorReason.ERROR_REASON_NOT_PERMITTED,
}
_REASONS: dict[str, ErrorReason] = {
    value.name.removeprefix("ERROR_REASON_"): value.number  # type: ignore[misc]  # the numbers are what they are typed as
    for value in error_reason_pb2.DESCRIPTOR.enum_types_by_name["ErrorReason"].values
}
_DETAILS = "grpc-status-details-bin"  # where every gRPC library puts a google.rpc.Status


def refusal_of(error: grpc.aio.AioRpcError) -> Refusal | None:
    """Returns the refusal to end the agent's call with; None where the status means that nobody could be asked."""
    usual = _PASSED_ON.get(error.code())
    if usual is None:
        return None
    info = _error_info(error)
    reason = _REASONS.get(info.reason, usual)
    return Refusal(error.code(), reason, error.details() or "", dict(info.metadata))


def _error_info(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    """The google.rpc.ErrorInfo that came along; an empty one where none did."""
    info = error_details_pb2.ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key != _DETAILS:
            continue
        try:
            for detail in status_pb2.Status.FromString(value).details:
                if detail.Unpack(info):
                    return info
        except DecodeError:
            return error_details_pb2.ErrorInfo()
    return info
