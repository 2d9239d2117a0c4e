"""What each operator says of each JSON type, as a table."""

import pytest

from gatehold.conditions import Atom

ARGS = {
    "n": 250,
    "f": 99.5,
    "one": 1,
    "one_float": 1.0,
    "zero": 0,
    "t": True,
    "no": False,
    "nothing": None,
    "s": "hello world",
    "digits": "250",
    "empty": "",
    "nfc": "caf\u00e9",
    "nfd": "cafe\u0301",
    "list": [1, "a", True],
    "numbers": [1, 2],
    "words": ["a", "cafe\u0301"],
    "none": [],
    "o": {"k": 1, "a.b": [10, {"c": 5}]},
    "nan": float("nan"),
    "infinity": float("inf"),
}
DOCUMENT = {"args": ARGS, "context": {"ip": "10.0.0.1"}, "agent": {"team": "ops"}}

TABLE = [
    ("args.n", "equals", 250, True),
    ("args.n", "equals", 250.0, True),
    ("args.n", "equals", 251, False),
    ("args.one", "equals", 1.0, True),
    ("args.one_float", "equals", 1, True),
    ("args.digits", "equals", 250, None),
    ("args.n", "equals", "250", None),
    ("args.t", "equals", 1, None),
    ("args.one", "equals", True, None),
    ("args.zero", "equals", False, None),
    ("args.no", "equals", 0, None),
    ("args.t", "equals", True, True),
    ("args.t", "equals", False, False),
    ("args.nothing", "equals", None, True),
    ("args.zero", "equals", None, None),
    ("args.empty", "equals", None, None),
    ("args.nothing", "equals", 0, None),
    ("args.missing", "equals", None, None),
    ("args.list", "equals", 1, None),
    ("args.o", "equals", "x", None),
    ("args.s", "equals", "hello world", True),
    ("args.s", "equals", "Hello world", False),
    ("args.nfc", "equals", "caf\u00e9", True),
    ("args.nfd", "equals", "caf\u00e9", None),
    ("args.nan", "equals", 1, None),
    ("args.infinity", "equals", 1, None),
    ("args.n", "not_equals", 251, True),
    ("args.n", "not_equals", 250, False),
    ("args.digits", "not_equals", 250, None),
    ("args.missing", "not_equals", 250, None),
    ("args.nfd", "not_equals", "caf\u00e9", None),
    ("args.n", "greater", 249.9, True),
    ("args.n", "greater", 250, False),
    ("args.n", "greater_or_equal", 250, True),
    ("args.n", "greater_or_equal", 251, False),
    ("args.n", "less", 251, True),
    ("args.n", "less", 250, False),
    ("args.n", "less_or_equal", 250, True),
    ("args.n", "less_or_equal", 249, False),
    ("args.digits", "greater_or_equal", 100, None),
    ("args.t", "less_or_equal", 1, None),
    ("args.f", "less", 100, True),
    ("args.digits", "greater", 100, None),
    ("args.t", "greater", 0, None),
    ("args.nothing", "less", 1, None),
    ("args.list", "greater", 0, None),
    ("args.nan", "less", 1, None),
    ("args.infinity", "greater", 1, None),
    ("args.missing", "greater", 0, None),
    ("args.n", "in", [1, 250], True),
    ("args.n", "in", [1, 2], False),
    ("args.n", "in", ["250"], None),
    ("args.n", "in", ["a", 250], True),
    ("args.n", "in", ["a", 1], None),
    ("args.t", "in", [1, 0], None),
    ("args.one", "in", [True], None),
    ("args.nothing", "in", [None], True),
    ("args.nfd", "in", ["caf\u00e9"], None),
    ("args.list", "in", [1], None),
    ("args.missing", "in", [1], None),
    ("args.n", "not_in", [1, 2], True),
    ("args.n", "not_in", [250], False),
    ("args.n", "not_in", ["a", 1], None),
    ("args.n", "not_in", ["a", 250], False),
    ("args.missing", "not_in", [1], None),
    ("args.s", "contains", "lo wo", True),
    ("args.s", "contains", "x", False),
    ("args.s", "contains", 1, None),
    ("args.nfd", "contains", "cafe", None),
    ("args.list", "contains", "a", True),
    ("args.list", "contains", True, True),
    ("args.list", "contains", 2, None),
    ("args.numbers", "contains", 2.0, True),
    ("args.numbers", "contains", 3, False),
    ("args.numbers", "contains", True, None),
    ("args.words", "contains", "a", True),
    ("args.words", "contains", "b", None),
    ("args.none", "contains", 1, False),
    ("args.o", "contains", "k", None),
    ("args.n", "contains", "2", None),
    ("args.missing", "contains", "a", None),
    ("args.s", "starts_with", "hello", True),
    ("args.s", "starts_with", "world", False),
    ("args.n", "starts_with", "2", None),
    ("args.nfd", "starts_with", "c", None),
    ("args.s", "ends_with", "world", True),
    ("args.s", "ends_with", "hello", False),
    ("args.words", "ends_with", "a", None),
    ("args.nfd", "ends_with", "f", None),
    ("args.s", "matches", "hello .*", True),
    ("args.s", "matches", "hello", False),
    ("args.s", "matches", "world", False),
    ("args.nfc", "matches", "caf.", True),
    ("args.nfd", "matches", ".*", None),
    ("args.n", "matches", "250", None),
    ("args.missing", "matches", ".*", None),
    ("args.n", "exists", True, True),
    ("args.n", "exists", False, False),
    ("args.nothing", "exists", True, True),
    ("args.missing", "exists", True, False),
    ("args.missing", "exists", False, True),
    ("args.s.length", "exists", True, False),
    ("args.list[0]", "exists", True, True),
    ("args.list[3]", "exists", True, False),
    ("args.o[0]", "exists", True, False),
    ("args.list.a", "exists", True, False),
    ('args.o["a.b"][1].c', "equals", 5, True),
    ('args["o"].k', "equals", 1, True),
    ("args.o.k.deeper", "equals", 1, None),
    ("context.ip", "starts_with", "10.", True),
    ("agent.team", "equals", "ops", True),
    ("size(args.list)", "equals", 3, True),
    ("size(args.none)", "equals", 0, True),
    ("size(args.o)", "less", 3, True),
    ("size(args.nfc)", "equals", 4, True),
    ("size(args)", "greater", 10, True),
    ("size(args.n)", "equals", 3, None),
    ("size(args.nothing)", "equals", 0, None),
    ("size(args.missing)", "less", 3, None),
    ("size(args.list)", "in", [2, 3], True),
]


@pytest.mark.parametrize(("field", "operator", "value", "truth"), TABLE)
def test_truth(field: str, operator: str, value: object, truth: bool | None) -> None:
    atom = Atom.parse(field, operator, value)
    assert atom.truth(DOCUMENT) is truth
    assert Atom.from_wire(*atom.wire()).truth(DOCUMENT) is truth


def test_the_table_covers_each_operator_in_each_truth_it_can_have() -> None:
    seen = {(operator, truth) for _, operator, _, truth in TABLE}
    operators = {operator for operator, _ in seen}
    assert len(operators) == 13
    never = {("exists", None)}
    assert {(operator, truth) for operator in operators for truth in (True, False, None)} - seen == never


@pytest.mark.parametrize("text", ["x" * 16_384, "\u00e9" * 8_192])
def test_a_pattern_looks_at_16_kib(text: str) -> None:
    for pattern, expected in ((".*", True), ("y", False)):
        atom = Atom.parse("args.x", "matches", pattern)
        assert atom.truth({"args": {"x": text}}) is expected
        assert atom.truth({"args": {"x": text + "x"}}) is None
