"""`cel:` conditions: checked when loaded, unknown on every error, bounded in what they cost."""

import pytest

from gatehold.invalid import InvalidInput
from pdp.policy.cel import MAX_LENGTH, MAX_WEIGHT, MAX_WEIGHT_REPEATED, CelExpression


def truth(text: str, args: dict[str, object], context: dict[str, object] | None = None) -> bool | None:
    return CelExpression.compile(text).truth({"args": args, "context": context or {}, "agent": {"team": "x"}})


@pytest.mark.parametrize(
    ("text", "args", "expected"),
    [
        ("args.a + args.b > 10", {"a": 6, "b": 5}, True),
        ("args.a + args.b > 10", {"a": 5, "b": 5}, False),
        ("args.a > 1", {"a": 1.5}, True),
        ("args.items.all(i, i.price < 10)", {"items": [{"price": 1}, {"price": 2}]}, True),
        ("args.items.exists(i, i.price < 10)", {"items": [{"price": 11}]}, False),
        ("has(args.a)", {}, False),
        ("agent.team == 'x'", {}, True),
        ("args.a == null", {"a": None}, True),
    ],
)
def test_what_can_be_evaluated(text: str, args: dict[str, object], expected: bool) -> None:
    assert truth(text, args) is expected


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("args.a > 1", {}),
        ("args.a > 1", {"a": "2"}),
        ("args.a > 1", {"a": True}),
        ("args.a > 1", {"a": [2]}),
        ("args.a / 0 > 1", {"a": 1}),
        ("args.items.all(i, i.price < 10)", {"items": [{"price": 1}, {}]}),
        ("args.s.matches('(')", {"s": "x"}),
        ("args.a == 'caf\u00e9'", {"a": "cafe\u0301"}),
        ("args.a == 1", {"a": 1, "other": ["cafe\u0301"]}),
        ("args.a == 1", {"a": object()}),
    ],
)
def test_every_error_is_unknown(text: str, args: dict[str, object]) -> None:
    assert truth(text, args) is None


@pytest.mark.parametrize("root", ["args", "context", "agent"])
@pytest.mark.parametrize("number", [0, 0.0, -0.0])
def test_numbers_with_one_digest_are_one_number(root: str, number: float) -> None:
    document = {"args": {}, "context": {}, "agent": {}, root: {"list": [{"n": number}]}}
    assert CelExpression.compile(f"type({root}.list[0].n) == int").truth(document) is True
    assert CelExpression.compile(f"1.0 / double({root}.list[0].n) > 0.0").truth(document) is True


def test_a_document_without_its_roots_is_unknown() -> None:
    assert CelExpression.compile("args.a == 1").truth({"args": {"a": 1}}) is None


def test_too_many_iterations_are_unknown() -> None:
    items = list(range(1_000))
    assert truth("args.a.all(i, i >= 0)", {"a": items}) is True
    assert truth("args.a.all(i, args.a.all(j, i + j >= 0))", {"a": items}) is None


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("args.s != ''", MAX_WEIGHT),
        ("args.s != '' && [1].all(i, i == 1)", MAX_WEIGHT_REPEATED),
        ("args.s != '' && [1].exists(i, i == 1)", MAX_WEIGHT_REPEATED),
        ("args.s != '' && [1].exists_one(i, i == 1)", MAX_WEIGHT_REPEATED),
        ("args.s != '' && [1].map(i, i) == [1]", MAX_WEIGHT_REPEATED),
        ("args.s != '' && [1].filter(i, i == 1) == [1]", MAX_WEIGHT_REPEATED),
        ("args.s != '' && 'a'.matches('a')", MAX_WEIGHT_REPEATED),
    ],
)
def test_more_than_it_may_look_at_is_unknown(text: str, limit: int) -> None:
    most = limit - 3  # the three roots
    most -= sum(1 + len(name) for name in ("s", "list", "team")) + len("x") + 1  # keys, and the agent's team
    most -= 1 + 1 + 1  # the text, the list and its item
    assert truth(text, {"s": "x" * most, "list": [1]}) is True
    assert truth(text, {"s": "x" * most, "list": [1, 1]}) is None
    assert truth(text, {"s": "x" * most, "list": ["y"]}) is None
    assert truth(text, {"s": "x" * most, "list": [[1]]}) is None
    assert truth(text, {"s": "x" * most, "list": [{}], "": 1}) is None
    assert truth(text, {"s": "x" * (most + 1), "list": [1]}) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1 to"),
        ("args.a == 1 || " * 200 + "true", "1 to"),
        ("args.a ==", "not valid CEL"),
        ("1 + 'a' == 2", "not valid CEL"),
        ("amount > 1", "undeclared reference"),
        ("now() > args.a", "undeclared reference"),
        ("args.a", "must be a boolean"),
        ("'true'", "must be a boolean"),
        ("1", "must be a boolean"),
    ],
)
def test_what_does_not_load(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        CelExpression.compile(text)
    assert refused.value.field == "cel"
    assert message in refused.value.message
    assert "\n" not in refused.value.message


def test_expressions_are_equal_by_their_text() -> None:
    one, same, other = (CelExpression.compile(text) for text in ("args.a == 1", "args.a == 1", "args.a == 2"))
    assert one == same and hash(one) == hash(same)
    assert one != other
    assert str(one) == "cel: args.a == 1"


def test_the_longest_expression_loads() -> None:
    text = "true" + " " * (MAX_LENGTH - 4)
    assert CelExpression.compile(text).truth({"args": {}, "context": {}, "agent": {}}) is True
