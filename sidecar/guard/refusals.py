"""Error statuses for what could not be recorded: without a record there is no answer."""

import grpc

from gatehold.serving import Refusal
from gatehold.v1.error_reason_pb2 import ErrorReason


def spool_full() -> Refusal:
    """RESOURCE_EXHAUSTED: later calls may succeed, once the decision point has taken records."""
    return Refusal(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        ErrorReason.ERROR_REASON_SPOOL_FULL,
        "the sidecar's spool is full, so nothing can be recorded and nothing is decided",
    )


def storage_failed() -> Refusal:
    """UNAVAILABLE: no call succeeds until the sidecar is started anew."""
    return Refusal(
        grpc.StatusCode.UNAVAILABLE,
        ErrorReason.ERROR_REASON_STORAGE_FAILED,
        "the sidecar's spool failed, so nothing can be recorded and nothing is decided",
    )
