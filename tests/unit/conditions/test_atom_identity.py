"""Which atoms are one, how they travel, and what they do with documents that no parser makes."""

import copy
import enum
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest

from gatehold.conditions import EVALUATOR_VERSION, Atom, Field, Operator
from gatehold.invalid import InvalidInput


def equals(value: object) -> Atom:
    return Atom.parse("args.x", "equals", value)


def test_equality_is_type_strict() -> None:
    assert equals(1) == equals(1.0)
    assert hash(equals(1)) == hash(equals(1.0))
    different = [equals(value) for value in (1, True, "1", None, 0, False, "", "true")]
    assert len(set(different)) == len(different)
    assert Atom.parse("args.x", "in", [1, 0]) != Atom.parse("args.x", "in", [True, False])
    assert Atom.parse("args.x", "in", [1]) == Atom.parse("args.x", "in", (1.0,))
    assert Atom.parse("args.x", "in", [1]) != equals(1)


def test_equality_takes_in_field_and_operator() -> None:
    assert equals(1) == Atom.parse('args["x"]', "equals", 1)
    assert equals(1) != Atom.parse("args.y", "equals", 1)
    assert equals(1) != Atom.parse("context.x", "equals", 1)
    assert equals(1) != Atom.parse("args.x", "not_equals", 1)
    assert Atom.parse("args[0]", "equals", 1) != Atom.parse('args["0"]', "equals", 1)
    assert Atom.parse("args.x", "less", 1) != Atom.parse("size(args.x)", "less", 1)
    assert equals(1) != 1


def test_is_frozen() -> None:
    with pytest.raises(AttributeError):
        equals(1).value = 2  # type: ignore[misc]


def test_survives_a_copy() -> None:
    atom = Atom.parse("args.x", "matches", "a+")
    twin = copy.deepcopy(atom)
    assert twin == atom
    assert twin.truth({"args": {"x": "aa"}}) is True


@pytest.mark.parametrize(
    ("atom", "wire", "text"),
    [
        (equals(1.0), ("args.x", "equals", "1"), "args.x equals 1"),
        (equals(-0.0), ("args.x", "equals", "0"), "args.x equals 0"),
        (equals(None), ("args.x", "equals", "null"), "args.x equals null"),
        (equals('a"b'), ("args.x", "equals", '"a\\"b"'), 'args.x equals "a\\"b"'),
        (
            Atom.parse('args["a b"][3]', "in", [1, "é"]),
            ('args["a b"][3]', "in", '[1,"é"]'),
            'args["a b"][3] in [1,"é"]',
        ),
        (Atom.parse("args.x", "exists"), ("args.x", "exists", "true"), "args.x exists true"),
        (Atom.parse("size(args)", "less", 2.5), ("size(args)", "less", "2.5"), "size(args) less 2.5"),
    ],
)
def test_travels_as_three_texts(atom: Atom, wire: tuple[str, str, str], text: str) -> None:
    assert atom.wire() == wire
    assert Atom.from_wire(*wire) == atom
    assert str(atom) == text


def test_root_tells_what_can_be_folded() -> None:
    assert [Atom.parse(f"{root}.x", "exists").root for root in ("args", "context", "agent")] == [
        "args",
        "context",
        "agent",
    ]


def test_made_without_parsing() -> None:
    atom = Atom(Field("args", ("x",)), Operator.IN, (1, 2))
    assert atom == Atom.parse("args.x", "in", [1, 2]) == Atom(Field("args", ("x",)), Operator.IN, [1, 2])  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [float("nan"), 2**53, "e\u0301", [1]])
def test_made_without_parsing_is_checked_as_well(value: float | str) -> None:
    with pytest.raises(InvalidInput):
        Atom(Field("args", ("x",)), Operator.EQUALS, value)


def test_evaluator_version() -> None:
    assert EVALUATOR_VERSION == 1


class Mode(enum.StrEnum):
    SAFE = "safe"


class Broken(Mapping[str, object]):
    def __getitem__(self, key: str) -> object:
        raise RuntimeError(key)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError

    def __len__(self) -> int:
        raise RuntimeError


def test_reads_attributes_as_the_pdp_holds_them() -> None:
    document = MappingProxyType({"agent": MappingProxyType({"mode": Mode.SAFE, "tags": ("a", "b")})})
    assert Atom.parse("agent.mode", "equals", "safe").truth(document) is True
    assert Atom.parse("agent.mode", "in", ["safe"]).truth(document) is True
    assert Atom.parse("agent.mode", "matches", "s.*").truth(document) is True
    assert Atom.parse("agent.tags", "contains", "b").truth(document) is True
    assert Atom.parse("agent.tags[1]", "equals", "b").truth(document) is True
    assert Atom.parse("size(agent.tags)", "equals", 2).truth(document) is True


@pytest.mark.parametrize("document", [{}, {"args": None}, {"args": Broken()}, Broken(), None, []])
@pytest.mark.parametrize("operator", sorted(set(Operator) - {"exists"}))
def test_any_failure_is_unknown(document: Mapping[str, object], operator: str) -> None:
    value: object = [1] if operator in {"in", "not_in"} else 1
    if operator in {"contains", "starts_with", "ends_with", "matches"}:
        value = "a"
    assert Atom.parse("args.x", operator, value).truth(document) is None


def test_a_size_that_fails_is_unknown() -> None:
    assert Atom.parse("size(args)", "less", 1).truth({"args": Broken()}) is None


def test_a_lone_surrogate_in_a_document_is_unknown_to_a_pattern() -> None:
    assert Atom.parse("args.x", "matches", ".*").truth({"args": {"x": "\ud800"}}) is None
