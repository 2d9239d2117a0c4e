"""What a policy can not say, and which part of the condition the error names."""

import subprocess
import sys

import pytest

from gatehold.conditions import ABSENT, All, Any, Atom, Field, Operator
from gatehold.invalid import InvalidInput

FIELDS = [
    "",
    "args",
    "context",
    "amount",
    "env.x",
    "Args.x",
    "args.",
    "args..x",
    ".args.x",
    "args.x.",
    "args x",
    "args.x ",
    "args.x\n",
    " args.x",
    "args.1x",
    "args.é",
    "args.a b",
    "args[]",
    "args[-1]",
    "args[01]",
    "args[1000]",
    "args[+1]",
    "args[1.0]",
    "args[x]",
    "args['x']",
    'args["x]',
    'args["x"',
    'args["\\x"]',
    'args["\\ud800"]',
    'args["e\u0301"]',
    "args[*]",
    "args.items[*].x",
    "args.x[0",
    "size()",
    "size(args.x",
    "size(size(args.x))",
    "size(args.x).y",
    "size (args.x)",
    "size(amount)",
    "len(args.x)",
    "args" + ".a" * 17,
    "argsx.y",
    "args-x.y",
]


@pytest.mark.parametrize("field", FIELDS)
def test_field(field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Atom.parse(field, "exists" if "size" not in field else "less", ABSENT if "size" not in field else 1)
    assert caught.value.field == "field"


@pytest.mark.parametrize(
    "text",
    [
        *("args.x", "args.a_b-c", "args[0]", "args[999]", 'args["a.b"]', 'args["\\""]', 'args["é"].x[2]', "agent.team"),
        *("size(args)", "size(context.a[0])", "args" + ".a" * 16, 'args[""]', 'args["[*]"]', "args.size", "args.args"),
    ],
)
def test_field_text_is_canonical(text: str) -> None:
    assert str(Field.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [('args["x"]', "args.x"), ('args["\\u00e9"]', 'args["é"]'), ('size(args["a"]["0"])', 'size(args.a["0"])')],
)
def test_field_text_is_made_canonical(text: str, canonical: str) -> None:
    assert str(Field.parse(text)) == canonical
    assert Field.parse(text) == Field.parse(canonical)


@pytest.mark.parametrize("operator", ["", "eq", "EQUALS", "Equals", " equals", "==", "gt", "cel", "not"])
def test_operator(operator: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Atom.parse("args.x", operator, 1)
    assert caught.value.field == "operator"


@pytest.mark.parametrize("operator", ["contains", "starts_with", "ends_with", "matches", "exists"])
def test_operator_on_a_size(operator: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Atom.parse("size(args.x)", operator, True if operator == "exists" else "a")
    assert caught.value.field == "operator"


@pytest.mark.parametrize("operator", sorted(set(Operator) - {"exists"}))
def test_value_must_be_given(operator: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Atom.parse("args.x", operator)
    assert caught.value.field == "value"


NOT_SCALARS: list[object] = [
    [],
    {},
    [1],
    {"a": 1},
    float("nan"),
    float("inf"),
    2**53,
    -1e16,
    "e\u0301",
    "\ud800",
    b"a",
    object(),
]
NOT_NUMBERS: list[object] = ["1", True, None, *NOT_SCALARS]
NOT_STRINGS: list[object] = [1, True, None, *NOT_SCALARS]
NOT_LISTS: list[object] = [
    1,
    "a",
    None,
    True,
    {},
    [],
    (),
    [[1]],
    [{}],
    [1, float("nan")],
    ["e\u0301"],
    [2**53],
    [1] * 1001,
]
REFUSED = [
    *[("equals", value) for value in NOT_SCALARS],
    *[("not_equals", value) for value in NOT_SCALARS],
    *[("contains", value) for value in NOT_SCALARS],
    *[
        (operator, value)
        for operator in ("greater", "greater_or_equal", "less", "less_or_equal")
        for value in NOT_NUMBERS
    ],
    *[(operator, value) for operator in ("starts_with", "ends_with", "matches") for value in NOT_STRINGS],
    *[(operator, value) for operator in ("in", "not_in") for value in NOT_LISTS],
    *[("exists", value) for value in (1, 0, "true", None, [True], *NOT_SCALARS)],
]


@pytest.mark.parametrize(("operator", "value"), REFUSED)
def test_value(operator: str, value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        Atom.parse("args.x", operator, value)
    assert caught.value.field == "value"


@pytest.mark.parametrize("value", ["3", True, None])
def test_value_for_a_size(value: object) -> None:
    for operator, given in (("equals", value), ("in", [1, value])):
        with pytest.raises(InvalidInput) as caught:
            Atom.parse("size(args.x)", operator, given)
        assert caught.value.field == "value"


@pytest.mark.parametrize(
    "pattern",
    [
        *("a(?=b)", "a(?!b)", "(?<=a)b", "(?<!a)b", r"(a)\1", "(?P<n>a)(?P=n)"),
        *("a{1001}", "(a{100}){100}", r"\pL{1,1000}", "(", "[", "*", "a**", "(?>a)", "a++", "\\"),
    ],
)
def test_pattern(pattern: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Atom.parse("args.x", "matches", pattern)
    assert caught.value.field == "value"
    assert "RE2" in caught.value.message


def test_a_pattern_takes_bounded_memory() -> None:
    assert Atom.parse("args.x", "matches", "[a-z0-9.-]{1,253}").truth({"args": {"x": "a.b"}}) is True
    with pytest.raises(InvalidInput, match="too large"):
        # Within 1 MiB, let alone RE2's own default of 8 MiB.
        Atom.parse("args.x", "matches", r"\pL{1,30}")


@pytest.mark.parametrize("kind", [All, Any])
def test_nothing_is_no_condition(kind: type[All] | type[Any]) -> None:
    with pytest.raises(InvalidInput):
        kind(())


def test_only_patterns_need_re2() -> None:
    program = """
import sys
sys.modules["re2"] = None
import gatehold, gatehold.digest, gatehold.redaction
from gatehold.conditions import Atom
from gatehold.invalid import InvalidInput
assert Atom.parse("args.x", "equals", 1).truth({"args": {"x": 1}}) is True
try:
    Atom.parse("args.x", "matches", "a")
except InvalidInput as error:
    assert "google-re2" in error.message
else:
    raise SystemExit("a pattern compiled without RE2")
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
