"""The part of DecisionPointService that is about approvals: what agents ask for and run."""

from collections.abc import AsyncGenerator

from gatehold import vocabulary
from gatehold.agent_records import require_duration
from gatehold.invalid import InvalidInput
from gatehold.serving import Context, read_call
from gatehold.v1 import approval_pb2
from gatehold.v1.decision_point_service_pb2 import (
    CancelApprovalRequest,
    CancelApprovalResponse,
    ClaimApprovalRequest,
    ClaimApprovalResponse,
    CompleteApprovalRequest,
    CompleteApprovalResponse,
    DecisionPointServiceListApprovalsRequest,
    DecisionPointServiceListApprovalsResponse,
    EvaluateRequest,
    GetApprovalRequest,
    GetApprovalResponse,
    RequestApprovalRequest,
    RequestApprovalResponse,
    WatchApprovalRequest,
    WatchApprovalResponse,
)
from pdp.approvals.lifecycle import ENDED, OPEN
from pdp.approvals.requests import ApprovalRequests, Asked, Claim
from pdp.approvals.watches import Watches
from pdp.session_scope import SessionScope
from pdp.transport.approval_lists import ApprovalLists, requested_states
from pdp.transport.approval_messages import OUTCOME_WORDS, ApprovalMessages
from pdp.transport.authentication import Authenticator
from pdp.transport.bounds import bounded
from pdp.transport.identifiers import require_uuid
from pdp.transport.translate import obligation


class ApprovalCallServicer:
    """Serves the agent in whose name the caller speaks. It sees no approval but its own."""

    def __init__(
        self,
        authenticator: Authenticator,
        requests: ApprovalRequests,
        lists: ApprovalLists,
        watches: Watches,
        messages: ApprovalMessages,
    ) -> None:
        self._authenticator = authenticator
        self._requests = requests
        self._lists = lists
        self._watches = watches
        self._messages = messages

    async def RequestApproval(self, request: RequestApprovalRequest, context: Context) -> RequestApprovalResponse:
        """Freezes a call and asks people."""
        tenant, agent, session = self._speaker(context)
        approval = await self._requests.request(_asked(tenant, agent, session, request))
        return RequestApprovalResponse(approval=self._messages.approval(approval))

    async def GetApproval(self, request: GetApprovalRequest, context: Context) -> GetApprovalResponse:
        """Reads one."""
        tenant, agent, session = self._speaker(context)
        approval = await self._requests.own(tenant, agent, _id(request.approval_id), session)
        return GetApprovalResponse(approval=self._messages.approval(approval))

    async def ListApprovals(
        self, request: DecisionPointServiceListApprovalsRequest, context: Context
    ) -> DecisionPointServiceListApprovalsResponse:
        """Lists those that have not ended, or those in the states that are asked for."""
        tenant, agent, session = self._speaker(context)
        states = requested_states(request.states, OPEN)
        mine: list[approval_pb2.Approval] = []
        token, more = request.page_token, True
        while more and not mine:  # an empty page with more to come would be taken for the end
            approvals, token = await self._lists.page(tenant, agent, states, request.page_size, token)
            mine = [one for one in approvals if session is None or one.session == session.session_id]
            more = bool(token)
        return DecisionPointServiceListApprovalsResponse(approvals=mine, next_page_token=token)

    async def WatchApproval(
        self, request: WatchApprovalRequest, context: Context
    ) -> AsyncGenerator[WatchApprovalResponse, None]:
        """Sends one now and at each change, until it has ended or the caller's key has."""
        tenant, agent, session = self._speaker(context)
        approval_id = _id(request.approval_id)
        with self._watches.open((tenant, agent), tenant, approval_id) as watch:
            while True:
                approval = await self._requests.own(tenant, agent, approval_id, session)
                yield WatchApprovalResponse(approval=self._messages.approval(approval))
                if approval.state in ENDED:
                    return
                await watch.changed()
                self._speaker(context)  # a watch may outlive its key

    async def CancelApproval(self, request: CancelApprovalRequest, context: Context) -> CancelApprovalResponse:
        """Takes one back."""
        tenant, agent, session = self._speaker(context)
        reason = bounded(request.reason, "reason")
        approval = await self._requests.cancel(tenant, agent, _id(request.approval_id), reason, session)
        return CancelApprovalResponse(approval=self._messages.approval(approval))

    async def ClaimApproval(self, request: ClaimApprovalRequest, context: Context) -> ClaimApprovalResponse:
        """Gives the right to run one, with all that is needed for it."""
        tenant, agent, session = self._speaker(context)
        claim = Claim(
            require_uuid(request.claim_id, "claim_id"),
            request.args_digest,
            request.context_digest,
            request.tool_definition_digest,
        )
        claimed = await self._requests.claim(tenant, agent, _id(request.approval_id), claim, session)
        message = self._messages.claimed(claimed.approval, claimed.frozen)
        return ClaimApprovalResponse(
            approval=message,
            claim_expire_time=message.claim_expire_time,
            obligations=[obligation(one) for one in claimed.obligations],
        )

    async def CompleteApproval(self, request: CompleteApprovalRequest, context: Context) -> CompleteApprovalResponse:
        """Takes down how the run ended."""
        tenant, agent, session = self._speaker(context)
        require_duration(request.duration, "duration")
        approval = await self._requests.complete(
            tenant,
            agent,
            _id(request.approval_id),
            require_uuid(request.claim_id, "claim_id"),
            _outcome(request.outcome),
            bounded(request.error, "error"),
            session,
        )
        return CompleteApprovalResponse(approval=self._messages.approval(approval))

    def _speaker(self, context: Context) -> tuple[str, str, SessionScope | None]:
        principal, agent = self._authenticator.speaker(context)
        return principal.tenant, agent, principal.session


def _asked(tenant: str, agent: str, session: SessionScope | None, request: RequestApprovalRequest) -> Asked:
    read = read_call(
        EvaluateRequest(
            verb=request.verb,
            args_json=request.args_json,
            context_json=request.context_json,
            on_behalf_of=request.on_behalf_of,
            request_id=request.request_id,
            tool_definition_digest=request.tool_definition_digest,
        )
    )
    return Asked(
        tenant=tenant,
        agent=agent,
        session=session,
        on_behalf_of=session.acts_for(request.on_behalf_of) if session else request.on_behalf_of,
        verb=request.verb,
        args=read.args,
        context=read.context,
        tool_definition_digest=request.tool_definition_digest,
        justification=bounded(request.justification, "justification"),
        request_id=request.request_id,
    )


def _id(text: str) -> str:
    return require_uuid(text, "approval_id")


def _outcome(number: int) -> vocabulary.Outcome:
    if number not in OUTCOME_WORDS:
        raise InvalidInput("outcome", "must be succeeded, failed or indeterminate")
    return OUTCOME_WORDS[number]
