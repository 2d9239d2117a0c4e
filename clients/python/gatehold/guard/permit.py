"""The right to run one call: the gate's own allow, or a claim on an approval."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import grpc

from gatehold.guard import obligations
from gatehold.guard.answer import Answer
from gatehold.guard.approval import Approval
from gatehold.guard.errors import Blocked
from gatehold.guard.journal import Execution
from gatehold.guard.request import Prepared
from gatehold.guard.steps import Call, Reply
from gatehold.v1.decision_point_service_pb2 import ClaimApprovalRequest, CompleteApprovalRequest
from gatehold.vocabulary import ReasonCode

RENEW_SECONDS = 100.0  # a third of the claim's lease, so that one renewal may fail
_LOG = logging.getLogger("gatehold.approval")

# These tell that the gate was not reached or did not get to it; every other error is its answer.
UNANSWERED = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True)
class Claim:
    """An approval that this process, and nobody else, may run now.

    Attributes:
        approval: as claimed, with its arguments unredacted.
        request: what claimed it; sent again, it renews the claim.
    """

    approval: Approval
    request: ClaimApprovalRequest

    @property
    def renewal(self) -> Call:
        """The call that renews it."""
        return Call("ClaimApproval", self.request)

    def renewed(self, reply: Reply) -> bool:
        """Whether to go on renewing. The run goes on either way: nothing here could stop it halfway."""
        if reply.code is grpc.StatusCode.OK or reply.code in UNANSWERED:
            return True
        _LOG.warning("the claim on approval %s is not renewed: %s", self.approval.id, reply.problem)
        return False

    def completion(self, execution: Execution) -> CompleteApprovalRequest:
        """Tells how the run ended."""
        detail = execution.to_record().execution
        return CompleteApprovalRequest(
            approval_id=self.approval.id,
            claim_id=self.request.claim_id,
            outcome=detail.outcome,
            error=detail.error,
            duration=detail.duration,
        )


@dataclass(frozen=True, slots=True)
class Permit:
    """What may run now, and under what.

    Attributes:
        answer: the decision.
        args: the arguments to run with: frozen, and perhaps edited by whoever approved.
        claim: on the approval; None where the gate allowed the call by itself.
    """

    answer: Answer
    args: dict[str, object]
    claim: Claim | None = None

    @property
    def approval(self) -> Approval | None:
        """The approval that it runs under."""
        return None if self.claim is None else self.claim.approval


def permitted(verb: str, prepared: Prepared, answer: Answer, handlers: Mapping[str, obligations.Handler]) -> Permit:
    """Returns the permit of an allow once its obligations are met. Raises Blocked for everything else."""
    if not answer.allowed:
        raise Blocked(verb, answer)
    if why := obligations.unmet(answer.obligations, handlers):
        raise Blocked(verb, Answer.fail_closed(ReasonCode.UNKNOWN_OBLIGATION, why, answer.args_digest))
    return Permit(answer, prepared.args)
