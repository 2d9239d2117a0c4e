"""Three-valued logic: the tables, the laws, and that what is known stays known."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatehold.conditions import All, Any, Atom, Condition, Not, Test
from gatehold.conditions.kleene import all_of, any_of, not_

ATOMS = [Atom.parse(f"args.a{number}", "exists") for number in range(5)]
TRUTHS = (True, False, None)

truths = st.sampled_from(TRUTHS)
assignments = st.fixed_dictionaries(dict.fromkeys(ATOMS, truths))
tests = st.sampled_from(ATOMS).map(Test)
conditions: st.SearchStrategy[Condition] = st.recursive(
    tests,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4).map(tuple).map(All)
        | st.lists(inner, min_size=1, max_size=4).map(tuple).map(Any)
        | inner.map(Not)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(("a", "b"), list(product(TRUTHS, TRUTHS)))
def test_tables(a: bool | None, b: bool | None) -> None:
    rank = {False: 0, None: 1, True: 2}
    assert all_of([a, b]) is min(a, b, key=rank.__getitem__)
    assert any_of([a, b]) is max(a, b, key=rank.__getitem__)
    assert rank[not_(a)] == 2 - rank[a]


def test_of_nothing() -> None:
    assert all_of(()) is True
    assert any_of(()) is False


@given(conditions, assignments)
def test_double_negation(condition: Condition, of: dict[Atom, bool | None]) -> None:
    assert Not(Not(condition)).truth(of.__getitem__) is condition.truth(of.__getitem__)


@given(st.lists(conditions, min_size=1, max_size=4), assignments)
def test_de_morgan(parts: list[Condition], of: dict[Atom, bool | None]) -> None:
    negated = tuple(Not(part) for part in parts)
    assert Not(All(tuple(parts))).truth(of.__getitem__) is Any(negated).truth(of.__getitem__)
    assert Not(Any(tuple(parts))).truth(of.__getitem__) is All(negated).truth(of.__getitem__)


@given(st.permutations(ATOMS), st.permutations(ATOMS), assignments)
def test_order_does_not_matter(one: list[Atom], other: list[Atom], of: dict[Atom, bool | None]) -> None:
    for kind in (All, Any):
        left, right = (kind(tuple(map(Test, atoms))) for atoms in (one, other))
        assert left.truth(of.__getitem__) is right.truth(of.__getitem__)


@given(conditions, assignments)
@settings(max_examples=300)
def test_what_is_known_no_completion_changes(condition: Condition, of: dict[Atom, bool | None]) -> None:
    known = condition.truth(of.__getitem__)
    if known is None:
        return
    unknown = [atom for atom, truth in of.items() if truth is None]
    for completion in product((True, False), repeat=len(unknown)):
        completed = {**of, **dict(zip(unknown, completion, strict=True))}
        assert condition.truth(completed.__getitem__) is known


@given(conditions, st.fixed_dictionaries(dict.fromkeys(ATOMS, st.booleans())))
def test_nothing_unknown_in_nothing_unknown_out(condition: Condition, of: dict[Atom, bool | None]) -> None:
    assert condition.truth(of.__getitem__) is not None


def test_atoms_in_order() -> None:
    one, two, three = map(Test, ATOMS[:3])
    assert list(All((one, Any((two, Not(three))), one)).atoms()) == [ATOMS[0], ATOMS[1], ATOMS[2], ATOMS[0]]


def test_conditions_are_hashable_values() -> None:
    assert {All((Test(ATOMS[0]),)), All((Test(ATOMS[0]),))} == {All((Test(ATOMS[0]),))}
    assert len({All((Test(ATOMS[0]),)), Any((Test(ATOMS[0]),)), Not(Test(ATOMS[0])), Test(ATOMS[0])}) == 4
