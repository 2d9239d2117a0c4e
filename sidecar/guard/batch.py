"""Many calls in one request."""

import asyncio
from collections.abc import Sequence

import grpc

from gatehold.digest import digest
from gatehold.invalid import InvalidInput
from gatehold.serving import Refusal, read_call, stranger
from gatehold.v1.decision_pb2 import Decision
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, EvaluateResponse
from gatehold.v1.reason_code_pb2 import ReasonCode
from sidecar.guard.guard import Guard
from sidecar.model import Call, Caller

_AT_ONCE = 64  # items under way; more would only queue at the decision point


def read(caller: Caller, request: EvaluateRequest) -> Call:
    """Checks a request whole. Raises InvalidInput on the first field that is outside the contract."""
    args, context = read_call(request)
    return Call(caller, request, args, context, digest(args))


async def answer_item(guard: Guard, caller: Caller, request: EvaluateRequest) -> EvaluateResponse:
    """Answers one item; one that is malformed is blocked alone.

    Raises:
        SpoolFull, SpoolFailed: no record can be made.
        Refusal: for what concerns every item, such as a credential that is not accepted.
    """
    try:
        if problem := stranger(request):
            raise Refusal.malformed(problem)
        return await guard.answer(read(caller, request))
    except InvalidInput as error:
        problem = str(error)
    except Refusal as refusal:
        if refusal.code is not grpc.StatusCode.INVALID_ARGUMENT:
            raise
        problem = refusal.message
    return await guard.block(caller, request, ReasonCode.REASON_CODE_INVALID_ITEM, f"The item is malformed: {problem}.")


async def answer_all(guard: Guard, caller: Caller, requests: Sequence[EvaluateRequest]) -> list[EvaluateResponse]:
    """Answers every item, in order."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def answer(request: EvaluateRequest) -> EvaluateResponse:
        async with places:
            return await answer_item(guard, caller, request)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(answer(request)) for request in requests]
    except* Exception as failed:
        raise _first(failed) from None
    return [task.result() for task in tasks]


async def answer_until_block(
    guard: Guard, caller: Caller, requests: Sequence[EvaluateRequest]
) -> list[EvaluateResponse]:
    """Answers items in order up to the first block, and blocks the others unevaluated."""
    responses: list[EvaluateResponse] = []
    stopped = False
    for request in requests:
        if stopped:
            reason = "An earlier item of the batch was blocked, so this one was not evaluated."
            response = await guard.block(caller, request, ReasonCode.REASON_CODE_STOPPED_EARLY, reason)
        else:
            response = await answer_item(guard, caller, request)
        responses.append(response)
        stopped = stopped or response.decision == Decision.DECISION_BLOCK
    return responses


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
