"""Verbs that nothing gets past are hidden; every other is listed."""

import pytest

from gatehold.vocabulary import AgentMode, RiskLevel
from pdp.catalog.catalog import Catalog
from pdp.catalog.model import Bundle, CatalogEntry
from pdp.configuration import Configuration
from pdp.model import Agent
from pdp.permitted import permitted
from pdp.policy.form import PolicyForm
from pdp.policy.policy_set import PolicySet

CATALOG = Catalog.of(
    [
        CatalogEntry(verb="s:low", risk_level=RiskLevel.LOW),
        CatalogEntry(verb="s:high", risk_level=RiskLevel.HIGH, bundle="plain"),
        CatalogEntry(verb="s:off", risk_level=RiskLevel.LOW, bundle="exports"),
        CatalogEntry(verb="s:hard", risk_level=RiskLevel.HIGH, hardened=True),
    ],
    [Bundle(name="exports", default_permission="off"), Bundle(name="plain")],
)
AUTO = Agent("auto", AgentMode.AUTONOMOUS, {"team": "x"})

BIG = {"field": "args.n", "operator": "greater", "value": 100}
SMALL = {"field": "args.n", "operator": "less", "value": 50}
TEAM_X = {"field": "agent.team", "operator": "equals", "value": "x"}
TEAM_Y = {"field": "agent.team", "operator": "equals", "value": "y"}
RANK = {"field": "agent.rank", "operator": "greater", "value": 1}


def listed(verb: str, *policies: dict[str, object], agent: Agent = AUTO) -> bool:
    named = ({"id": f"p{n}", **policy} for n, policy in enumerate(policies))
    compiled = PolicySet.of(PolicyForm.model_validate(policy).policy() for policy in named)
    return permitted(Configuration("t", 1, CATALOG, compiled, {}), agent, verb).listed


@pytest.mark.parametrize(
    ("verb", "policies"),
    [
        ("s:low", []),
        ("s:hard", []),
        ("s:low", [{"verb": "s:low", "action": "require_approval"}]),
        ("s:low", [{"verb": "s:low", "conditions": [BIG], "action": "block"}]),
        ("s:low", [{"verb": "s:low", "conditions": [BIG], "action": "off", "mandatory": True}]),
        ("s:low", [{"verb": "s:low", "conditions": [TEAM_Y], "action": "block", "mandatory": True}]),
        ("s:low", [{"verb": "s:low", "action": "block", "mode": "shadow"}]),
        ("s:low", [{"verb": "s:low", "action": "off", "enabled": False}]),
        ("s:high", [{"verb": "s:high", "conditions": [BIG], "action": "require_approval"}]),
        ("s:high", [{"bundle": "plain", "conditions": [BIG], "action": "notify"}]),
        (
            "s:high",
            [{"riskLevel": "HIGH", "action": "block"}, {"verb": "s:high", "conditions": [BIG], "action": "allow"}],
        ),
        ("s:high", [{"verb": "s:high", "conditions": [TEAM_X], "action": "allow"}]),
        ("s:high", [{"verb": "s:high", "conditions": [{"not": TEAM_Y}], "action": "allow"}]),
        ("s:high", [{"verb": "s:high", "conditions": [{"any": [TEAM_Y, BIG]}], "action": "allow"}]),
        ("s:high", [{"verb": "s:high", "conditions": [{"cel": "args.n == 1"}], "action": "allow"}]),
        ("s:high", [{"verb": "s:high", "action": "block"}, {"verb": "s:high", "conditions": [BIG], "action": "allow"}]),
        ("s:off", [{"provider": "s", "conditions": [BIG], "action": "allow"}]),
    ],
)
def test_what_some_arguments_get_past_is_listed(verb: str, policies: list[dict[str, object]]) -> None:
    assert listed(verb, *policies)


@pytest.mark.parametrize(
    ("verb", "policies"),
    [
        ("s:none", [{"verbMatchers": [{"type": "any"}], "action": "allow"}]),
        ("s:high", []),
        ("s:off", []),
        ("s:low", [{"verb": "s:low", "action": "block"}]),
        ("s:low", [{"verb": "s:low", "action": "off"}]),
        ("s:low", [{"verb": "s:low", "action": "off"}, {"provider": "s", "action": "allow"}]),
        ("s:low", [{"provider": "s", "action": "off", "mandatory": True}, {"verb": "s:low", "action": "allow"}]),
        ("s:low", [{"verb": "s:low", "conditions": [TEAM_X], "action": "block", "mandatory": True}]),
        ("s:low", [{"verb": "s:low", "conditions": [RANK], "action": "block", "mandatory": True}]),
        ("s:high", [{"verb": "s:high", "conditions": [BIG], "action": "block"}]),
        ("s:high", [{"verb": "s:high", "conditions": [TEAM_Y], "action": "allow"}]),
        ("s:high", [{"verb": "s:high", "conditions": [RANK], "action": "allow"}]),
        ("s:high", [{"provider": "s", "action": "allow"}]),
        ("s:high", [{"verb": "s:high", "conditions": [BIG], "action": "allow", "mode": "shadow"}]),
        ("s:high", [{"verb": "s:high", "conditions": [BIG, SMALL], "action": "allow"}]),
        ("s:high", [{"verb": "s:high", "action": "notify", "mandatory": True}]),
        ("s:high", [{"verb": "s:high", "conditions": [{"any": [TEAM_Y, {"all": [TEAM_Y, BIG]}]}], "action": "allow"}]),
    ],
)
def test_what_nothing_gets_past_is_hidden(verb: str, policies: list[dict[str, object]]) -> None:
    assert not listed(verb, *policies)


def _number(operator: str, value: object) -> dict[str, object]:
    return {"field": "args.n", "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("conditions", "possible"),
    [
        ([_number("greater", 1), _number("less", 2)], True),
        ([_number("greater", 1), _number("less", 1)], False),
        ([_number("greater_or_equal", 1), _number("less_or_equal", 1)], True),
        ([_number("greater_or_equal", 1), _number("less", 1)], False),
        ([_number("greater", 1), _number("less_or_equal", 1)], False),
        ([_number("greater", 2), _number("less", 1)], False),
        ([_number("greater", 1), _number("greater", 5), _number("less", 3)], False),
        ([_number("equals", 1), _number("equals", 1)], True),
        ([_number("equals", 1), _number("equals", 2)], False),
        ([_number("equals", 1), _number("not_equals", 1)], False),
        ([_number("in", [1, 2]), _number("greater", 1)], True),
        ([_number("in", [1, 2]), _number("greater", 2)], False),
        ([_number("equals", 1), _number("equals", "1")], False),
        ([_number("equals", "ab"), _number("starts_with", "b")], False),
        ([_number("greater", 5), {"field": "args.m", "operator": "less", "value": 1}], True),
    ],
)
def test_conditions_that_contradict_each_other_open_nothing(
    conditions: list[dict[str, object]], possible: bool
) -> None:
    assert listed("s:high", {"verb": "s:high", "conditions": conditions, "action": "allow"}) is possible


def test_chat_only_lists_the_same_verbs_and_none_to_execute() -> None:
    configuration = Configuration("t", 1, CATALOG, PolicySet.of(), {})
    for verb in ("s:low", "s:high", "s:hard"):
        for mode in AgentMode:
            found = permitted(configuration, Agent("a", mode), verb)
            assert found.listed is (verb != "s:high")
            assert found.executable is (found.listed and mode is not AgentMode.CHAT_ONLY)
