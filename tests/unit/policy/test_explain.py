"""What explaining shows, what reuse depends on, and what is kept between calls."""

import pytest

from gatehold.invalid import InvalidInput
from gatehold.vocabulary import AgentMode, Decision, RiskLevel
from pdp.catalog.catalog import Catalog
from pdp.catalog.model import CatalogEntry
from pdp.configuration import Configuration
from pdp.evaluate import evaluate
from pdp.model import Agent, Call, Candidate, Comparison
from pdp.policy import decide, policy_set
from pdp.policy.built_in import built_ins
from pdp.policy.form import PolicyForm
from pdp.policy.policy_set import PolicySet

AUTO = Agent("auto", AgentMode.AUTONOMOUS)
CATALOG = Catalog.of(
    [CatalogEntry(verb="s:pay", risk_level=RiskLevel.HIGH), CatalogEntry(verb="s:get", risk_level=RiskLevel.LOW)]
)
ENTRY = CATALOG.get("s:pay")


def _policies(*forms: dict[str, object]) -> PolicySet:
    return PolicySet.of(PolicyForm.model_validate(form).policy() for form in forms)


def _atom(field: str, operator: str = "equals", value: object = 1) -> dict[str, object]:
    return {"field": field, "operator": operator, "value": value}


def _trace(policies: PolicySet, agent: Agent, args: dict[str, object]) -> tuple[Candidate, ...]:
    verdict = evaluate(Configuration("t", 1, CATALOG, policies, {}), Call(agent, "s:pay", args), explain=True)
    assert verdict.trace is not None
    return verdict.trace


def test_every_policy_is_shown_in_every_role_it_plays() -> None:
    policies = _policies(
        {"id": "a-wide", "provider": "s", "action": "block"},
        {
            "id": "b-gate",
            "verb": "s:pay",
            "conditions": [_atom("args.n", "greater", 100)],
            "action": "require_approval",
        },
        {"id": "c-false", "verb": "s:pay", "conditions": [_atom("args.n", "less", 5)], "action": "allow"},
        {
            "id": "d-watch",
            "verb": "s:*",
            "conditions": [{"any": [_atom("args.x"), _atom("args.n", "greater", 1)]}],
            "action": "notify",
        },
        {"id": "e-guard", "verb": "s:pay", "conditions": [_atom("args.y")], "mandatory": True, "action": "notify"},
        {"id": "f-shadow", "verb": "s:pay", "mode": "shadow", "action": "off"},
        {"id": "g-other", "verb": "s:get", "action": "block"},
    )
    asker = Agent("asker", AgentMode.PERMISSION)
    over_100 = Comparison("args.n greater 100", True)
    watch = (Comparison("args.x equals 1", None), Comparison("args.n greater 1", True))
    guard = (Comparison("args.y equals 1", None),)
    assert _trace(policies, asker, {"n": 101}) == (
        Candidate("a-wide", "block", True, "candidate", (), "b-gate"),
        Candidate("b-gate", "require_approval", True, "candidate", (over_100,)),
        Candidate("d-watch", "notify", True, "candidate", watch, "b-gate"),
        Candidate("c-false", "allow", False, "candidate", (Comparison("args.n less 5", False),)),
        Candidate("builtin.high-block", "block", True, "candidate", (), "b-gate"),
        Candidate("e-guard", "notify", None, "floor", guard),
        Candidate("builtin.mode-permission", "require_approval", True, "floor"),
        Candidate("f-shadow", "off", True, "shadow"),
        Candidate("d-watch", "notify", True, "notification", watch),
        Candidate("e-guard", "notify", None, "notification", guard),
    )


def test_without_explain_there_is_no_trace_and_without_policies_an_empty_one() -> None:
    configuration = Configuration("t", 1, CATALOG, PolicySet.of(), {})
    assert evaluate(configuration, Call(AUTO, "s:get", {})).trace is None
    assert evaluate(configuration, Call(AUTO, "s:none", {}), explain=True).trace == ()


def test_reuse_depends_on_every_comparison_once_but_those_on_the_agent() -> None:
    policies = _policies(
        {
            "id": "b",
            "verb": "s:pay",
            "conditions": [_atom("args.a"), _atom("agent.team", value="x")],
            "action": "allow",
        },
        {
            "id": "a",
            "verb": "s:pay",
            "conditions": [_atom("args.c"), _atom("args.a")],
            "mode": "shadow",
            "action": "block",
        },
        {"id": "c", "provider": "s", "conditions": [{"not": _atom("context.d", "exists", True)}], "action": "notify"},
        {"id": "d", "riskLevel": "HIGH", "conditions": [_atom("args.e")], "mandatory": True, "action": "block"},
        {"id": "e", "verb": "s:get", "conditions": [_atom("args.f")], "action": "block"},
        {"id": "f", "verb": "s:pay", "conditions": [_atom("args.g")], "enabled": False, "action": "block"},
        {"id": "g", "agent": "other", "conditions": [_atom("args.h")], "action": "block"},
    )
    assert ENTRY is not None
    atoms = policies.atoms_for(ENTRY, None, "auto")
    assert [str(atom) for atom in atoms or ()] == [
        "args.c equals 1",
        "args.a equals 1",
        "context.d exists true",
        "args.e equals 1",
    ]
    assert [str(atom) for atom in policies.atoms_for(ENTRY, None, "other") or ()][-1] == "args.h equals 1"


def test_reuse_is_not_by_comparisons_where_there_are_too_many_or_cel() -> None:
    assert ENTRY is not None
    forms = [
        {"id": f"p{n}", "verb": "s:pay", "conditions": [_atom("args.n", value=n)], "action": "block"} for n in range(65)
    ]
    assert len(_policies(*forms[:64]).atoms_for(ENTRY, None, "a") or ()) == 64
    assert _policies(*forms).atoms_for(ENTRY, None, "a") is None
    cel = {"id": "p", "verb": "s:pay", "conditions": [{"cel": "args.n == 1"}], "mode": "shadow", "action": "block"}
    assert _policies(cel).atoms_for(ENTRY, None, "a") is None
    assert _policies().atoms_for(ENTRY, None, "a") == ()


def test_made_up_agents_and_ever_new_arguments_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_set, "_MAX_PLANS", 4)
    monkeypatch.setattr(decide, "_MAX_VERDICTS", 3)
    named = [{"id": f"a{n}", "agent": f"agent{n}", "action": "block"} for n in range(20)]
    levels = [
        {"id": f"p{n}", "verb": "s:get", "conditions": [_atom("args.n", "greater", n)], "action": "notify"}
        for n in range(20)
    ]
    policies = _policies(*named, *levels)
    configuration = Configuration("t", 1, CATALOG, policies, {})
    for n in range(50):
        agent = Agent(f"stranger{n}", AgentMode.AUTONOMOUS)
        assert evaluate(configuration, Call(agent, "s:get", {"n": n})).decision is Decision.ALLOW
    assert len(policies._plans) == 1
    assert all(len(plan.verdicts) <= 3 for plan in policies._plans.values())
    for n in range(20):
        agent = Agent(f"agent{n}", AgentMode.AUTONOMOUS)
        assert evaluate(configuration, Call(agent, "s:get", {"n": 0})).decision is Decision.BLOCK
    assert len(policies._plans) <= 4


def test_a_changed_catalog_is_not_answered_from_an_old_plan() -> None:
    policies = _policies()
    before = Configuration("t", 1, CATALOG, policies, {})
    riskier = CATALOG.overlay([CatalogEntry(verb="s:get", risk_level=RiskLevel.HIGH)])
    call = Call(AUTO, "s:get", {})
    assert evaluate(before, call).decision is Decision.ALLOW
    assert evaluate(Configuration("t", 2, riskier, policies, {}), call).decision is Decision.BLOCK
    assert evaluate(before, call).decision is Decision.ALLOW


def test_a_changed_bundle_default_is_not_answered_from_an_old_plan() -> None:
    policies = _policies()
    call = Call(AUTO, "s:get", {})
    for permission, decision in (("auto", Decision.ALLOW), ("off", Decision.BLOCK), (None, Decision.ALLOW)):
        entry = CATALOG.get("s:get")
        assert entry is not None
        assert decide.decide(policies, entry, permission, call).decision is decision


def test_two_policies_with_one_id_do_not_compile() -> None:
    with pytest.raises(InvalidInput):
        _policies({"id": "p", "verb": "s:pay", "action": "block"}, {"id": "p", "verb": "s:get", "action": "block"})


def test_built_in_policies_are_listed() -> None:
    assert [built_in.id for built_in in built_ins([("exports", "off")])] == [
        "builtin.low-allow",
        "builtin.medium-approval",
        "builtin.high-block",
        "builtin.hardened",
        "builtin.bundle-exports",
        "builtin.mode-chat-only",
        "builtin.mode-permission",
    ]
