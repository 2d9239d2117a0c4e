"""Whether comparisons that must all hold contradict each other: `amount > 100` and `amount < 50`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from gatehold.conditions import Atom, Condition, Operator, Test
from gatehold.conditions.operators import check_of
from pdp.policy.cel import CelExpression

_VALUES = frozenset({Operator.EQUALS, Operator.IN})
_ABOVE = frozenset({Operator.GREATER, Operator.GREATER_OR_EQUAL})
_BELOW = frozenset({Operator.LESS, Operator.LESS_OR_EQUAL})


def can_all_hold(conditions: Iterable[Condition]) -> bool:
    """False only where no call makes all of the conditions true.

    It looks at the plain comparisons among them, field by field: each value that `equals` or `in` names against every
    comparison of the field, or the lowest against the highest threshold. Whatever it does not look at it takes to be
    possible, so it may be wrong only where it says True.
    """
    by_field: defaultdict[object, list[Atom]] = defaultdict(list)
    for condition in conditions:
        if isinstance(condition, Test) and not isinstance(condition.atom, CelExpression):
            by_field[condition.atom.field].append(condition.atom)
    return all(map(_some_value_fits, by_field.values()))


def _some_value_fits(atoms: Sequence[Atom]) -> bool:
    for atom in atoms:
        if atom.operator in _VALUES:
            values = atom.value if isinstance(atom.value, tuple) else (atom.value,)
            return any(all(_holds(other, value) for other in atoms) for value in values)
    above = [atom for atom in atoms if atom.operator in _ABOVE]
    below = [atom for atom in atoms if atom.operator in _BELOW]
    return all(_meet(low, high) for low in above for high in below)


def _holds(atom: Atom, value: object) -> bool:
    return check_of(atom.operator, atom.value)(value) is True


def _meet(low: Atom, high: Atom) -> bool:
    if low.value == high.value:
        return _holds(low, low.value) and _holds(high, low.value)
    return _holds(high, low.value) or _holds(low, high.value)
