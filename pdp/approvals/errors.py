"""Why an approval is not given, changed or used."""

from gatehold.vocabulary import ApprovalState, Decision


class ApprovalError(Exception):
    """Nothing was changed."""


class NoSuchApproval(ApprovalError):
    """The caller has no approval of that id. Answered with NOT_FOUND."""


class WrongState(ApprovalError):
    """The approval is not in a state that permits this. Answered with FAILED_PRECONDITION.

    Attributes:
        state: the one it is in.
    """

    def __init__(self, state: ApprovalState, why: str = "") -> None:
        super().__init__(f"the approval is {state}{f', and {why}' if why else ''}")
        self.state = state


class StaleEtag(ApprovalError):
    """The approval has changed since it was read. Answered with ABORTED."""


class ClaimConflict(ApprovalError):
    """Another claim holds the approval. Answered with ABORTED."""


class NotRequired(ApprovalError):
    """Policy allows or blocks the call, so there is nothing to approve. Answered with FAILED_PRECONDITION.

    Attributes:
        decision: what policy makes of it.
    """

    def __init__(self, decision: Decision, reason: str) -> None:
        super().__init__(f"policy says {decision}: {reason}")
        self.decision = decision


class TooManyPending(ApprovalError):
    """As many approvals of the agent wait as may. Answered with RESOURCE_EXHAUSTED.

    Attributes:
        limit: how many that is.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} approvals of this agent wait already")
        self.limit = limit


class SelfApproval(ApprovalError):
    """Nobody decides on a call that they asked for. Answered with PERMISSION_DENIED."""


class NotEligible(ApprovalError):
    """The approver is in none of the groups that the policies ask. Answered with PERMISSION_DENIED."""


class BindingBroken(ApprovalError):
    """The call that would run is not the one that was approved. Answered with FAILED_PRECONDITION."""


class ArgsChanged(BindingBroken):
    """Other arguments than the caller saw, or is about to run."""


class ContextChanged(BindingBroken):
    """The claimant is in another context."""


class ToolChanged(BindingBroken):
    """The claimant's tool has another definition."""


class PolicyBlocks(BindingBroken):
    """Policy blocks the call now, whatever people say of it."""


class RequirementUnmet(BindingBroken):
    """Policy asks for more by now than the votes there are, or than the request says.

    Attributes:
        policy: the one that does.
    """

    def __init__(self, policy: str) -> None:
        super().__init__(f"policy {policy} asks for more than the request and its votes give")
        self.policy = policy


class TooManyWatches(ApprovalError):
    """One caller watches as many approvals at once as it may. Answered with RESOURCE_EXHAUSTED."""
