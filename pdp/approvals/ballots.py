"""What people do with approvals: approve, deny, edit, take back, and say how a run ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gatehold.digest import parse_object
from gatehold.vocabulary import Outcome
from pdp.approvals.editing import restored
from pdp.approvals.errors import (
    ArgsChanged,
    NotEligible,
    PolicyBlocks,
    RequirementUnmet,
    SelfApproval,
    StaleEtag,
    WrongState,
)
from pdp.approvals.freezing import blocks, decide, freeze, thaw
from pdp.approvals.keeper import ApprovalKeeper, Change
from pdp.approvals.lifecycle import Step, cancelled, denied, edited, resolved, voted
from pdp.approvals.quorum import can_be_met, identity, is_eligible, is_own
from pdp.configuration import Configuration
from pdp.model import Call
from pdp.sealing import CannotOpen, Sealer
from pdp.store.approval import Approval, FrozenCall, Vote


@dataclass(frozen=True, slots=True)
class Ballot:
    """One person's word on one approval, as that person saw it.

    Attributes:
        approver, groups: from the credential.
        args_digest: of the arguments that were seen.
        etag: of the approval that was seen.
        reason: empty where none is given.
    """

    tenant: str
    approval_id: str
    approver: str
    groups: tuple[str, ...]
    etag: str
    args_digest: str = ""
    reason: str = ""

    def vote(self, approve: bool, now_us: int, args_digest: str) -> Vote:
        """The vote as it is kept."""
        return Vote(self.approver, approve, self.groups, self.reason, args_digest, now_us)


class Ballots:
    """Counts votes.

    Args:
        current: the configuration of a tenant that decides now.
    """

    def __init__(self, keeper: ApprovalKeeper, current: Callable[[str], Configuration], sealer: Sealer) -> None:
        self._keeper = keeper
        self._current = current
        self._sealer = sealer

    async def approve(self, ballot: Ballot) -> Approval:
        """Votes for the call as it is. The same vote again changes nothing.

        Raises:
            NoSuchApproval, SelfApproval, NotEligible, StaleEtag, ArgsChanged, WrongState.
        """

        def change(approval: Approval, now_us: int) -> Step:
            _require_voter(approval, ballot)
            if _has_voted(approval, ballot, approve=True):
                return Step(approval)
            _require_seen(approval, ballot)
            return voted(approval, ballot.vote(True, now_us, ballot.args_digest))

        return await self._change(ballot, change)

    async def edit(self, ballot: Ballot, edited_args: Mapping[str, object]) -> Approval:
        """Votes for the call with other arguments. Policy decides it anew, and voting restarts with this vote.

        Raises:
            InvalidInput: nobody can tell what the new arguments are.
            PolicyBlocks: policy blocks the edited call.
            RequirementUnmet: policy wants to know something of the edited call that the request does not say.
            NoSuchApproval, SelfApproval, NotEligible, StaleEtag, ArgsChanged, WrongState.
        """

        def change(approval: Approval, now_us: int) -> Step:
            _require_voter(approval, ballot)
            _require_seen(approval, ballot)
            frozen = self._frozen_anew(approval, edited_args)
            if is_own(replace(approval, call=frozen), ballot.approver):
                raise SelfApproval("a policy on the edited call keeps the person the agent acts for from approving")
            return edited(approval, frozen, ballot.vote(True, now_us, frozen.args_digest))

        return await self._change(ballot, change)

    async def deny(self, ballot: Ballot) -> Approval:
        """Ends it. The same vote again changes nothing.

        Raises:
            NoSuchApproval, SelfApproval, NotEligible, StaleEtag, ArgsChanged, WrongState.
        """

        def change(approval: Approval, now_us: int) -> Step:
            _require_voter(approval, ballot)
            if _has_voted(approval, ballot, approve=False):
                return Step(approval)
            _require_seen(approval, ballot)
            return denied(approval, ballot.vote(False, now_us, ballot.args_digest))

        return await self._change(ballot, change)

    async def cancel(self, ballot: Ballot) -> Approval:
        """Takes it back before anybody claims it.

        Raises:
            NoSuchApproval, SelfApproval, NotEligible, StaleEtag, WrongState.
        """

        def change(approval: Approval, now_us: int) -> Step:
            _require_voter(approval, ballot)
            _require_etag(approval, ballot)
            return cancelled(approval, ballot.approver, ballot.reason, now_us)

        return await self._change(ballot, change)

    async def resolve(self, ballot: Ballot, outcome: Outcome) -> Approval:
        """Says how a run ended. Raises NoSuchApproval, SelfApproval, NotEligible, StaleEtag, WrongState."""

        def change(approval: Approval, now_us: int) -> Step:
            _require_voter(approval, ballot)
            _require_etag(approval, ballot)
            return resolved(approval, ballot.approver, outcome, ballot.reason, now_us)

        return await self._change(ballot, change)

    async def _change(self, ballot: Ballot, change: Change) -> Approval:
        return await self._keeper.change(ballot.tenant, ballot.approval_id, change)

    def _frozen_anew(self, approval: Approval, edited_args: Mapping[str, object]) -> FrozenCall:
        configuration = self._current(approval.tenant)
        call = self._edited(configuration, approval, edited_args)
        decided = decide(configuration, call)
        if blocks(decided.verdict):
            raise PolicyBlocks(f"policy blocks the edited call: {decided.verdict.reason}")
        for requirement in decided.requirements:
            if not can_be_met(requirement, approval):
                raise RequirementUnmet(requirement.policy)
        belongs_to = (approval.tenant, approval.approval_id)
        return freeze(configuration, call, decided, self._sealer, *belongs_to, field="edited_args_json")

    def _edited(self, configuration: Configuration, approval: Approval, edited_args: Mapping[str, object]) -> Call:
        if approval.call.sealed is None:
            raise WrongState(approval.state, "its arguments are erased")
        try:
            frozen = thaw(approval.call.sealed, self._sealer, approval.tenant, approval.approval_id)
        except CannotOpen as error:
            raise WrongState(approval.state, f"its arguments cannot be opened: {error}") from None
        shown_args = approval.call.shown_args
        shown = parse_object(shown_args, "args_json", len(shown_args.encode()))  # redacting may have made it longer
        args = restored(edited_args, shown, frozen.args)
        agent = configuration.agent(approval.agent)
        return Call(agent, approval.verb, args, frozen.context, approval.tool_definition_digest)


def etag(approval: Approval) -> str:
    """What a change of it has to name. Another one says that it has changed since."""
    return f"v{approval.version}"


def _require_voter(approval: Approval, ballot: Ballot) -> None:
    if is_own(approval, ballot.approver):
        raise SelfApproval("nobody decides on a call that they asked for, or that is made for them")
    if not is_eligible(approval, ballot.groups):
        asked = sorted({group for requirement in approval.call.requirements for group in requirement.groups})
        raise NotEligible(f"the policies ask members of {', '.join(asked)}")


def _has_voted(approval: Approval, ballot: Ballot, *, approve: bool) -> bool:
    return any(
        (vote.approve, vote.args_digest) == (approve, ballot.args_digest)
        and identity(vote.approver) == identity(ballot.approver)
        for vote in approval.votes
    )


def _require_seen(approval: Approval, ballot: Ballot) -> None:
    _require_etag(approval, ballot)
    if ballot.args_digest != approval.call.args_digest:
        raise ArgsChanged("the arguments are not the ones that this vote names")


def _require_etag(approval: Approval, ballot: Ballot) -> None:
    if ballot.etag != etag(approval):
        raise StaleEtag("the approval has changed since it was read; read it again")
