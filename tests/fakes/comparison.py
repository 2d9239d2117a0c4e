"""What a verdict of the product and the outcome of the naive evaluator disagree on, and what a case exercises."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from gatehold.vocabulary import Decision, ReasonCode
from pdp.model import ApprovalRequirement, Verdict
from tests.fakes.naive_evaluator import (
    RANK,
    Outcome,
    action,
    at_least_as_narrow,
    default,
    exact,
    facts,
    matchers,
    overrides,
    ways,
)
from tests.fakes.policy_worlds import World

BUILT_IN = "builtin."


def differences(verdict: Verdict, outcome: Outcome) -> list[str]:
    """Empty where the two agree in all that the rules fix. The verdict is one with a trace."""
    pairs = {
        "decision": (verdict.decision, outcome.decision),
        "risk_level": (verdict.risk_level, outcome.risk_level),
        "obligations": ({(o.id, o.type) for o in verdict.obligations}, outcome.obligations),
        "shadow": ({(s.policy, s.decision) for s in verdict.shadow}, outcome.shadow),
        "cause": (_is_a_cause(verdict, outcome), True),
        "approvals": (_approvals_hold(verdict, outcome), True),
        "truths": (_traced(verdict), outcome.truths),
        "overridden": (_overridden(verdict), outcome.overridden),
    }
    return [f"{name}: {ours} is not {theirs}" for name, (ours, theirs) in pairs.items() if ours != theirs]


def _is_a_cause(verdict: Verdict, outcome: Outcome) -> bool:
    named = verdict.policy_matched
    built_in = not named or named.startswith(BUILT_IN)
    return any(
        verdict.reason_code == cause.code and (named == cause.id or (built_in and cause.id in ("", BUILT_IN)))
        for cause in outcome.causes
    )


def _approvals_hold(verdict: Verdict, outcome: Outcome) -> bool:
    # A block and an allow ask nobody; whatever asks for approval says whose, be it only a built-in.
    if verdict.decision is not Decision.REQUIRE_APPROVAL:
        return not verdict.approvals
    asked = {_requirement(a) for a in verdict.approvals if not a.policy.startswith(BUILT_IN)}
    return bool(verdict.approvals) and asked == outcome.approvals


def _requirement(asked: ApprovalRequirement) -> tuple[object, ...]:
    minutes = asked.decide_by.total_seconds() / 60
    return (asked.policy, asked.groups, asked.count, minutes, asked.justification_required, asked.separation)


def _traced(verdict: Verdict) -> dict[str, bool | None]:
    return {line.policy: line.result for line in verdict.trace or () if not line.policy.startswith(BUILT_IN)}


def _overridden(verdict: Verdict) -> set[str]:
    lines = (line for line in verdict.trace or () if not line.policy.startswith(BUILT_IN))
    return {line.policy for line in lines if line.overridden_by}


def events(world: World, call: dict[str, Any], outcome: Outcome) -> Iterator[str]:
    """What happened in a case that a wrong evaluator could get wrong."""
    yield f"decision {outcome.decision}"
    yield from {f"reason {cause.code}" for cause in outcome.causes}
    entry = next((entry for entry in world.catalog["entries"] if entry["verb"] == call["verb"]), None)
    if entry is not None and outcome.truths:
        yield from (name for name, happened in _of_policies(world, entry, outcome).items() if happened)
        yield from set(_narrower(world, facts(world.catalog, entry, call), outcome))


def _of_policies(world: World, entry: dict[str, Any], outcome: Outcome) -> dict[str, bool]:
    policies = {policy["id"]: policy for policy in world.policies}
    heard = [(policies[name], truth) for name, truth in outcome.truths.items()]
    level = RANK[outcome.causes[0].action]
    built_in = default(world.catalog, entry, outcome.risk_level)
    high_block = (built_in.code, built_in.action) == (ReasonCode.DEFAULT_RISK, "block")
    asking = outcome.decision is Decision.REQUIRE_APPROVAL
    return {
        "an unknown policy": None in outcome.truths.values(),
        "an unknown allow": any(truth is None and action(policy)["type"] == "allow" for policy, truth in heard),
        "an unknown policy is overridden": any(outcome.truths[name] is None for name in outcome.overridden),
        "a stricter policy is overridden": any(RANK[action(policies[n])["type"]] > level for n in outcome.overridden),
        "a guardrail alone decides": all(policies.get(cause.id, {}).get("mandatory") for cause in outcome.causes),
        "a floor ties with the winner": len(outcome.causes) > 1,
        "the HIGH default holds against a true policy": high_block
        and built_in in outcome.causes
        and any(outcome.truths[name] for name in outcome.ordinary),
        "the HIGH default is overridden": high_block and level < RANK["block"],
        "an off bundle is overridden": built_in.action == "off" and level < RANK["block"],
        "a block owes a notification": outcome.decision is Decision.BLOCK and bool(outcome.obligations),
        "several ask for approval": asking and len(outcome.approvals) > 1,
        "a shadow differs": any(decision != outcome.decision for _, decision in outcome.shadow),
        "alternatives of one type": any(len(values) > 1 for policy, _ in heard for values in _by_type(policy).values()),
    }


def _narrower(world: World, subject: dict[str, str], outcome: Outcome) -> Iterator[str]:
    """By what true policies override others, where each of the two names the call in one way."""
    policies = {policy["id"]: policy for policy in world.policies}
    winners = [policies[name] for name, truth in outcome.truths.items() if truth is True and name in outcome.ordinary]
    for loser, winner in product((policies[name] for name in outcome.overridden), winners):
        (mine, *others), (theirs, *further) = ways(winner, subject), ways(loser, subject)
        if others or further or not overrides(winner, loser, subject):
            continue
        if at_least_as_narrow(theirs, mine):
            yield "narrower by conditions alone"
        elif exact(mine) and not exact(theirs):
            yield "narrower by an exact verb"
        elif "agent" in dict(mine) and "agent" not in dict(theirs):
            yield "narrower by agent"
        else:
            yield "narrower by a further type" if dict(mine).keys() > dict(theirs).keys() else "narrower by pattern"


def _by_type(policy: dict[str, Any]) -> dict[str, set[str]]:
    kinds = {kind for kind, _ in matchers(policy)}
    return {kind: {value for k, value in matchers(policy) if k == kind} for kind in kinds}
