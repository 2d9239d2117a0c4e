"""ApproverService: what people who approve call."""

from collections.abc import AsyncGenerator

from gatehold import vocabulary
from gatehold.digest import parse_object
from gatehold.invalid import InvalidInput
from gatehold.serving import Context
from gatehold.v1.approver_service_pb2 import (
    ApproveRequest,
    ApproveResponse,
    ApproverServiceGetApprovalRequest,
    ApproverServiceGetApprovalResponse,
    CancelRequest,
    CancelResponse,
    DenyRequest,
    DenyResponse,
    ListApprovalsRequest,
    ListApprovalsResponse,
    ResolveRequest,
    ResolveResponse,
    WatchApprovalsRequest,
    WatchApprovalsResponse,
)
from pdp.approvals.ballots import Ballot, Ballots
from pdp.approvals.keeper import ApprovalKeeper
from pdp.approvals.watches import Watches
from pdp.identity import Principal, Role
from pdp.store.interface import ApprovalStore
from pdp.transport.approval_lists import ApprovalLists, requested_states
from pdp.transport.approval_messages import OUTCOME_WORDS, ApprovalMessages
from pdp.transport.authentication import Authenticator
from pdp.transport.bounds import bounded, required
from pdp.transport.identifiers import require_uuid
from pdp.transport.translate import trace

_READERS = (Role.APPROVER, Role.ADMIN, Role.AUDITOR)
_PENDING = (vocabulary.ApprovalState.PENDING,)
_RESOLVED = (vocabulary.Outcome.SUCCEEDED, vocabulary.Outcome.FAILED)


class ApproverServicer:
    """Shows the approvals of the caller's tenant, and takes votes."""

    def __init__(
        self,
        authenticator: Authenticator,
        ballots: Ballots,
        keeper: ApprovalKeeper,
        store: ApprovalStore,
        lists: ApprovalLists,
        watches: Watches,
        messages: ApprovalMessages,
    ) -> None:
        self._authenticator = authenticator
        self._ballots = ballots
        self._keeper = keeper
        self._store = store
        self._lists = lists
        self._watches = watches
        self._messages = messages

    async def ListApprovals(self, request: ListApprovalsRequest, context: Context) -> ListApprovalsResponse:
        """Lists one page, those that wait longest first."""
        tenant = self._authenticator.principal(context, *_READERS).tenant
        states = requested_states(request.states, _PENDING)
        approvals, token = await self._lists.page(
            tenant, request.agent or None, states, request.page_size, request.page_token
        )
        return ListApprovalsResponse(approvals=approvals, next_page_token=token)

    async def GetApproval(
        self, request: ApproverServiceGetApprovalRequest, context: Context
    ) -> ApproverServiceGetApprovalResponse:
        """Reads one, with how it came about and what happened to it."""
        tenant = self._authenticator.principal(context, *_READERS).tenant
        approval_id = require_uuid(request.approval_id, "approval_id")
        approval, _ = await self._keeper.present(tenant, approval_id)
        events = await self._keeper.read(lambda: self._store.approval_events(tenant, approval_id))
        return ApproverServiceGetApprovalResponse(
            approval=self._messages.approval(approval),
            trace=trace(approval.call.trace),
            history=self._messages.history(events),
        )

    async def WatchApprovals(
        self, request: WatchApprovalsRequest, context: Context
    ) -> AsyncGenerator[WatchApprovalsResponse, None]:
        """Sends those that wait, then each that changes, until the caller goes or its key ends."""
        principal = self._authenticator.principal(context, *_READERS)
        with self._watches.open(principal.key_id, principal.tenant) as watch:
            token, more = "", True
            while more:
                approvals, token = await self._lists.page(principal.tenant, None, _PENDING, 0, token)
                for approval in approvals:
                    yield WatchApprovalsResponse(approval=approval)
                more = bool(token)
            while True:
                for approval_id in await watch.changed():
                    self._authenticator.principal(context, *_READERS)  # a watch may outlive its key
                    changed, _ = await self._keeper.present(principal.tenant, approval_id)
                    yield WatchApprovalsResponse(approval=self._messages.approval(changed))

    async def Approve(self, request: ApproveRequest, context: Context) -> ApproveResponse:
        """Votes for the call, or for an edited form of it."""
        ballot = _ballot(self._approver(context), request, bounded(request.reason, "reason"))
        if request.edited_args_json:
            approval = await self._ballots.edit(ballot, parse_object(request.edited_args_json, "edited_args_json"))
        else:
            approval = await self._ballots.approve(ballot)
        return ApproveResponse(approval=self._messages.approval(approval))

    async def Deny(self, request: DenyRequest, context: Context) -> DenyResponse:
        """Denies it."""
        ballot = _ballot(self._approver(context), request, required(request.reason, "reason"))
        return DenyResponse(approval=self._messages.approval(await self._ballots.deny(ballot)))

    async def Cancel(self, request: CancelRequest, context: Context) -> CancelResponse:
        """Takes it back before anybody claims it."""
        ballot = _ballot(self._approver(context), request, required(request.reason, "reason"))
        return CancelResponse(approval=self._messages.approval(await self._ballots.cancel(ballot)))

    async def Resolve(self, request: ResolveRequest, context: Context) -> ResolveResponse:
        """Says how a run ended of which nobody knows."""
        ballot = _ballot(self._approver(context), request, required(request.reason, "reason"))
        outcome = OUTCOME_WORDS.get(request.outcome)
        if outcome not in _RESOLVED:
            raise InvalidInput("outcome", "must be succeeded or failed")
        return ResolveResponse(approval=self._messages.approval(await self._ballots.resolve(ballot, outcome)))

    def _approver(self, context: Context) -> Principal:
        return self._authenticator.principal(context, Role.APPROVER)


def _ballot(
    approver: Principal, request: ApproveRequest | DenyRequest | CancelRequest | ResolveRequest, reason: str
) -> Ballot:
    if not request.etag:
        raise InvalidInput("etag", "is required: send the one that was read")
    seen = ""
    if isinstance(request, ApproveRequest | DenyRequest):
        seen = request.args_digest
        if not seen:
            raise InvalidInput("args_digest", "is required: send the one that was read")
    return Ballot(
        tenant=approver.tenant,
        approval_id=require_uuid(request.approval_id, "approval_id"),
        approver=approver.name,
        groups=tuple(sorted(approver.groups)),
        etag=request.etag,
        args_digest=seen,
        reason=reason,
    )
