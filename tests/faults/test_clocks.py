"""Clocks that jump. A lease counts on the clock that runs through suspend, and on no other."""

import time

import pytest

from gatehold.v1.audit_record_pb2 import RecordKind
from gatehold.vocabulary import DecisionSource
from tests.fakes.fault_proxy import Direction, FaultProxy
from tests.faults.checks import READ, cached
from tests.faults.conftest import ShiftedClock
from tests.faults.scenarios import BLOCK, stale_behind_a_cut
from tests.stack import Stack, until

HOUR = 3_600


def jumped(stack: Stack, kind: RecordKind) -> bool:
    """Whether the newest record of the kind was made by a wall clock that is far off."""
    newest = stack.records(kind=kind)[0]
    return bool(abs(newest.record_time.seconds - time.time()) > HOUR / 2)


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_20_the_sidecars_wall_clock_jumps(stack: Stack, clock: ShiftedClock, seconds: int) -> None:
    pdp = stack.start_pdp("--lease-ttl", "3")
    stack.start_sidecar(environment=clock.environment)
    guard = stack.guard()
    cached(guard)
    clock.shift(wall_seconds=seconds)
    pdp.pause()
    assert guard.evaluate(READ).source is DecisionSource.CACHE, "the jump ended the lease"
    until(lambda: not guard.evaluate(READ).allowed)  # well before the hour by which the clock was put back
    pdp.resume()
    cached(guard)
    until(lambda: jumped(stack, RecordKind.RECORD_KIND_DECISION))


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_20_the_decision_points_wall_clock_jumps(stack: Stack, clock: ShiftedClock, seconds: int) -> None:
    stack.start_pdp("--lease-ttl", "2", environment=clock.environment)
    with FaultProxy(stack.address) as path:
        stack.start_sidecar(pdp=path.address)
        cached(stack.guard())
        clock.shift(wall_seconds=seconds)
        assert stale_behind_a_cut(stack, path) == []
        assert jumped(stack, RecordKind.RECORD_KIND_CONFIG_CHANGE)


def test_21_the_sidecars_host_was_suspended(stack: Stack, clock: ShiftedClock) -> None:
    pdp = stack.start_pdp("--lease-ttl", "60")
    stack.start_sidecar(environment=clock.environment)
    guard = stack.guard()
    cached(guard)
    pdp.pause()
    assert guard.evaluate(READ).source is DecisionSource.CACHE
    clock.shift(boot_seconds=61)
    assert not guard.evaluate(READ).allowed
    pdp.resume()
    cached(guard)


def test_21_the_decision_points_host_was_suspended(stack: Stack, clock: ShiftedClock) -> None:
    stack.start_pdp("--lease-ttl", "60", environment=clock.environment)
    with FaultProxy(stack.address) as path:
        stack.start_sidecar(pdp=path.address, environment=clock.environment)
        guard = stack.guard()
        cached(guard)
        path.hold(*Direction)
        clock.shift(boot_seconds=61)
        stack.apply_policies(BLOCK)  # would wait a minute if the sleep did not count
        assert not guard.evaluate(READ).allowed
