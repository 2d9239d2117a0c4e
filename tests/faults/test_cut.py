"""Networks that lose one direction, both, or the news that a connection is over."""

from gatehold.vocabulary import DecisionSource, ReasonCode
from tests.fakes.fault_proxy import Direction, FaultProxy
from tests.faults.checks import READ, cached
from tests.faults.scenarios import stale_behind_a_cut
from tests.stack import Stack, until


def test_9_the_way_to_the_sidecar_is_cut(stack: Stack) -> None:
    stack.start_pdp("--lease-ttl", "3")
    with FaultProxy(stack.address) as path:
        stack.start_sidecar(pdp=path.address)
        assert stale_behind_a_cut(stack, path) == []
        path.release(Direction.DOWN)
        blocked = cached(stack.guard())
        assert not blocked.allowed, "an older grant was taken after the way was mended"


def test_10_the_way_to_the_decision_point_is_cut(stack: Stack) -> None:
    stack.start_pdp("--lease-ttl", "2")
    with FaultProxy(stack.address) as path:
        stack.start_sidecar(pdp=path.address)
        guard = stack.guard()
        cached(guard)
        path.hold(Direction.UP)
        assert guard.evaluate(READ).source is DecisionSource.CACHE
        until(lambda: not guard.evaluate(READ).allowed)
        answers = [guard.evaluate(READ) for _ in range(3)]
        assert {answer.reason_code for answer in answers} == {ReasonCode.PDP_UNREACHABLE}
        path.release(Direction.UP)
        until(lambda: guard.evaluate(READ).allowed)


def test_10_both_ways_are_cut(stack: Stack) -> None:
    stack.start_pdp("--lease-ttl", "2")
    with FaultProxy(stack.address) as path:
        stack.start_sidecar(pdp=path.address)
        guard = stack.guard()
        cached(guard)
        path.cut()
        until(lambda: not guard.evaluate(READ).allowed)
        assert not any(guard.evaluate(READ).allowed for _ in range(20))
        path.admit()
        until(lambda: guard.evaluate(READ).allowed)


def test_23_a_slow_way_makes_slow_answers_never_stale_ones(stack: Stack) -> None:
    stack.start_pdp("--lease-ttl", "3")
    with FaultProxy(stack.address) as path:
        stack.start_sidecar(pdp=path.address)
        cached(stack.guard())
        path.delay(2)  # each way: longer than a call waits, and with the way back longer than a lease
        assert stale_behind_a_cut(stack, path) == []


def test_24_a_half_open_connection_is_closed_within_the_lease(stack: Stack) -> None:
    stack.start_pdp("--lease-ttl", "10")
    with FaultProxy(stack.address) as path:
        stack.start_sidecar(pdp=path.address)
        guard = stack.guard()
        cached(guard)
        ended = path.ended
        path.strand()
        path.refuse()  # so that the lease which is seen below is the one from before
        until(lambda: path.ended > ended)
        assert guard.evaluate(READ).source is DecisionSource.CACHE, "the lease was over first"
        until(lambda: not guard.evaluate(READ).allowed)
        path.admit()
        until(lambda: guard.evaluate(READ).source is DecisionSource.POLICY)
