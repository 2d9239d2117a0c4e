"""Finds, among many policies that each compare the same field, those that a call does not make false.

A policy whose conditions must all hold is false where one of them is. So one comparison of each policy, its guard, is
put into an index by field: a table for `equals` and `in`, a sorted list for the order operators. One look tells which
guards of the index are true, or that all of them are unknown; every other guard is false, and its policy needs no
evaluation.

Which values are unknown is not decided here. The guards of one index differ only in the value compared with, which has
one JSON type, so they are unknown together; the first of them is asked.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from gatehold.conditions import Atom, Condition, Operator, Test
from gatehold.conditions.kinds import scalar_kind
from pdp.policy.cel import CelExpression

Document = Mapping[str, object]
Reader = Callable[[Document], object]
Guard = tuple[Atom, int]  # with the position of its policy

# Below this many guards on one field, evaluating each costs less than the look.
SMALLEST = 4


class Guards(Protocol):
    """An index over the guards of several policies."""

    @property
    def first(self) -> Atom:
        """Any one of the guards; where it is unknown, all are."""

    @property
    def positions(self) -> Sequence[int]:
        """Every policy in the index."""

    def true(self, document: Document) -> Sequence[int]:
        """The policies whose guard is true. To be asked only where the guards are not unknown."""


def answer(guards: Guards, document: Document) -> tuple[Sequence[int], Sequence[int]]:
    """The policies whose guard is true, and those whose guard is unknown. Whatever goes wrong makes all unknown."""
    try:
        unknown = guards.first.truth(document) is None
        return ((), guards.positions) if unknown else (guards.true(document), ())
    except Exception:  # a guard that could not be asked may well hold
        return (), guards.positions


@dataclass(frozen=True, slots=True)
class Table:
    """Guards that hold for some values of a field: `equals` and `in`."""

    first: Atom
    positions: Sequence[int]
    by_value: Mapping[object, Sequence[int]]
    read: Reader

    @classmethod
    def of(cls, guards: Sequence[Guard]) -> "Table":
        """An index over guards on one field, with values of one JSON type."""
        by_value: defaultdict[object, list[int]] = defaultdict(list)
        for atom, position in guards:
            for value in dict.fromkeys(_values(atom)):
                by_value[value].append(position)
        first = guards[0][0]
        return cls(first, [position for _, position in guards], dict(by_value), first.field.reader())

    def true(self, document: Document) -> Sequence[int]:
        """The policies that compare with the value of the field."""
        return self.by_value.get(self.read(document), ())


@dataclass(frozen=True, slots=True)
class Ladder:
    """Guards that hold on one side of a threshold: those with one of the order operators."""

    first: Atom
    positions: Sequence[int]
    thresholds: Sequence[float]
    read: Reader

    @classmethod
    def of(cls, guards: Sequence[Guard]) -> "Ladder":
        """An index over guards on one field, with one operator."""
        rising = sorted((cast(float, atom.value), position) for atom, position in guards)
        first = guards[0][0]
        return cls(first, [at for _, at in rising], [value for value, _ in rising], first.field.reader())

    def true(self, document: Document) -> Sequence[int]:
        """The policies whose threshold the value of the field passes."""
        bisect, below = _ORDERS[self.first.operator]
        cut = bisect(self.thresholds, self.read(document))
        return self.positions[:cut] if below else self.positions[cut:]


# Where the thresholds split, and whether it is those below the split that the value passes.
_ORDERS: Mapping[Operator, tuple[Callable[..., int], bool]] = {
    Operator.GREATER: (bisect_left, True),
    Operator.GREATER_OR_EQUAL: (bisect_right, True),
    Operator.LESS: (bisect_right, False),
    Operator.LESS_OR_EQUAL: (bisect_left, False),
}
_MEMBERSHIP = frozenset({Operator.EQUALS, Operator.IN})


def guard_of(conditions: Sequence[Condition]) -> Atom | None:
    """The comparison to index a policy by, None where it has none that an index can answer."""
    atoms = [condition.atom for condition in conditions if isinstance(condition, Test)]
    return min((atom for atom in atoms if _indexable(atom)), key=lambda atom: atom.operator in _ORDERS, default=None)


def _indexable(atom: Atom | CelExpression) -> bool:
    if isinstance(atom, CelExpression):
        return False
    return atom.operator in _ORDERS or (atom.operator in _MEMBERSHIP and len(set(map(scalar_kind, _values(atom)))) == 1)


def _values(atom: Atom) -> tuple[object, ...]:
    return atom.value if isinstance(atom.value, tuple) else (atom.value,)


def index_guards(guards: Iterable[Guard]) -> tuple[list[Guards], list[int]]:
    """The indexes over the guards, and the policies whose guards are too few on their field to be worth one."""
    alike: defaultdict[tuple[object, ...], list[Guard]] = defaultdict(list)
    for atom, position in guards:
        how = atom.operator if atom.operator in _ORDERS else scalar_kind(_values(atom)[0])
        alike[atom.field, how].append((atom, position))
    indexes: list[Guards] = []
    single: list[int] = []
    for group in alike.values():
        if len(group) < SMALLEST:
            single += [position for _, position in group]
        else:
            indexes.append((Ladder if group[0][0].operator in _ORDERS else Table).of(group))
    return indexes, single
