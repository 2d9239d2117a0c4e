"""What must hold of every decision, whatever the policies: laws that a mistake in combining them would break."""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from gatehold.vocabulary import Decision, ReasonCode
from pdp.evaluate import evaluate
from pdp.model import Verdict
from pdp.permitted import permitted
from tests.fakes.naive_conditions import compare
from tests.fakes.naive_evaluator import decide, matchers
from tests.fakes.policy_conditions import ON_AGENT, any_condition
from tests.fakes.policy_worlds import World, agent, any_call, any_policy, any_world, call

Json = dict[str, Any]

EXAMPLES = int(os.environ.get("GATEHOLD_EXAMPLES", "300"))
MAX_UNKNOWN = 7  # atoms in one call: 128 completions
STRICTNESS = {Decision.ALLOW: 0, Decision.REQUIRE_APPROVAL: 1, Decision.BLOCK: 2}

for_any_tenant = given(st.randoms(use_true_random=False))
within_reason = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def atoms(node: Json) -> Iterator[Json]:
    """Those of a policy or a condition, as documents."""
    if "field" in node:
        yield node
    for part in [*node.get("conditions", ()), *node.get("all", ()), *node.get("any", ())]:
        yield from atoms(part)
    if "not" in node:
        yield from atoms(node["not"])


def name_of(atom: Json) -> str:
    """The same for atoms that compare the same."""
    return repr((atom["field"], atom["operator"], atom.get("value", True)))


def truths(world: World, raw: Json) -> dict[str, bool | None]:
    """Of every atom of every policy."""
    return {name_of(atom): compare(atom, raw) for policy in world.policies for atom in atoms(policy)}


def completions(known: dict[str, bool | None]) -> Iterator[dict[str, bool | None]]:
    """Every way to make the unknown atoms true or false, even where no one call could make them all so."""
    unknown = [name for name, truth in known.items() if truth is None]
    for chosen in product((False, True), repeat=len(unknown)):
        yield {**known, **dict(zip(unknown, chosen, strict=True))}


def parts(policy: Json) -> list[Json]:
    """The policy once for each way to take one matcher of each type."""
    by_type: dict[str, list[Json]] = {}
    for kind, value in dict.fromkeys(matchers(policy)):
        by_type.setdefault(kind, []).append({"type": kind, "value": value})
    kept: Json = {
        name: policy[name] for name in ("conditions", "action", "mandatory", "enabled", "mode") if name in policy
    }
    return [
        {**kept, "id": f"{number}-of-{policy['id']}", "verbMatchers": list(chosen)}
        for number, chosen in enumerate(product(*by_type.values()))
    ]


def edited(world: World, policies: list[Json]) -> World:
    """The tenant with other policies."""
    return World(world.catalog, policies, world.agents)


@within_reason
@for_any_tenant
def test_no_unknown_is_laxer_than_the_worst_completion(rng: Random) -> None:
    world = any_world(rng)
    raw = any_call(rng, world)
    known = truths(world, raw)
    assume(1 <= list(known.values()).count(None) <= MAX_UNKNOWN)
    worst = max(
        STRICTNESS[decide(world.catalog, world.policies, raw, lambda atom, of=whole: of[name_of(atom)]).decision]  # type: ignore[misc]
        for whole in completions(known)
    )
    verdict = evaluate(world.compiled, call(raw))
    event(f"{verdict.decision}, worst {worst}")
    assert STRICTNESS[verdict.decision] >= worst


@within_reason
@for_any_tenant
def test_knowing_less_of_a_call_never_relaxes(rng: Random) -> None:
    world = any_world(rng)
    more = any_call(rng, world)
    less = {**more, "args": dict(more["args"]), "context": dict(more["context"])}
    places = [(part, name) for part in ("args", "context") for name in more[part]]
    for part, name in rng.sample(places, min(len(places), 2)):
        if rng.randrange(2):
            del less[part][name]
        else:
            less[part][name] = {"of": "a wrong type"}
    before, after = truths(world, more), truths(world, less)
    # `exists` is never unknown: a policy may relax on an absence, if it says so.
    assume(all(after[name] is None or after[name] == before[name] for name in before))
    full, partial = evaluate(world.compiled, call(more)), evaluate(world.compiled, call(less))
    event(f"{full.decision} becomes {partial.decision}")
    assert STRICTNESS[partial.decision] >= STRICTNESS[full.decision]
    if partial.reason_code is not ReasonCode.ARGS_SCHEMA_VIOLATION:  # nothing is asked of the policies then
        assert {o.id for o in partial.obligations} >= {o.id for o in full.obligations}


@within_reason
@for_any_tenant
def test_a_further_guardrail_never_relaxes(rng: Random) -> None:
    world = any_world(rng)
    raw = any_call(rng, world)
    guardrail = any_policy(rng, "guardrail", world.catalog["entries"][0], raw["agent"]["id"])
    action = rng.choice(("notify", "require_approval", "block", "off"))
    added = {**guardrail, "id": "guardrail", "action": action, "mandatory": True}
    before = evaluate(world.compiled, call(raw))
    after = evaluate(edited(world, [*world.policies, added]).compiled, call(raw))
    event(f"{before.decision} becomes {after.decision}")
    assert STRICTNESS[after.decision] >= STRICTNESS[before.decision]
    assert {o.id for o in after.obligations} >= {o.id for o in before.obligations}
    if after.decision is before.decision:
        # A floor of the product's own asks only where no policy does.
        own = {asked for asked in before.approvals if not asked.policy.startswith("builtin.")}
        assert set(after.approvals) >= own


@within_reason
@for_any_tenant
def test_the_order_of_policies_is_nothing(rng: Random) -> None:
    world = any_world(rng)
    raw = any_call(rng, world)
    shuffled = edited(world, rng.sample(world.policies, len(world.policies)))
    assert evaluate(shuffled.compiled, call(raw), explain=True) == evaluate(world.compiled, call(raw), explain=True)


@within_reason
@for_any_tenant
def test_a_policy_with_alternatives_decides_as_one_for_each_would(rng: Random) -> None:
    world = any_world(rng)
    raw = any_call(rng, world)
    split = edited(world, [part for policy in world.policies for part in parts(policy)])
    event(f"{min(len(split.policies) - len(world.policies), 5)} or more policies more")
    whole, apart = evaluate(world.compiled, call(raw)), evaluate(split.compiled, call(raw))
    assert apart.decision is whole.decision
    assert {o.id.partition("-of-")[2] for o in apart.obligations} == {o.id for o in whole.obligations}
    assert {s.policy.partition("-of-")[2] for s in apart.shadow} == {s.policy for s in whole.shadow}


@within_reason
@for_any_tenant
def test_shadow_and_disabled_policies_are_without_influence(rng: Random) -> None:
    world = any_world(rng)
    raw = any_call(rng, world)
    idle = {"mode": "shadow"}, {"enabled": False}, {"enabled": False, "mode": "shadow"}
    mixed = [{**policy, **rng.choice(idle)} if rng.randrange(2) else policy for policy in world.policies]
    in_force = [p for p in mixed if p.get("enabled", True) and p.get("mode", "enforce") == "enforce"]
    event(f"{min(len(mixed) - len(in_force), 3)} or more are idle")
    without = evaluate(edited(world, in_force).compiled, call(raw))
    assert replace(evaluate(edited(world, mixed).compiled, call(raw)), shadow=()) == without


@within_reason
@for_any_tenant
def test_calls_that_differ_in_no_reuse_atom_get_one_verdict(rng: Random) -> None:
    world = any_world(rng)
    entry = world.compiled.catalog.get(world.catalog["entries"][0]["verb"])
    assert entry is not None
    assume(entry.args_schema is None)
    permission = world.compiled.catalog.bundle_default(entry)
    who = rng.choice(world.agents)
    found = world.compiled.policies.atoms_for(entry, permission, who["id"])
    assume(found)
    verdicts: defaultdict[tuple[bool | None, ...], list[Verdict]] = defaultdict(list)
    for _ in range(12):
        raw = {**any_call(rng, world), "verb": entry.verb, "agent": who, "digest": entry.definition_digest}
        document = {"args": raw["args"], "context": raw["context"]}
        verdicts[tuple(atom.truth(document) for atom in found or ())].append(evaluate(world.compiled, call(raw)))
    event(f"{len(verdicts)} of 12 calls differ")
    for alike in verdicts.values():
        assert all(verdict == alike[0] for verdict in alike)


@within_reason
@for_any_tenant
def test_a_verb_that_is_not_listed_is_always_blocked(rng: Random) -> None:
    world = any_world(rng)
    # Few, because among many there mostly is one that has the verb listed; and on the agent, which alone is settled.
    settled = [{**p, "conditions": [any_condition(rng, 0, ON_AGENT)]} for p in world.policies[:2]]
    world = edited(world, [*settled, *world.policies[2:3]])
    for _ in range(12):
        raw = any_call(rng, world)
        permission = permitted(world.compiled, agent(raw["agent"]), raw["verb"])
        decision = evaluate(world.compiled, call(raw)).decision
        event(f"listed {permission.listed}, executable {permission.executable}, {decision}")
        assert decision is Decision.BLOCK or permission.executable
