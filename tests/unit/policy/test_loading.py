"""What loads as a policy, what does not, and where an error is said to be."""

import json
import sys
from datetime import timedelta

import pytest

from pdp.documents import DocumentError, InvalidDocuments
from pdp.policy.cel import _compiler
from pdp.policy.emit import emit
from pdp.policy.load import MAX_POLICIES, load_policies
from pdp.policy.model import ActionType, Matcher, Mode, Policy

ONE = '{id: p, verb: "a:b", conditions: [%s], action: block}'
ATOM = "{field: args.n, operator: equals, value: 1}"


def load(text: str, source: str = "p.yaml") -> tuple[Policy, ...]:
    return load_policies([(text, source)])


def errors(text: str, source: str = "p.yaml") -> list[DocumentError]:
    with pytest.raises(InvalidDocuments) as refused:
        load(text, source)
    return list(refused.value.errors)


def test_the_full_form() -> None:
    text = """
- id: large-refund-gate
  description: Ask about large refunds.
  verbMatchers: [{type: verb, value: "stripe:create_refund"}, {type: agent, value: bot}]
  conditions: [{field: args.amount, operator: greater, value: 100}]
  action:
    {type: require_approval, reason: Refund exceeds $100 threshold, groups: [finance, ops], count: 2, decideBy: 15m,
     justification: true, separation: true}
  mandatory: true
  mode: shadow
"""
    (policy,) = load(text)
    assert policy.matchers == (Matcher("verb", "stripe:create_refund"), Matcher("agent", "bot"))
    assert [str(atom) for condition in policy.conditions for atom in condition.atoms()] == ["args.amount greater 100"]
    asked = policy.requirement()
    assert asked is not None
    assert (asked.groups, asked.count, asked.decide_by) == (("finance", "ops"), 2, timedelta(minutes=15))
    assert asked.justification_required and asked.separation
    assert (policy.mandatory, policy.enabled, policy.mode) == (True, True, Mode.SHADOW)


def test_snake_case_and_camel_case_are_one() -> None:
    camel = "{id: p, verbMatchers: [{type: any}], action: {type: require_approval, decideBy: 20}}"
    snake = "{id: p, verb_matchers: [{type: any}], action: {type: require_approval, decide_by: 20m}}"
    assert load(camel) == load(snake)


def test_one_line_forms_have_ids_that_depend_on_nothing_but_what_they_say() -> None:
    text = '[{"riskLevel": "HIGH", "action": "block"}, {"provider": "s", "riskLevel": "MEDIUM", "action": "notify"}]'
    first, second = load(text, "p.json")
    assert first.matchers == (Matcher("risk_level", "HIGH"),)
    assert second.matchers == (Matcher("provider", "s"), Matcher("risk_level", "MEDIUM"))
    assert second.action.type is ActionType.NOTIFY
    assert first.id.startswith("block-high-") and first.id != second.id
    assert [policy.id for policy in load("{risk_level: HIGH, action: {type: block}}")] == [first.id]
    (other,) = load("{risk_level: HIGH, action: {type: block, reason: Because.}}")
    assert other.id != first.id


def test_one_file_holds_one_policy_a_list_or_several_documents() -> None:
    assert [policy.id for policy in load('{id: a, verb: "a:b", action: block}')] == ["a"]
    assert [
        policy.id for policy in load('{id: a, verb: "a:b", action: block}\n---\n- {id: b, verb: "a:b", action: "off"}')
    ] == [
        "a",
        "b",
    ]
    assert load("") == ()


def test_emitting_and_loading_again_changes_nothing() -> None:
    text = """
- id: a
  description: Why.
  verbMatchers: [{type: any}]
  action: {type: notify, properties: {channel: "#x", to: [1]}}
  mandatory: true
- id: b
  verb: "s:*"
  action: {type: require_approval, groups: [g], count: 3, decideBy: 60, separation: true}
  enabled: false
- id: c
  riskLevel: LOW
  mode: shadow
  conditions:
    - any:
        - {field: 'args["a b"][0]', operator: in, value: [1, x, null]}
        - {not: {all: [{field: size(args), operator: less, value: 2}]}}
    - {cel: "args.a == 1"}
    - {field: context.x, operator: exists}
  action: off
"""
    policies = load(text)
    again = load(json.dumps([emit(policy) for policy in policies]), "again.json")
    assert again == policies
    assert [emit(policy) for policy in again] == [emit(policy) for policy in policies]


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ('{id: p, verb: "a:b", action: block, nope: 1}', "nope", "known key"),
        ('{id: p, verb: "a:b", action: {type: block, nope: 1}}', "action.nope", "known key"),
        ("{id: p, verbMatchers: [{type: any, nope: 1}], action: block}", "verbMatchers[0].nope", "known key"),
        ("{id: p, verbMatchers: [{type: agent, value: é}], action: block}", "verbMatchers[0].value", "ASCII"),
        ("{id: p, verbMatchers: [{type: agent, value: 'a '}], action: block}", "verbMatchers[0].value", "ASCII"),
        ('{id: p, verb: "a:b"}', "action", "required"),
        ("{id: p, action: block}", "", "at least one matcher"),
        ("{id: p, verbMatchers: [], action: block}", "verbMatchers", "at least 1"),
        ('{id: p, verbMatchers: [{type: any}], verb: "a:b", action: block}', "verb", "beside verbMatchers"),
        ('{id: P, verb: "a:b", action: block}', "id", "must match"),
        ('{id: "", verb: "a:b", action: block}', "id", "must match"),
        ('{id: builtin.x, verb: "a:b", action: block}', "id", "kept for"),
        ('{id: p, verb: "a", action: block}', "verb", "provider:tool"),
        ('{id: p, verb: "A:b", action: block}', "verb", "provider:tool"),
        ('{id: p, verb: "a:b*c:d", action: block}', "verb", "provider:tool"),
        ('{id: p, verb: "a:\\u0435", action: block}', "verb", "provider:tool"),
        ("{id: p, riskLevel: high, action: block}", "riskLevel", "one of LOW, MEDIUM, HIGH"),
        ("{id: p, access: execute, action: block}", "access", "one of read, write"),
        ("{id: p, scope: world, action: block}", "scope", "one of project"),
        ('{id: p, provider: "S", action: block}', "provider", "must match"),
        ('{id: p, agent: "", action: block}', "agent", "empty"),
        ("{id: p, verbMatchers: [{type: any, value: x}], action: block}", "verbMatchers[0].value", "no value"),
        ("{id: p, verbMatchers: [{type: verb}], action: block}", "verbMatchers[0]", "provider:tool"),
        ("{id: p, verbMatchers: [{type: color, value: x}], action: block}", "verbMatchers[0].type", "verb"),
        ('{id: p, verb: "a:b", action: blok}', "action", "allow"),
        ('{id: p, verb: "a:b", action: allow, mandatory: true}', "mandatory", "only restricts"),
        ('{id: p, verb: "a:b", action: block, mandatory: "true"}', "mandatory", "boolean"),
        ('{id: p, verb: "a:b", action: block, enabled: 0}', "enabled", "boolean"),
        ('{id: p, verb: "a:b", action: block, mode: dry}', "mode", "enforce"),
        ('{id: p, verb: "a:b", action: {type: block, groups: [g]}}', "action.groups", "require_approval"),
        ('{id: p, verb: "a:b", action: {type: block, decideBy: 20}}', "action.decideBy", "require_approval"),
        ('{id: p, verb: "a:b", action: {type: allow, properties: {a: 1}}}', "action.properties", "notify"),
        ('{id: p, verb: "a:b", action: {type: require_approval, decideBy: 9}}', "action.decideBy", "10 to 60"),
        ('{id: p, verb: "a:b", action: {type: require_approval, decideBy: 61m}}', "action.decideBy", "10 to 60"),
        ('{id: p, verb: "a:b", action: {type: require_approval, decideBy: true}}', "action.decideBy", "10 to 60"),
        ('{id: p, verb: "a:b", action: {type: require_approval, count: 0}}', "action.count", "greater"),
        ('{id: p, verb: "a:b", action: {type: require_approval, groups: []}}', "action.groups", "at least 1"),
        ('{id: p, verb: "a:b", action: {type: block, reason: "a\\u202eb"}}', "action.reason", "invisible"),
        ('{id: p, verb: "a:b", conditions: [], action: block}', "conditions", "at least 1"),
        ('{id: p, verb: "a:b", conditions: , action: block}', "conditions", "list"),
        (ONE % "{all: []}", "conditions[0].all", "at least 1"),
        (ONE % "{any: []}", "conditions[0].any", "at least 1"),
        (ONE % "{not: }", "conditions[0].not", "needs a condition"),
        (ONE % "{}", "conditions[0]", "one of"),
        (ONE % f"{{all: [{ATOM}], any: [{ATOM}]}}", "conditions[0]", "one of"),
        (ONE % "{cel: 'true', operator: equals}", "conditions[0]", "one of"),
        (ONE % "{operator: equals, value: 1}", "conditions[0]", "one of"),
        (ONE % "{field: args.n, value: 1}", "conditions[0]", "operator"),
        (ONE % "{field: args.n, operator: equals}", "conditions[0]", "missing"),
        (ONE % "{field: args.n, operator: is, value: 1}", "conditions[0].operator", "one of equals"),
        (ONE % "{field: n, operator: equals, value: 1}", "conditions[0].field", "args, context or agent"),
        (ONE % '{field: args.n, operator: greater, value: "1"}', "conditions[0].value", "number"),
        (ONE % "{field: args.n, operator: in, value: []}", "conditions[0].value", "list of 1"),
        (ONE % '{field: args.n, operator: matches, value: "(?=a)"}', "conditions[0].value", "RE2"),
        (ONE % '{field: args.n, operator: matches, value: "(a)\\\\1"}', "conditions[0].value", "RE2"),
        (ONE % '{field: args.n, operator: matches, value: "a{1001}"}', "conditions[0].value", "RE2"),
        (ONE % ", ".join([ATOM] * 33), "conditions", "more than 32"),
        (ONE % ("{not: " * 8 + ATOM + "}" * 8), "conditions", "deeper than 8"),
    ],
)
def test_refusals_name_the_field(text: str, field: str, message: str) -> None:
    (error,) = errors(text)
    assert error.field == field
    assert message in error.message
    assert (error.source, error.line) == ("p.yaml", 1)


def test_the_limits_themselves_load() -> None:
    assert load(ONE % ", ".join([ATOM] * 32))
    assert load(ONE % ("{not: " * 7 + ATOM + "}" * 7))


def test_every_error_is_found_with_its_file_and_line() -> None:
    first = '- id: Bad\n  verb: "a:b"\n  action: block\n- id: q\n  verb: "a:b"\n  action: {type: blok}\n'
    second = "{id: r, verb: [}"
    third = "- 5\n- {id: s, riskLevel: HIGH, action: block, x: 1}\n"
    with pytest.raises(InvalidDocuments) as refused:
        load_policies([(first, "1.yaml"), (second, "2.yaml"), (third, "3.yaml")])
    found = [(error.source, error.line, error.field) for error in refused.value.errors]
    assert found == [
        ("1.yaml", 1, "[0].id"),
        ("1.yaml", 6, "[1].action.type"),
        ("2.yaml", 1, ""),
        ("3.yaml", 1, "[0]"),
        ("3.yaml", 2, "[1].x"),
    ]


def test_an_id_given_twice_is_refused_across_files() -> None:
    with pytest.raises(InvalidDocuments) as refused:
        load_policies(
            [('{id: p, verb: "a:b", action: block}', "1.yaml"), ('{id: p, verb: "a:c", action: allow}', "2.yaml")]
        )
    (error,) = refused.value.errors
    assert (error.source, error.field) == ("2.yaml", "id")
    assert "1.yaml:1" in error.message


def test_the_same_policy_twice_without_an_id_is_refused() -> None:
    (error,) = errors('[{verb: "a:b", action: block}, {verb: "a:b", action: block}]')
    assert (error.field, error.line) == ("[1]", 1)


def test_too_many_policies_are_refused() -> None:
    text = "\n".join(f'- {{id: p{n}, verb: "a:b", action: block}}' for n in range(MAX_POLICIES + 1))
    (error,) = errors(text)
    assert "more than 10000" in error.message


def test_cel_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)
    _compiler.cache_clear()
    try:
        (error,) = errors(ONE % '{cel: "args.a == 1"}')
    finally:
        _compiler.cache_clear()
    assert error.field == "conditions[0].cel"
    assert "pip install 'gatehold[cel]'" in error.message
