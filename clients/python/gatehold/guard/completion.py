"""How claimed runs ended, kept until the gate has taken it or will never take it. Free of I/O."""

import logging
import threading

import grpc

from gatehold.guard.steps import Reply
from gatehold.v1.audit_record_pb2 import OUTCOME_INDETERMINATE
from gatehold.v1.decision_point_service_pb2 import CompleteApprovalRequest

MOST_KEPT = 1_000
_LOG = logging.getLogger("gatehold.approval")
# Sending it again cannot help. A credential that is refused is no such end: a sidecar may get a new one.
_FINAL = {
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNIMPLEMENTED,
}


def at_once(request: CompleteApprovalRequest) -> bool:
    """Whether to wait for the first attempt. An interrupted run is leaving, and must not be held up."""
    return request.outcome != OUTCOME_INDETERMINATE


class Completions:
    """Completions that wait. Safe to share between threads; one that is sent twice is taken once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, CompleteApprovalRequest] = {}  # by claim, in the order to try them

    def add(self, request: CompleteApprovalRequest) -> None:
        """Keeps one. Where 1,000 wait it is lost: the claim ends by itself, and a person must say how the run did."""
        with self._lock:
            if len(self._waiting) < MOST_KEPT:
                self._waiting[request.claim_id] = request
                return
        _LOG.error("how approval %s ended is lost: %s others wait", request.approval_id, MOST_KEPT)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def requests(self) -> list[CompleteApprovalRequest]:
        """Returns all that wait."""
        with self._lock:
            return list(self._waiting.values())

    def settled(self, request: CompleteApprovalRequest, reply: Reply) -> bool:
        """Forgets one that the gate took, or refused for good; puts any other last, and returns False."""
        done = reply.code is grpc.StatusCode.OK or reply.code in _FINAL
        with self._lock:
            known = self._waiting.pop(request.claim_id, None)
            if known is not None and not done:
                self._waiting[request.claim_id] = known
        if reply.code in _FINAL:
            _LOG.error("how approval %s ended is lost, for the gate refused it: %s", request.approval_id, reply.problem)
        return done
