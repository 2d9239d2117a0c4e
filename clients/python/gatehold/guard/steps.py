"""What the conversations in this folder ask a guard to do: all of its I/O, so that both guards differ in nothing else.

A conversation is a generator. It yields one step after another, is sent what came of each, and returns its result or
raises the error that the caller sees.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from gatehold.guard.approval import Approval
from gatehold.guard.request import Prepared
from gatehold.v1.decision_point_service_pb2 import CompleteApprovalRequest, WatchApprovalRequest, WatchApprovalResponse

T = TypeVar("T")
APPROVAL_SECONDS = 5.0  # deadline of every call about an approval, save WatchApproval
_DETAILS = "grpc-status-details-bin"  # where every gRPC library puts a google.rpc.Status


@dataclass(frozen=True, slots=True)
class Ask:
    """Evaluate. Answered by an `Answer`."""

    prepared: Prepared


@dataclass(frozen=True, slots=True)
class Call:
    """A unary call about an approval. Answered by a `Reply`."""

    method: str
    request: Message


@dataclass(frozen=True, slots=True)
class Watch:
    """Read the stream until a message is `wanted` or it ends. Answered by a `Reply` with the last message.

    Attributes:
        seconds: it ends after these at the latest; None where it may last.
    """

    request: WatchApprovalRequest
    wanted: Callable[[WatchApprovalResponse], bool]
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait; less when the guard is closed meanwhile."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Tell:
    """Call the agent's own listener. What it raises ends the conversation."""

    listener: Callable[[Approval], object]
    approval: Approval


@dataclass(frozen=True, slots=True)
class Complete:
    """Tell how a claimed call ended, now or as soon as the gate takes it."""

    request: CompleteApprovalRequest


Step: TypeAlias = Ask | Call | Watch | Pause | Tell | Complete
Conversation: TypeAlias = Generator[Step, Any, T]


@dataclass(frozen=True, slots=True)
class Reply:
    """How one call went.

    Attributes:
        message: the response, or the last one of a stream; None where none came.
        code: the status it ended with.
        details: of that status.
        reason: the published `ErrorReason` of that status, without its prefix; empty where it has none.
        closed: the guard is closed, so calling again is of no use.
    """

    message: Any = None
    code: grpc.StatusCode = grpc.StatusCode.OK
    details: str = ""
    reason: str = ""
    closed: bool = False

    @classmethod
    def failed(cls, error: BaseException, message: Message | None = None, closed: bool = False) -> "Reply":
        """The reply of a call that ended in an exception."""
        if isinstance(error, grpc.Call | grpc.aio.AioRpcError):
            return cls(message, error.code(), error.details() or "", _reason(error), closed)
        return cls(message, grpc.StatusCode.INTERNAL, type(error).__name__, closed=closed)

    @property
    def problem(self) -> str:
        """Says what went wrong."""
        return f"{self.code.name}: {self.details}"


def _reason(error: Any) -> str:
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS:
            return _reason_in(value)
    return ""


def _reason_in(status: bytes) -> str:
    info = error_details_pb2.ErrorInfo()
    try:
        found = any(detail.Unpack(info) for detail in status_pb2.Status.FromString(status).details)
    except DecodeError:
        return ""
    return str(info.reason) if found and info.domain == "gatehold.dev" else ""
