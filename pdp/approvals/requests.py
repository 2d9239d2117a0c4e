"""What agents do with approvals: ask for them, and run what was approved, once."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gatehold.digest import canonical, digest
from gatehold.invalid import InvalidInput
from gatehold.vocabulary import ApprovalState, Decision, Outcome
from pdp.approvals.errors import (
    ArgsChanged,
    BindingBroken,
    ContextChanged,
    NoSuchApproval,
    NotRequired,
    PolicyBlocks,
    RequirementUnmet,
    ToolChanged,
    WrongState,
)
from pdp.approvals.freezing import Decided, Frozen, blocks, decide, freeze, thaw
from pdp.approvals.keeper import ApprovalKeeper
from pdp.approvals.lifecycle import Step, cancelled, claimed, completed, refused, requested
from pdp.approvals.quorum import is_met
from pdp.configuration import Configuration
from pdp.model import Call, Obligation
from pdp.sealing import CannotOpen, Sealer
from pdp.session_scope import SessionScope
from pdp.store.approval import Approval
from pdp.store.errors import RequestIdReused, StaleApproval, Unavailable
from pdp.store.interface import ApprovalStore

_ATTEMPTS = 8
_OPEN_CALL = frozenset({ApprovalState.PENDING, ApprovalState.APPROVED})
_CLAIMABLE = frozenset({ApprovalState.APPROVED, ApprovalState.INDETERMINATE})
_RUNNABLE = _CLAIMABLE | {ApprovalState.CLAIMED}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for approval, strictly read.

    Attributes:
        agent: from the credential.
        session: that it is asked in; None where it is in none.
        on_behalf_of: a claim.
        justification: empty where the agent gives none.
        request_id: idempotency key; empty for none.
    """

    tenant: str
    agent: str
    session: SessionScope | None
    on_behalf_of: str
    verb: str
    args: Mapping[str, object]
    context: Mapping[str, object]
    tool_definition_digest: str
    justification: str
    request_id: str

    @property
    def session_id(self) -> str:
        """Empty where it is in none."""
        return self.session.session_id if self.session else ""

    @property
    def call_digest(self) -> str:
        """Equal for equal calls of one agent, whatever words go with them."""
        args, context = digest(self.args), digest(self.context)
        return _digest(self.verb, args, context, self.on_behalf_of, self.session_id, self.tool_definition_digest)

    @property
    def request_digest(self) -> str:
        """Equal for equal requests."""
        return _digest(self.call_digest, self.justification)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a claimant says that it is about to run. Digests are hex SHA-256; empty ones of args and context are not
    stated, an empty one of the tool's definition says that it has none."""

    claim_id: str
    args_digest: str
    context_digest: str
    tool_definition_digest: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """The right to run a call, with the call whole and what is owed for it."""

    approval: Approval
    frozen: Frozen
    obligations: tuple[Obligation, ...]


class ApprovalRequests:
    """Freezes calls and hands them out to be run.

    Everywhere `session` is the one that the agent acts in, None for none: in one it sees and runs no approval but those
    that were asked for in the same one.

    Args:
        current: the configuration of a tenant that decides now.
    """

    def __init__(
        self, keeper: ApprovalKeeper, store: ApprovalStore, current: Callable[[str], Configuration], sealer: Sealer
    ) -> None:
        self._keeper = keeper
        self._store = store
        self._current = current
        self._sealer = sealer

    async def request(self, asked: Asked) -> Approval:
        """Asks people; the same call while one is open, and the same request_id at any time, is that approval.

        Raises:
            NotRequired: policy allows or blocks the call.
            InvalidInput: policy wants to know something that the request does not say.
            TooManyPending, RequestIdReused, Unavailable.
        """
        for _ in range(_ATTEMPTS):
            if (known := await self._known(asked)) is not None:
                return known
            configuration = self._current(asked.tenant)
            call = _call(configuration, asked)
            decided = decide(configuration, call, asked.session)
            if decided.verdict.decision is not Decision.REQUIRE_APPROVAL:
                raise NotRequired(decided.verdict.decision, decided.verdict.reason)
            if (same := await self._open(asked)) is not None:
                return same
            _require_said(asked, decided)
            try:
                return await self._keeper.add(await self._new(asked, configuration, call, decided))
            except StaleApproval:
                continue
        raise Unavailable("the same call is requested too often at once")

    async def own(self, tenant: str, agent: str, approval_id: str, session: SessionScope | None = None) -> Approval:
        """One of the agent's own. Raises NoSuchApproval, for those of others too."""
        approval, _ = await self._keeper.present(tenant, approval_id)
        return _owned(approval, agent, session)

    async def claim(
        self, tenant: str, agent: str, approval_id: str, claim: Claim, session: SessionScope | None = None
    ) -> Claimed:
        """Takes the right to run the call once. The same claim again gets the same reply and renews it.

        Policy decides the call again, at the configuration of now: a block refuses the claim, and so does a requirement
        that the votes do not meet.

        Raises:
            NoSuchApproval, WrongState, ClaimConflict, BindingBroken.
        """

        def change(approval: Approval, now_us: int) -> Step:
            configuration = self._current(tenant)
            if _owned(approval, agent, session).state in _RUNNABLE:
                _require_same(approval, claim)
            if approval.state in _CLAIMABLE:
                self._require_met(configuration, approval, session)
            entry = configuration.catalog.get(approval.verb)
            idempotent = entry is not None and entry.idempotent
            return claimed(approval, claim.claim_id, idempotent, configuration.revision, now_us)

        try:
            approval = await self._keeper.change(tenant, approval_id, change)
        except BindingBroken as broken:
            await self._note_refused(tenant, approval_id, claim, str(broken))
            raise
        frozen = self._thaw(approval)
        return Claimed(approval, frozen, self._decide(self._current(tenant), approval, frozen).verdict.obligations)

    async def complete(
        self,
        tenant: str,
        agent: str,
        approval_id: str,
        claim_id: str,
        outcome: Outcome,
        error: str,
        session: SessionScope | None = None,
    ) -> Approval:
        """The claimant says how the run ended. Raises NoSuchApproval, WrongState, ClaimConflict."""
        return await self._keeper.change(
            tenant,
            approval_id,
            lambda approval, now_us: completed(_owned(approval, agent, session), claim_id, outcome, error, now_us),
        )

    async def cancel(
        self, tenant: str, agent: str, approval_id: str, reason: str, session: SessionScope | None = None
    ) -> Approval:
        """The agent takes it back. Raises NoSuchApproval, WrongState."""
        return await self._keeper.change(
            tenant,
            approval_id,
            lambda approval, now_us: cancelled(_owned(approval, agent, session), agent, reason, now_us),
        )

    async def _known(self, asked: Asked) -> Approval | None:
        if not asked.request_id:
            return None
        known = await self._keeper.read(
            lambda: self._store.requested_approval(asked.tenant, asked.agent, asked.request_id)
        )
        if known is None:
            return None
        if known.request_digest != asked.request_digest:
            raise RequestIdReused(f"request_id {asked.request_id} stands for another request")
        return (await self._keeper.present(asked.tenant, known.approval_id))[0]

    async def _open(self, asked: Asked) -> Approval | None:
        found = await self._keeper.read(lambda: self._store.open_approval(asked.tenant, asked.agent, asked.call_digest))
        if found is None:
            return None
        present, _ = await self._keeper.present(asked.tenant, found.approval_id)
        return present if present.state in _OPEN_CALL else None

    async def _new(self, asked: Asked, configuration: Configuration, call: Call, decided: Decided) -> Step:
        approval_id, now_us = str(uuid.uuid4()), await self._keeper.now_us()
        frozen = freeze(configuration, call, decided, self._sealer, asked.tenant, approval_id)
        approval = Approval(
            tenant=asked.tenant,
            approval_id=approval_id,
            version=1,
            state=ApprovalState.PENDING,
            agent=asked.agent,
            on_behalf_of=asked.on_behalf_of,
            session=asked.session_id,
            verb=asked.verb,
            tool_definition_digest=asked.tool_definition_digest,
            call_digest=asked.call_digest,
            request_id=asked.request_id,
            request_digest=asked.request_digest,
            justification=asked.justification,
            call=frozen,
            request_us=now_us,
            decide_by_us=now_us + frozen.decide_within_us,
        )
        return requested(approval)

    def _require_met(self, configuration: Configuration, approval: Approval, session: SessionScope | None) -> None:
        decided = self._decide(configuration, approval, self._thaw(approval), session)
        if blocks(decided.verdict):
            raise PolicyBlocks(f"policy blocks the call now: {decided.verdict.reason}")
        for requirement in decided.requirements:
            if not is_met(requirement, approval):
                raise RequirementUnmet(requirement.policy)

    def _decide(
        self,
        configuration: Configuration,
        approval: Approval,
        frozen: Frozen,
        session: SessionScope | None = None,
    ) -> Decided:
        call = Call(
            configuration.agent(approval.agent),
            approval.verb,
            frozen.args,
            frozen.context,
            approval.tool_definition_digest,
            approval.on_behalf_of,
        )
        return decide(configuration, call, session)

    def _thaw(self, approval: Approval) -> Frozen:
        if approval.call.sealed is None:
            raise WrongState(approval.state, "its arguments are erased")
        try:
            return thaw(approval.call.sealed, self._sealer, approval.tenant, approval.approval_id)
        except CannotOpen as error:
            raise WrongState(approval.state, f"its arguments cannot be opened: {error}") from None

    async def _note_refused(self, tenant: str, approval_id: str, claim: Claim, reason: str) -> None:
        """Once for each reason and revision: who claims on and on must neither fill the history nor move the etag."""
        revision = self._current(tenant).revision
        events = await self._keeper.read(lambda: self._store.approval_events(tenant, approval_id))
        if any((event.event, event.reason, event.revision) == ("claim_refused", reason, revision) for event in events):
            return

        def note(approval: Approval, now_us: int) -> Step:
            if approval.state not in _CLAIMABLE:
                return Step(approval)
            return refused(approval, claim.claim_id, reason, revision, now_us)

        await self._keeper.change(tenant, approval_id, note)


def _owned(approval: Approval, agent: str, session: SessionScope | None) -> Approval:
    if approval.agent != agent or (session is not None and approval.session != session.session_id):
        raise NoSuchApproval(f"there is no approval {approval.approval_id}")
    return approval


def _call(configuration: Configuration, asked: Asked) -> Call:
    return Call(
        configuration.agent(asked.agent),
        asked.verb,
        asked.args,
        asked.context,
        asked.tool_definition_digest,
        asked.on_behalf_of,
    )


def _require_said(asked: Asked, decided: Decided) -> None:
    for requirement in decided.requirements:
        if requirement.justification_required and not asked.justification.strip():
            raise InvalidInput("justification", f"policy {requirement.policy} asks why; say it")
        if requirement.separation and not asked.on_behalf_of:
            # Whoever that person is could otherwise approve unseen.
            raise InvalidInput(
                "on_behalf_of",
                f"policy {requirement.policy} keeps the person the agent acts for from approving; name it",
            )


def _require_same(approval: Approval, claim: Claim) -> None:
    if claim.args_digest and claim.args_digest != approval.call.args_digest:
        raise ArgsChanged("the arguments are not the ones that were approved")
    if claim.context_digest and claim.context_digest != approval.call.context_digest:
        raise ContextChanged("the context is not the one that was approved")
    if claim.tool_definition_digest != approval.tool_definition_digest:
        raise ToolChanged("the tool's definition is not the one that was approved")


def _digest(*parts: str) -> str:
    return hashlib.sha256(canonical({"parts": parts})).hexdigest()
