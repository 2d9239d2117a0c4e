"""Carries out conversations, and runs guarded functions under the permits they end with; for asyncio."""

import asyncio
import inspect
import logging
from collections.abc import Mapping
from typing import Any, TypeVar, assert_never

from gatehold.guard import permit as permits
from gatehold.guard.aio_completer import AsyncCompleter
from gatehold.guard.aio_connection import AsyncConnection
from gatehold.guard.aio_recorder import AsyncRecorder
from gatehold.guard.journal import Execution
from gatehold.guard.outcome import Outcome
from gatehold.guard.permit import Claim, Permit
from gatehold.guard.protection import Protected
from gatehold.guard.steps import Ask, Call, Complete, Conversation, Pause, Step, Tell, Watch

T = TypeVar("T")
_LOG = logging.getLogger("gatehold.approval")


class AsyncRuns:
    """`Runs` for asyncio."""

    def __init__(self, connection: AsyncConnection, recorder: AsyncRecorder, with_error_text: bool) -> None:
        self._connection = connection
        self._recorder = recorder
        self._completer = AsyncCompleter(connection)
        self._with_error_text = with_error_text

    async def drive(self, conversation: Conversation[T]) -> T:
        """Returns what the conversation comes to, and raises what it raises."""
        result: Any = None
        while True:
            try:
                step = conversation.send(result)
            except StopIteration as end:
                outcome: T = end.value
                return outcome
            result = await self._perform(step)

    async def _perform(self, step: Step) -> object:
        match step:
            case Ask():
                return await self._connection.ask(step.prepared)
            case Call():
                return await self._connection.call(step)
            case Watch():
                return await self._connection.watch(step)
            case Tell():
                told = step.listener(step.approval)
                return await told if inspect.isawaitable(told) else told
            case Pause():
                await self._connection.pause(step.seconds)
            case Complete():
                await self._completer.complete(step.request)
            case _:
                assert_never(step)
        return None

    async def run(self, tool: Protected, permit: Permit, unguarded: Mapping[str, Any]) -> Any:
        """Runs the function. What it returned or raised passes unchanged, whatever becomes of the reports."""
        outcome = Outcome(self._recorder.record_later, tool.verb, permit, self._with_error_text)
        if permit.claim is None:
            with outcome:
                return await tool.function(**permit.args, **unguarded)
        renewal = asyncio.create_task(self._renewing(permit.claim), name="gatehold-claim")
        try:
            with outcome:
                return await tool.function(**permit.args, **unguarded)
        finally:
            renewal.cancel()
            await self._complete(permit.claim, outcome.execution)

    async def _renewing(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(permits.RENEW_SECONDS)
            if not claim.renewed(await self._connection.call(claim.renewal)):
                return

    async def _complete(self, claim: Claim, execution: Execution) -> None:
        try:
            await self._completer.complete(claim.completion(execution))
        except Exception as failure:  # the run is over; a second error would hide what came of it
            _LOG.error("how approval %s ended is not told: %s", claim.approval.id, type(failure).__name__)

    async def close(self) -> None:
        """Tells once more what could not be told yet."""
        await self._completer.close()
