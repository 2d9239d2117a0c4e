"""DecisionPointService as a sidecar serves it. Translates; decides nothing."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from gatehold.invalid import InvalidInput
from gatehold.serving import Context, Refusal
from gatehold.serving.batch import MAX_BATCH_RESPONSE, require_batch
from gatehold.v1.decision_point_service_pb2 import (
    BatchEvaluateRequest,
    BatchEvaluateResponse,
    BatchMode,
    CancelApprovalRequest,
    CancelApprovalResponse,
    ClaimApprovalRequest,
    ClaimApprovalResponse,
    CompleteApprovalRequest,
    CompleteApprovalResponse,
    EvaluateRequest,
    EvaluateResponse,
    GetApprovalRequest,
    GetApprovalResponse,
    ListPermittedVerbsRequest,
    ListPermittedVerbsResponse,
    RecordAuditRequest,
    RecordAuditResponse,
    RequestApprovalRequest,
    RequestApprovalResponse,
    WatchApprovalRequest,
    WatchApprovalResponse,
)
from gatehold.v1.decision_point_service_pb2 import DecisionPointServiceListApprovalsRequest as ListApprovalsRequest
from gatehold.v1.decision_point_service_pb2 import DecisionPointServiceListApprovalsResponse as ListApprovalsResponse
from sidecar.approvals import Approvals
from sidecar.cache import PermittedVerbs
from sidecar.guard import Guard, answer_all, answer_until_block, read
from sidecar.listener.agent_stream import AgentStreams
from sidecar.listener.door import Door

_MOST_ITEMS = 1_000
_LONGEST_TOKEN = 256


class Servicer:
    """The methods, each named as in the proto."""

    def __init__(
        self,
        door: Door,
        guard: Guard,
        permitted: PermittedVerbs,
        approvals: Approvals,
        streams: AgentStreams,
    ) -> None:
        self._door = door
        self._guard = guard
        self._permitted = permitted
        self._approvals = approvals
        self._streams = streams

    async def Evaluate(self, request: EvaluateRequest, context: Context) -> EvaluateResponse:
        """One call, one decision."""
        caller = self._door.admit(context)
        return await self._guard.answer(read(caller, request))

    async def BatchEvaluate(self, request: BatchEvaluateRequest, context: Context) -> BatchEvaluateResponse:
        """Up to 1,000 calls, answered in order."""
        caller = self._door.admit(context)
        require_batch(request)
        stop = request.mode == BatchMode.BATCH_MODE_STOP_ON_FIRST_BLOCK
        answer = answer_until_block if stop else answer_all
        response = BatchEvaluateResponse(responses=await answer(self._guard, caller, request.requests))
        if response.ByteSize() > MAX_BATCH_RESPONSE:
            raise Refusal.too_large("the response to the batch", MAX_BATCH_RESPONSE)
        return response

    async def ListPermittedVerbs(
        self, request: ListPermittedVerbsRequest, context: Context
    ) -> ListPermittedVerbsResponse:
        """The verbs that a model may be shown."""
        caller = self._door.admit(context)
        if not 0 <= request.page_size <= _MOST_ITEMS:
            raise InvalidInput("page_size", f"must be 0 to {_MOST_ITEMS}")
        if len(request.page_token) > _LONGEST_TOKEN:
            raise InvalidInput("page_token", f"is longer than {_LONGEST_TOKEN} characters")
        return await self._permitted.page(request, caller.token)

    async def RequestApproval(self, request: RequestApprovalRequest, context: Context) -> RequestApprovalResponse:
        """Asks people for a call that policy does not allow by itself."""
        caller = self._door.admit(context)
        return await self._approvals.ask(lambda pdp: pdp.RequestApproval, request, context, caller.token)

    async def GetApproval(self, request: GetApprovalRequest, context: Context) -> GetApprovalResponse:
        """One of the agent's own approvals."""
        caller = self._door.admit(context)
        return await self._approvals.ask(lambda pdp: pdp.GetApproval, request, context, caller.token)

    async def ListApprovals(self, request: ListApprovalsRequest, context: Context) -> ListApprovalsResponse:
        """The agent's own approvals."""
        caller = self._door.admit(context)
        return await self._approvals.ask(lambda pdp: pdp.ListApprovals, request, context, caller.token)

    async def WatchApproval(
        self, request: WatchApprovalRequest, context: Context
    ) -> AsyncGenerator[WatchApprovalResponse, None]:
        """An approval, at each of its changes."""
        caller = self._door.admit(context)
        async with aclosing(self._approvals.watch(request, caller.token)) as responses:
            async for response in responses:
                yield response

    async def CancelApproval(self, request: CancelApprovalRequest, context: Context) -> CancelApprovalResponse:
        """Takes an approval back."""
        caller = self._door.admit(context)
        return await self._approvals.ask(lambda pdp: pdp.CancelApproval, request, context, caller.token)

    async def ClaimApproval(self, request: ClaimApprovalRequest, context: Context) -> ClaimApprovalResponse:
        """Takes the right to run an approved call."""
        caller = self._door.admit(context)
        return await self._approvals.ask(lambda pdp: pdp.ClaimApproval, request, context, caller.token)

    async def CompleteApproval(self, request: CompleteApprovalRequest, context: Context) -> CompleteApprovalResponse:
        """Tells how a claimed call ended."""
        caller = self._door.admit(context)
        return await self._approvals.ask(lambda pdp: pdp.CompleteApproval, request, context, caller.token)

    async def RecordAudit(
        self, messages: AsyncIterator[RecordAuditRequest], context: Context
    ) -> AsyncGenerator[RecordAuditResponse, None]:
        """The agent's own records."""
        caller = self._door.admit(context)
        async for response in self._streams.serve(caller, messages):
            yield response
