"""Processes that stand still for a while and know nothing of it."""

import time

from gatehold.clock import boottime_ns
from gatehold.vocabulary import DecisionSource, ReasonCode
from tests.fakes.fault_proxy import Direction, FaultProxy
from tests.faults.checks import READ, Callers, cached, stale
from tests.faults.scenarios import BLOCK
from tests.stack import Stack, until


def test_7_a_sidecar_stopped_while_policies_change(stack: Stack) -> None:
    stack.start_pdp("--lease-ttl", "1")
    sidecar = stack.start_sidecar()
    cached(stack.guard())
    with Callers([stack.guard(deadline=20) for _ in range(4)]) as callers:
        callers.until(100)
        sidecar.pause()
        revision = stack.apply_policies(BLOCK)
        returned_ns = time.monotonic_ns()
        sidecar.resume()
        callers.until(50, lambda seen: seen.began_ns > returned_ns)
    waited = [seen for seen in callers.observed if seen.began_ns < returned_ns < seen.ended_ns]
    assert waited, "no call was under way while the sidecar stood still"
    assert not any(seen.answer.allowed and seen.answer.source is DecisionSource.CACHE for seen in waited)
    assert stale(callers.observed, [(returned_ns, revision)]) == []
    assert not any(seen.answer.allowed for seen in callers.observed if seen.began_ns > returned_ns)


def test_8_a_decision_point_stopped(stack: Stack) -> None:
    pdp = stack.start_pdp("--lease-ttl", "2")
    stack.start_sidecar()
    guard = stack.guard()
    cached(guard)
    pdp.pause()
    stopped_ns = time.monotonic_ns()
    with Callers([guard]) as callers:
        callers.until(3, lambda seen: not seen.answer.allowed)
    answers = [seen.answer for seen in callers.observed if seen.began_ns > stopped_ns]
    blocked = next(index for index, answer in enumerate(answers) if not answer.allowed)
    assert blocked > 0, "the lease was not used"
    assert {answer.source for answer in answers[:blocked]} == {DecisionSource.CACHE}
    assert not any(answer.allowed for answer in answers[blocked:])
    assert answers[-1].reason_code is ReasonCode.PDP_UNREACHABLE
    pdp.resume()
    until(lambda: guard.evaluate(READ).allowed)


def test_8_grants_that_arrive_late_are_over_already(stack: Stack) -> None:
    stack.start_pdp("--lease-ttl", "1")
    with FaultProxy(stack.address) as path:
        stack.start_sidecar(pdp=path.address)
        guard = stack.guard()
        cached(guard)
        path.hold(Direction.DOWN)
        until(lambda: not guard.evaluate(READ).allowed)
        path.hold(Direction.UP)
        asked_ns = boottime_ns()  # whatever the decision point grants was asked for before
        until(lambda: boottime_ns() - asked_ns > 10**9)
        passed = path.passed[Direction.DOWN]
        path.release(Direction.DOWN)
        until(lambda: path.passed[Direction.DOWN] > passed)
        assert not any(guard.evaluate(READ).allowed for _ in range(3))
        path.release(Direction.UP)
        until(lambda: guard.evaluate(READ).allowed)
