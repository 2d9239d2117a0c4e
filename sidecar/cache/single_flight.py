"""Many equal calls at once ask upstream once."""

import asyncio
from typing import NamedTuple

from gatehold.v1.decision_pb2 import Intent
from sidecar.cache.store import ReuseStore
from sidecar.model import Answer, Call, Clock, Decider


class Sameness(NamedTuple):
    """Calls that no decision could tell apart."""

    agent: str
    on_behalf_of: str
    verb: str
    intent: int
    tool_definition_digest: str
    args_digest: str
    context_digest: str


class SingleFlight:
    """Asks upstream, keeps what it answers, and lets equal calls that come meanwhile wait for it.

    A call that waited does not take the answer itself: it began later, and the configuration may have changed since
    the answer was made. It takes what the store recalls for it, which needs a live lease on the answer's revision and
    an equal key; else it asks for itself.
    """

    def __init__(self, inner: Decider, store: ReuseStore, clock: Clock) -> None:
        self._inner = inner
        self._store = store
        self._clock = clock
        self._flights: dict[Sameness, asyncio.Future[None]] = {}

    async def decide(self, call: Call) -> Answer:
        """The recalled answer of an equal call under way, else upstream's own. Raises what upstream raises."""
        if not self._store.may_recall(call):  # so waiting would be in vain
            return await self._ask(call)
        sameness = _sameness(call)
        flight = self._flights.get(sameness)
        if flight is None:
            return await self._lead(sameness, call)
        await asyncio.shield(flight)  # a caller that goes away must not end the wait of the others
        return self._store.recall(call) or await self._ask(call)

    async def _lead(self, sameness: Sameness, call: Call) -> Answer:
        flight = self._flights[sameness] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._ask(call)
        except Exception as error:
            flight.set_exception(error)  # those who wait would fail likewise, and later than their deadline
            flight.exception()  # nobody may be waiting
            raise
        finally:
            del self._flights[sameness]
            if not flight.done():
                flight.set_result(None)
        return answer

    async def _ask(self, call: Call) -> Answer:
        asked_ns = self._clock()
        answer = await self._inner.decide(call)
        self._store.keep(call, answer, asked_ns)
        return answer


def _sameness(call: Call) -> Sameness:
    request = call.request
    return Sameness(
        agent=call.agent,
        on_behalf_of=request.on_behalf_of,
        verb=request.verb,
        intent=request.intent or Intent.INTENT_EXECUTE,
        tool_definition_digest=request.tool_definition_digest,
        args_digest=call.args_digest,
        context_digest=call.context_digest,
    )
