"""The indexes find what asking every policy would find."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatehold.vocabulary import AgentMode, RiskLevel
from pdp.catalog.model import CatalogEntry
from pdp.model import Agent, Call
from pdp.policy.form import PolicyForm
from pdp.policy.matching import PolicyIndex, attributes_of, matched
from pdp.policy.model import Policy
from pdp.policy.panel import Panel
from pdp.policy.plan import Plan

ENTRY = CatalogEntry(verb="s:pay", risk_level=RiskLevel.LOW, bundle="money").compiled()

# Values of every JSON type, near each other, and one that is equal to its neighbour under another type.
VALUES: list[Any] = [None, True, False, 0, 1, 1.0, 1.5, 2, -1, "a", "b", "1", "cafe\u0301", [1], {"a": 1}, []]
NUMBERS = [-1, 0, 1, 1.0, 1.5, 2, 2]
SCALARS = [None, True, False, 0, 1, 1.5, "a", "b", "1"]
ORDERS = ["greater", "greater_or_equal", "less", "less_or_equal"]


def _policy(**form: object) -> Policy:
    return PolicyForm.model_validate(form).policy()


def _comparison(rng: Random) -> dict[str, object]:
    field = rng.choice(["args.n", "args.n", "args.m", "size(args.n)"])
    number = rng.choice(NUMBERS)
    if field.startswith("size"):
        return {"field": field, "operator": rng.choice([*ORDERS, "equals"]), "value": number}
    match rng.randrange(4):
        case 0:
            return {"field": field, "operator": rng.choice(ORDERS), "value": number}
        case 1:
            return {"field": field, "operator": "in", "value": rng.choices(SCALARS, k=rng.randint(1, 3))}
        case 2:
            return {"field": field, "operator": "equals", "value": rng.choice(SCALARS)}
    return {"field": field, "operator": "not_equals", "value": rng.choice(SCALARS)}


def _conditions(rng: Random) -> list[dict[str, object]]:
    conditions = [_comparison(rng) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    return [{"any": conditions}] if rng.randrange(10) == 0 else conditions


@settings(max_examples=400, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_panel_says_of_every_policy_what_its_conditions_say(rng: Random) -> None:
    policies = [
        _policy(id=f"p{n}", verb="s:pay", conditions=_conditions(rng), action=rng.choice(["allow", "block"]))
        for n in range(rng.randint(1, 40))
    ]
    plan = Plan.of(ENTRY, None, [(policy, policy.matchers) for policy in policies])
    for _ in range(10):
        args = {name: rng.choice(VALUES) for name in ("n", "m") if rng.randrange(4)}
        facts = plan.facts(Call(Agent("a", AgentMode.AUTONOMOUS), "s:pay", args))
        truths = plan.ordinary.truths(facts)
        one_by_one = [plan.ordinary.truth(at, facts) for at in range(len(policies))]
        assert sorted(truths.true) == [at for at, truth in enumerate(one_by_one) if truth is True]
        assert sorted(truths.unknown) == [at for at, truth in enumerate(one_by_one) if truth is None]


@pytest.mark.parametrize("joint", [[], [{"field": "args.m", "operator": "equals", "value": 1}]])
@pytest.mark.parametrize(
    ("operator", "values"),
    [*((order, NUMBERS) for order in ORDERS), ("equals", NUMBERS), ("equals", ["a", "b", "1", "a"])],
)
def test_an_index_agrees_with_its_comparisons_at_every_value(
    operator: str, values: list[object], joint: list[dict[str, object]]
) -> None:
    forms = [{"field": "args.n", "operator": operator, "value": value} for value in values]
    policies = [
        _policy(id=f"p{n}", verb="s:pay", conditions=[form, *joint], action="block") for n, form in enumerate(forms)
    ]
    plan = Plan.of(ENTRY, None, [(policy, policy.matchers) for policy in policies])
    assert not plan.ordinary.rest
    for found in [*VALUES, *NUMBERS, 0.5, 3, "ab"]:
        for other in (1, 2, None):
            facts = plan.facts(Call(Agent("a", AgentMode.AUTONOMOUS), "s:pay", {"n": found, "m": other}))
            truths = plan.ordinary.truths(facts)
            one_by_one = [plan.ordinary.truth(at, facts) for at in range(len(policies))]
            assert sorted(truths.true) == [at for at, truth in enumerate(one_by_one) if truth is True]
            assert sorted(truths.unknown) == [at for at, truth in enumerate(one_by_one) if truth is None]


def test_many_policies_on_one_field_are_indexed() -> None:
    equals = [{"field": "args.n", "operator": "equals", "value": f"v{n}"} for n in range(50)]
    greater = [{"field": "args.m", "operator": "greater", "value": n} for n in range(50)]
    panel = Panel.of(
        _policy(id=f"p{n}", verb="s:pay", conditions=[atom], action="block")
        for n, atom in enumerate([*equals, *greater])
    )
    assert not panel.rest
    assert len(panel.sole) == 2


MATCHERS = {
    "verb": ["s:pay", "s:*", "*:pay", "*:*", "s:p*", "t:pay", "s:get", "t*:*"],
    "provider": ["s", "t"],
    "bundle": ["money", "other"],
    "risk_level": ["LOW", "HIGH"],
    "access": ["read", "write"],
    "agent": ["a", "b"],
    "scope": ["project", "platform"],
    "any": [""],
}


@settings(max_examples=400, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_policy_index_finds_every_policy_that_matches_and_no_other(rng: Random) -> None:
    policies = []
    for n in range(rng.randint(1, 15)):
        types = rng.choices(list(MATCHERS), k=rng.randint(1, 3))
        matchers = [{"type": kind, "value": rng.choice(MATCHERS[kind])} for kind in types]
        policies.append(_policy(id=f"p{n}", verbMatchers=matchers, action="block"))
    for agent in ("a", "b", "c"):
        attributes = attributes_of(ENTRY, agent)
        expected = {p.id: holding for p in policies if (holding := matched(p, ENTRY, attributes))}
        found = {policy.id: holding for policy, holding in PolicyIndex(policies).speaking_to(ENTRY, agent)}
        assert found == expected


def test_policies_that_can_not_match_are_not_looked_at() -> None:
    others = [_policy(id=f"p{n}", verb=f"s:tool{n}", action="block") for n in range(100)]
    others += [_policy(id=f"q{n}", agent=f"agent{n}", riskLevel="LOW", action="block") for n in range(100)]
    others += [_policy(id=f"r{n}", provider=f"t{n}", access="write", action="block") for n in range(100)]
    index = PolicyIndex([*others, _policy(id="mine", verb="s:pay", action="block")])
    keys = [("verb", ENTRY.verb), *attributes_of(ENTRY, "a").items(), ("any", "")]
    looked_at = [policy.id for key in keys for policy in index._filed.get(key, ())]
    assert looked_at == ["mine"]
