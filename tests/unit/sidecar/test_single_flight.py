"""Equal calls at once ask once, and none takes an answer that it could not have recalled."""

import asyncio
from collections.abc import Callable

import pytest

from gatehold.v1.decision_pb2 import DecisionSource
from gatehold.v1.reuse_pb2 import Reuse, ReuseMode
from sidecar.cache import Cached, ReuseStore, SingleFlight
from sidecar.lease import Lease
from sidecar.model import Answer, Call
from sidecar.upstream import Unreachable
from tests.unit.sidecar.calls import EPOCH, Clock, answer, call, grant, leased, reuse


class Gate:
    """Upstream that answers when it is told to."""

    def __init__(self, permission: Callable[[], Reuse] = reuse) -> None:
        self.asked: list[Call] = []
        self.open = asyncio.Event()
        self.error: Exception | None = None
        self.revision = 1
        self._permission = permission

    async def decide(self, asking: Call) -> Answer:
        self.asked.append(asking)
        revision = self.revision
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return answer(self._permission(), revision=revision)


def stack(gate: Gate, lease: Lease, clock: Clock) -> Cached:
    store = ReuseStore(lease, clock)
    return Cached(SingleFlight(gate, store, clock), store)


async def together(decider: Cached, gate: Gate, *calls: Call) -> list[Answer | BaseException]:
    tasks = [asyncio.ensure_future(decider.decide(one)) for one in calls]
    await asyncio.sleep(0)
    gate.open.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_equal_calls_ask_once_and_the_others_recall() -> None:
    gate, clock = Gate(), Clock()
    answers = await together(stack(gate, leased(clock), clock), gate, *[call() for _ in range(5)])
    assert len(gate.asked) == 1
    sources = [found.source for found in answers if isinstance(found, Answer)]
    assert sources == [DecisionSource.DECISION_SOURCE_POLICY] + [DecisionSource.DECISION_SOURCE_CACHE] * 4


@pytest.mark.parametrize(
    "other",
    [
        call('{"amount": 251}'),
        call(context_json='{"a": 1}'),
        call(agent="ops"),
        call(verb="p:other"),
        call(on_behalf_of="ann"),
        call(intent=2),
        call(tool_definition_digest="a" * 64),
    ],
)
async def test_calls_that_differ_in_anything_do_not_wait_for_each_other(other: Call) -> None:
    gate, clock = Gate(), Clock()
    await together(stack(gate, leased(clock), clock), gate, call(), other)
    assert len(gate.asked) == 2


async def test_one_that_waited_asks_for_itself_once_the_lease_is_gone() -> None:
    gate, clock = Gate(), Clock()
    lease = leased(clock)
    decider = stack(gate, lease, clock)
    tasks = [asyncio.ensure_future(decider.decide(call())) for _ in range(3)]
    await asyncio.sleep(0)
    lease.revoke(EPOCH, 2)
    gate.open.set()
    answers = await asyncio.gather(*tasks)
    assert len(gate.asked) == 3
    assert all(found.source == DecisionSource.DECISION_SOURCE_POLICY for found in answers)


async def test_one_that_waited_asks_for_itself_under_a_newer_lease() -> None:
    gate, clock = Gate(), Clock()
    lease = leased(clock)
    decider = stack(gate, lease, clock)
    tasks = [asyncio.ensure_future(decider.decide(call())) for _ in range(2)]
    await asyncio.sleep(0)
    grant(lease, clock, revision=2)
    gate.revision = 2
    gate.open.set()
    assert [found.outcome.revision for found in await asyncio.gather(*tasks)] == [1, 2]


async def test_one_that_waited_for_what_may_not_be_reused_asks_for_itself() -> None:
    gate, clock = Gate(lambda: reuse(ReuseMode.REUSE_MODE_NONE)), Clock()
    await together(stack(gate, leased(clock), clock), gate, call(), call())
    assert len(gate.asked) == 2


async def test_explanations_are_asked_for_each() -> None:
    gate, clock = Gate(), Clock()
    await together(stack(gate, leased(clock), clock), gate, call(explain=True), call(explain=True), call())
    assert len(gate.asked) == 3


async def test_a_failure_is_shared_and_the_next_call_asks_again() -> None:
    gate, clock = Gate(), Clock()
    gate.error = Unreachable("down")
    decider = stack(gate, leased(clock), clock)
    failures = await together(decider, gate, call(), call())
    assert [type(failure) for failure in failures] == [Unreachable, Unreachable]
    assert len(gate.asked) == 1
    gate.error = None
    assert isinstance(await decider.decide(call()), Answer)


async def test_a_caller_that_goes_away_takes_nobody_with_it() -> None:
    gate, clock = Gate(), Clock()
    decider = stack(gate, leased(clock), clock)
    first, second, third = (asyncio.ensure_future(decider.decide(call())) for _ in range(3))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    gate.open.set()
    assert isinstance(await first, Answer)
    assert isinstance(await third, Answer)


async def test_if_the_one_that_asked_goes_away_the_others_ask_for_themselves() -> None:
    gate, clock = Gate(), Clock()
    decider = stack(gate, leased(clock), clock)
    first, second = (asyncio.ensure_future(decider.decide(call())) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    gate.open.set()
    assert isinstance(await second, Answer)
    assert len(gate.asked) == 2
