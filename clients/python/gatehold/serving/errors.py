"""Refusals: the error statuses a server sends, each with a published reason."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from gatehold.invalid import InvalidInput
from gatehold.v1.error_reason_pb2 import ErrorReason

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

DOMAIN = "gatehold.dev"
_PREFIX = "ERROR_REASON_"
_DETAILS = "grpc-status-details-bin"  # where every gRPC library looks for a google.rpc.Status


class Refusal(Exception):
    """Ends a call with an error status. Every client reads it as a block.

    Attributes:
        code: the gRPC status.
        reason: why, for programs: an `ErrorReason`.
        message: why, in one sentence for people. Never carries a secret.
        metadata: what the reason speaks of, for example `{"field": "args_json.amount"}`.
        violations: every field that is wrong, with a sentence; where empty, the one that `metadata` names.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        reason: ErrorReason,
        message: str,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.metadata = metadata or {}
        self.violations = violations

    @classmethod
    def invalid(cls, error: InvalidInput) -> "Refusal":
        """INVALID_ARGUMENT that names the field."""
        return cls(
            grpc.StatusCode.INVALID_ARGUMENT,
            ErrorReason.ERROR_REASON_INVALID_FIELD,
            str(error),
            {"field": error.field},
        )

    @classmethod
    def malformed(cls, message: str) -> "Refusal":
        """INVALID_ARGUMENT for bytes that are not the message."""
        return cls(grpc.StatusCode.INVALID_ARGUMENT, ErrorReason.ERROR_REASON_MALFORMED_MESSAGE, message)

    @classmethod
    def too_large(cls, what: str, limit: int) -> "Refusal":
        """RESOURCE_EXHAUSTED that tells the limit."""
        return cls(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            ErrorReason.ERROR_REASON_TOO_LARGE,
            f"{what} is over its limit of {limit}",
            {"limit": str(limit)},
        )

    @classmethod
    def internal(cls) -> "Refusal":
        """INTERNAL, for a fault of the server's own; its cause stays in the server's log."""
        return cls(
            grpc.StatusCode.INTERNAL,
            ErrorReason.ERROR_REASON_INTERNAL,
            "the server failed; nothing was decided, the call is blocked",
        )

    def details(self) -> bytes:
        """Returns a serialized google.rpc.Status with ErrorInfo, and BadRequest where a field is named."""
        reason = ErrorReason.Name(self.reason).removeprefix(_PREFIX)
        details = [_packed(error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=self.metadata))]
        violations = self.violations
        if not violations and "field" in self.metadata:
            violations = [(self.metadata["field"], self.message)]
        if violations:
            named = [
                error_details_pb2.BadRequest.FieldViolation(field=field, description=description)
                for field, description in violations
            ]
            details.append(_packed(error_details_pb2.BadRequest(field_violations=named)))
        number: int = self.code.value[0]
        status: bytes = status_pb2.Status(code=number, message=self.message, details=details).SerializeToString()
        return status


def _packed(message: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


async def abort(context: Context, refusal: Refusal) -> NoReturn:
    """Ends the call with the refusal's status and details."""
    await context.abort(refusal.code, refusal.message, ((_DETAILS, refusal.details()),))
    raise AssertionError("abort returned")
