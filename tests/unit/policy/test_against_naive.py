"""The product decides as the naive evaluator does, on whatever Hypothesis and a long list of seeds come up with.

`GATEHOLD_EXAMPLES` sets how many worlds of each are tried; a few thousand take a minute.
"""

import os
from collections import Counter
from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from pdp.evaluate import evaluate
from tests.fakes.comparison import differences, events
from tests.fakes.naive_evaluator import Outcome, decide
from tests.fakes.policy_worlds import World, any_call, any_world, call

EXAMPLES = int(os.environ.get("GATEHOLD_EXAMPLES", "300"))
FIRST_SEED = int(os.environ.get("GATEHOLD_FIRST_SEED", "0"))
CALLS = 5  # of each world

# Each is to happen at least this often in 2,000 cases, or the comparison shows less than it seems to.
AT_LEAST = {
    "decision allow": 120,
    "decision require_approval": 250,
    "decision block": 500,
    "reason policy": 300,
    "reason condition_unknown": 100,
    "reason default_risk": 150,
    "reason default_bundle": 60,
    "reason hardened": 60,
    "reason verb_unknown": 20,
    "reason tool_definition_mismatch": 12,
    "reason args_schema_violation": 8,
    "reason agent_chat_only": 80,
    "reason agent_permission_mode": 80,
    "an unknown policy": 300,
    "an unknown allow": 150,
    "an unknown policy is overridden": 100,
    "a stricter policy is overridden": 80,
    "a guardrail alone decides": 40,
    "a floor ties with the winner": 150,
    "the HIGH default holds against a true policy": 30,
    "the HIGH default is overridden": 50,
    "an off bundle is overridden": 20,
    "a block owes a notification": 80,
    "several ask for approval": 20,
    "a shadow differs": 80,
    "alternatives of one type": 200,
    "narrower by conditions alone": 25,
    "narrower by an exact verb": 150,
    "narrower by a further type": 120,
    "narrower by pattern": 20,
    "narrower by agent": 20,
}


def _checked(world: World, raw: dict[str, object]) -> Outcome:
    outcome = decide(world.catalog, world.policies, raw)
    explained = evaluate(world.compiled, call(raw), explain=True)
    assert not differences(explained, outcome), (world.catalog, world.policies, raw, explained, outcome)
    assert evaluate(world.compiled, call(raw)) == replace(explained, trace=None)
    return outcome


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_hypothesis_finds_no_disagreement(rng: Random) -> None:
    world = any_world(rng)
    for _ in range(CALLS):
        raw = any_call(rng, world)
        for happened in events(world, raw, _checked(world, raw)):
            event(happened)


def test_no_seed_disagrees() -> None:
    happened: Counter[str] = Counter()
    cases = 0
    for seed in range(FIRST_SEED, FIRST_SEED + max(EXAMPLES, 400)):
        rng = Random(seed)
        world = any_world(rng)
        for _ in range(CALLS):
            raw = any_call(rng, world)
            happened.update(events(world, raw, _checked(world, raw)))
            cases += 1
    rare = {name: happened[name] for name, least in AT_LEAST.items() if happened[name] < least * cases / 2_000}
    assert not rare, f"these hardly happen in {cases} cases: {rare}"
