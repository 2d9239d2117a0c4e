"""Why a guarded function did not run."""

from gatehold.guard.answer import Answer
from gatehold.guard.approval import Approval


class GateholdError(Exception):
    """Base of every error that the SDK raises."""


class NotAllowed(GateholdError):
    """The gate did not let the call through, so the function did not run.

    Attributes:
        verb: the call's verb.
        answer: the decision, with its reason, policy and id.
    """

    def __init__(self, verb: str, answer: Answer, text: str = "") -> None:
        super().__init__(text or f"{verb}: {answer.decision.value}: {answer.reason} [{answer.reason_code.value}]")
        self.verb = verb
        self.answer = answer


class Blocked(NotAllowed):
    """The call must not run, or nobody could decide."""


class ApprovalRequired(NotAllowed):
    """The call may run only after a person approves it. It is frozen; `resume` runs it once it is approved.

    Attributes:
        approval: the frozen call, as far as it was known.
    """

    _how = "required"

    def __init__(self, verb: str, answer: Answer, approval: Approval, why: str = "") -> None:
        super().__init__(verb, answer, f"{verb}: approval {self._how}: {why or approval.why} [{approval.id}]")
        self.approval = approval


class ApprovalPending(ApprovalRequired):
    """Nobody decided in the time that was given, or the guard was closed. The approval stays open."""

    _how = "pending"


class ApprovalDenied(ApprovalRequired):
    """A person said no; `approval.end_reason` says why."""

    _how = "denied"


class ApprovalExpired(ApprovalRequired):
    """Nobody decided, or nobody ran it, in time."""

    _how = "expired"


class ApprovalCancelled(ApprovalRequired):
    """It was taken back; `approval.end_reason` says why."""

    _how = "cancelled"


class ApprovalRefused(ApprovalRequired):
    """It was approved, and this process may not run it: another one has it, or what was approved is not what would run.

    The text says which. Where the gate's reply was lost, nobody knows whether this process had claimed it; it did not
    run it.
    """

    _how = "refused"


class NotRecorded(GateholdError):
    """A record is not durable. It is kept and sent again, unless the text says that it is lost."""
