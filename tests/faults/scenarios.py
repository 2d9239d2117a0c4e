"""Faults, played through on a given stack; each returns where the promise was broken."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gatehold.vocabulary import DecisionSource
from tests.fakes.fault_proxy import Direction, FaultProxy
from tests.faults.checks import READ, REFUND, Callers, Observed, cached, from_cache, inverted, missing, stale
from tests.stack import Stack, until

BLOCK = f'{{"verb": "{READ}", "action": "block"}}'
ALLOW = f'{{"verb": "{READ}", "action": "allow"}}'
GATES = f"""
- id: refunds
  verbMatchers: [{{type: verb, value: "{REFUND}"}}]
  action: {{type: block}}
- id: small-refunds
  verbMatchers: [{{type: verb, value: "{REFUND}"}}]
  conditions: [{{field: args.amount, operator: less, value: 100}}]
  action: {{type: require_approval}}
"""


def stale_behind_a_cut(stack: Stack, path: FaultProxy) -> list[Observed]:
    """Changes policies while the sidecar, which holds a lease, cannot be told; returns what it answered stale."""
    cached(stack.guard())
    with Callers([stack.guard(), stack.guard()]) as callers, ThreadPoolExecutor(1) as elsewhere:
        path.hold(Direction.DOWN)
        began_ns = time.monotonic_ns()
        applied = elsewhere.submit(lambda: (stack.apply_policies(BLOCK), time.monotonic_ns()))
        revision, returned_ns = applied.result(60)
        callers.until(6, lambda seen: seen.began_ns > returned_ns)
    allowed = [seen for seen in callers.observed if seen.began_ns > began_ns and seen.answer.allowed]
    assert allowed, "no lease was live while the change was pending"
    return stale(callers.observed, [(returned_ns, revision)])


def unrecorded_after_a_kill(stack: Stack, **how: Any) -> list[str]:
    """Kills the sidecar right after it has answered; returns the answers that never come onto the record."""
    sidecar = stack.start_sidecar(**how)
    cached(stack.guard())
    with Callers([stack.guard(), stack.guard()]) as quick, Callers([stack.guard()], REFUND) as durable:
        quick.until(100)
        durable.until(10)
        sidecar.kill()
    stack.start_sidecar()
    return missing(stack, quick.ids | durable.ids)


def unlike_the_decision_point(stack: Stack) -> list[tuple[int, str]]:
    """Asks the sidecar for calls on both sides of a threshold; returns where the decision point says otherwise."""
    stack.apply_policies(GATES)
    guard, direct = stack.guard(), stack.direct()
    until(lambda: from_cache(guard.evaluate(REFUND, {"amount": 250})))
    answers = [(amount, guard.evaluate(REFUND, {"amount": amount})) for amount in (250, 99, 101, 100, 1, 250, 99)]
    assert any(answer.source is DecisionSource.CACHE for _, answer in answers)
    return [
        (amount, answer.decision.value)
        for amount, answer in answers
        if answer.decision is not direct.evaluate(REFUND, {"amount": amount}).decision
    ]


def incoherent_under_flips(stack: Stack, path: FaultProxy, changes: int) -> list[Observed]:
    """Allows and blocks a verb in turn while all sidecars are asked; returns what was answered stale or wrongly.

    Every fifth change meets sidecars behind `path` that hear nothing; the next one finds them behind.
    """
    in_force = [(0, stack.apply_policies(ALLOW))]
    for agent in stack.sidecars:
        cached(stack.guard(agent))
    with Callers([stack.guard(agent) for agent in stack.sidecars]) as callers:
        for change in range(changes):
            callers.until(20, lambda seen: seen.answer.source is DecisionSource.CACHE)
            (path.hold if change % 5 == 0 else path.release)(Direction.DOWN)
            revision = stack.apply_policies(ALLOW if change % 2 else BLOCK)
            in_force.append((time.monotonic_ns(), revision))
        callers.until(20, lambda seen: seen.answer.source is DecisionSource.CACHE)
    first = in_force[0][1]
    wrong = [seen for seen in callers.observed if seen.answer.allowed is not _permitted(seen.answer.revision, first)]
    return wrong + stale(callers.observed, in_force) + inverted(callers.observed)


def _permitted(revision: int, first: int) -> bool:
    """Whether a revision permits, the first of them and every second one after it. Revision 0 is nobody's decision."""
    return revision > 0 and (revision - first) % 2 == 0
