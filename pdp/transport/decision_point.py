"""DecisionPointService: what agents and their sidecars call."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from time import perf_counter

from gatehold import vocabulary
from gatehold.invalid import InvalidInput
from gatehold.serving import Context, Refusal, read_call, stranger
from gatehold.serving.batch import MAX_BATCH_RESPONSE, require_batch
from gatehold.v1.decision_pb2 import Decision
from gatehold.v1.decision_point_service_pb2 import (
    BatchEvaluateRequest,
    BatchEvaluateResponse,
    BatchMode,
    EvaluateRequest,
    EvaluateResponse,
    ListPermittedVerbsRequest,
    ListPermittedVerbsResponse,
    RecordAuditRequest,
    RecordAuditResponse,
)
from gatehold.v1.reason_code_pb2 import ReasonCode
from pdp.audit.log import AuditLog
from pdp.identity import Role
from pdp.transport.authentication import Authenticator
from pdp.transport.decisions import CurrentConfiguration, Decided, Decisions, Speaker
from pdp.transport.record_audit import RecordIntake

_TURN = 0.005  # seconds of a batch's evaluation before other calls get their turn
_FRAME = 5  # bytes at most that the batch's response adds to each item's


class DecisionPointServicer:
    """Decides, and records what it decides for agents that call it directly."""

    def __init__(
        self,
        authenticator: Authenticator,
        current: CurrentConfiguration,
        audit: AuditLog,
        decided: Callable[[vocabulary.Decision], None],
    ) -> None:
        self._authenticator = authenticator
        self._audit = audit
        self._decisions = Decisions(current, decided)
        self._intake = RecordIntake(authenticator, audit, self._decisions.sensitive_args)

    async def Evaluate(self, request: EvaluateRequest, context: Context) -> EvaluateResponse:
        """Decides one call. For an agent, the record is committed before the answer leaves."""
        speaker = self._speaker(context)
        decided = self._decisions.decide(speaker, request)
        if decided.record is not None:
            await self._audit.record(decided.record)
        return decided.response

    async def BatchEvaluate(self, request: BatchEvaluateRequest, context: Context) -> BatchEvaluateResponse:
        """Decides many calls, in order. All their records are committed before any answer leaves."""
        speaker = self._speaker(context)
        require_batch(request)
        decided = await self._decide_items(speaker, request)
        await asyncio.gather(*(self._audit.record(one.record) for one in decided if one.record is not None))
        return BatchEvaluateResponse(responses=[one.response for one in decided])

    async def _decide_items(self, speaker: Speaker, request: BatchEvaluateRequest) -> list[Decided]:
        """Decides a batch. Raises Refusal as soon as the answers are more than a response may hold."""
        stops = request.mode == BatchMode.BATCH_MODE_STOP_ON_FIRST_BLOCK
        decided: list[Decided] = []
        stopped, size, began = False, 0, perf_counter()
        for item in request.requests:
            if perf_counter() - began > _TURN:
                await asyncio.sleep(0)
                began = perf_counter()
            one = self._decide_item(speaker, item, stopped)
            size += one.response.ByteSize() + _FRAME
            if size > MAX_BATCH_RESPONSE:
                raise Refusal.too_large("the response to the batch", MAX_BATCH_RESPONSE)
            decided.append(one)
            stopped = stops and (stopped or one.response.decision == Decision.DECISION_BLOCK)
        return decided

    def _decide_item(self, speaker: Speaker, item: EvaluateRequest, stopped: bool) -> Decided:
        try:
            if strange := stranger(item):
                return self._decisions.refuse(speaker, item, ReasonCode.REASON_CODE_INVALID_ITEM, strange)
            if not stopped:
                return self._decisions.decide(speaker, item)
            read_call(item)
        except InvalidInput as error:
            return self._decisions.refuse(speaker, item, ReasonCode.REASON_CODE_INVALID_ITEM, str(error))
        reason = "An earlier call of the batch was blocked, so this one was not evaluated."
        return self._decisions.refuse(speaker, item, ReasonCode.REASON_CODE_STOPPED_EARLY, reason)

    async def ListPermittedVerbs(
        self, request: ListPermittedVerbsRequest, context: Context
    ) -> ListPermittedVerbsResponse:
        """Lists what the agent's model may be shown, by verb."""
        return self._decisions.permitted(self._speaker(context), request)

    async def RecordAudit(
        self, request: AsyncIterator[RecordAuditRequest], context: Context
    ) -> AsyncGenerator[RecordAuditResponse, None]:
        """Takes records in, as `RecordIntake` says."""
        async for response in self._intake.responses(request, context):
            yield response

    def _speaker(self, context: Context) -> Speaker:
        """Who asks to decide. Raises `pdp.store.errors.Unavailable` while no record could be stored."""
        principal, agent = self._authenticator.speaker(context)
        self._audit.gate.check()
        return Speaker(principal.tenant, agent, principal.role is Role.SIDECAR, principal.session)
