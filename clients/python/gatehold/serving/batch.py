"""What a batch may hold, the same at a decision point and at a sidecar."""

from gatehold.invalid import InvalidInput
from gatehold.v1.decision_point_service_pb2 import BatchEvaluateRequest

MAX_BATCH = 1_000
MAX_EXPLAINED = 32
"""Items of a batch that may ask to explain: where policies are many, a trace takes a tenth of a second and 400 KiB."""
MAX_BATCH_RESPONSE = 4 * 1024 * 1024
"""Bytes; what a gRPC client takes by default."""


def require_batch(request: BatchEvaluateRequest) -> None:
    """Checks a batch as a whole; its items are checked one by one. Raises InvalidInput."""
    if not 1 <= len(request.requests) <= MAX_BATCH:
        raise InvalidInput("requests", f"must be 1 to {MAX_BATCH} items")
    if sum(item.explain for item in request.requests) > MAX_EXPLAINED:
        raise InvalidInput("requests.explain", f"must be set on at most {MAX_EXPLAINED} items")
