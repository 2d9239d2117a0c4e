"""Error statuses for what could not be recorded: without a record there is no answer."""

import grpc

from gatehold.serving import Refusal
from gatehold.v1.error_reason_pb2 import ErrorReason
from sidecar.spool import SequenceGap, SpoolFailed, SpoolFull


def refusal_for(error: Exception) -> Refusal | None:
    """The status that an error of the spool ends a call with; None for any other error."""
    if isinstance(error, SpoolFull):
        return Refusal(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            ErrorReason.ERROR_REASON_SPOOL_FULL,
            "the sidecar's spool is full, so nothing can be recorded and nothing is decided",
        )
    if isinstance(error, SpoolFailed):
        return Refusal(
            grpc.StatusCode.UNAVAILABLE,
            ErrorReason.ERROR_REASON_STORAGE_FAILED,
            "the sidecar's spool failed, so nothing can be recorded and nothing is decided",
        )
    if isinstance(error, SequenceGap):
        return Refusal(
            grpc.StatusCode.OUT_OF_RANGE,
            ErrorReason.ERROR_REASON_SEQUENCE_GAP,
            str(error),
            {"expected": str(error.expected)},
        )
    return None
