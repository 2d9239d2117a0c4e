"""Why a guarded function did not run."""

from gatehold.guard.answer import Answer
from gatehold.vocabulary import Decision


class GateholdError(Exception):
    """Base of every error that the SDK raises."""


class NotAllowed(GateholdError):
    """The gate did not let the call through, so the function did not run.

    Attributes:
        verb: the call's verb.
        answer: the decision, with its reason, policy and id.
    """

    def __init__(self, verb: str, answer: Answer) -> None:
        super().__init__(f"{verb}: {answer.decision.value}: {answer.reason} [{answer.reason_code.value}]")
        self.verb = verb
        self.answer = answer


class Blocked(NotAllowed):
    """The call must not run, or nobody could decide."""


class ApprovalRequired(NotAllowed):
    """The call may run only after a person approves it."""


class NotRecorded(GateholdError):
    """A record is not durable. It is kept and sent again, unless the text says that it is lost."""


def permitted(verb: str, answer: Answer) -> Answer:
    """Returns an answer that allows. Raises ApprovalRequired or Blocked for every other."""
    if answer.decision is Decision.ALLOW:
        return answer
    if answer.decision is Decision.REQUIRE_APPROVAL:
        raise ApprovalRequired(verb, answer)
    raise Blocked(verb, answer)
