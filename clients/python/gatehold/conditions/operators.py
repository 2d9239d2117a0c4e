"""What each operator says of a value found in a call. A value of the wrong type is never false, it is unknown."""

import operator
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeAlias, cast

from gatehold.conditions.field import MISSING
from gatehold.conditions.kinds import NUMBER, is_comparable, scalar_kind
from gatehold.conditions.kleene import any_of, not_
from gatehold.conditions.pattern import full_match
from gatehold.digest import MAX_ITEMS, MAX_NUMBER
from gatehold.invalid import InvalidInput

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = Scalar | tuple[Scalar, ...]
Check: TypeAlias = Callable[[object], bool | None]


class Operator(StrEnum):
    """How a field is compared."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    GREATER = "greater"
    GREATER_OR_EQUAL = "greater_or_equal"
    LESS = "less"
    LESS_OR_EQUAL = "less_or_equal"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    MATCHES = "matches"
    EXISTS = "exists"


LIST_OPERATORS = frozenset({Operator.IN, Operator.NOT_IN})
SIZE_OPERATORS = LIST_OPERATORS | {
    Operator.EQUALS,
    Operator.NOT_EQUALS,
    Operator.GREATER,
    Operator.GREATER_OR_EQUAL,
    Operator.LESS,
    Operator.LESS_OR_EQUAL,
}


def check_of(name: Operator, value: object) -> Check:
    """Compiles an operator and a policy's value into a function of the value found in a call (`MISSING` for none).

    Args:
        name: the operator.
        value: what `policy_value` returned for it.

    Raises:
        InvalidInput: on the field `value`, when the operator can not take it.
    """
    return _COMPILERS[name](value)


def policy_value(name: Operator, value: object) -> Value:
    """A policy's value as atoms hold it: a scalar, or for `in` and `not_in` a tuple of them.

    Raises:
        InvalidInput: on the field `value`, for anything else, and for strings that are not NFC-normalised, which no
            call could ever equal.
    """
    if name not in LIST_OPERATORS:
        return _scalar(value)
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MAX_ITEMS:
        raise InvalidInput("value", f"must be a list of 1 to {MAX_ITEMS} values")
    return tuple(map(_scalar, value))


def _scalar(value: object) -> Scalar:
    if scalar_kind(value) is None or not isinstance(value, str | int | float | None):
        raise InvalidInput("value", "must be an NFC-normalised string, a number, a boolean or null")
    if isinstance(value, int | float) and not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise InvalidInput("value", "is a number beyond ±(2^53-1)")
    if isinstance(value, str) and not _is_utf8(value):
        raise InvalidInput("value", "has a lone surrogate")
    return value


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _equals(value: object) -> Check:
    kind = scalar_kind(value)
    return lambda found: found == value if scalar_kind(found) == kind else None


def _in(values: object) -> Check:
    members: dict[str | None, set[object]] = {}
    for value in cast("tuple[Scalar, ...]", values):
        members.setdefault(scalar_kind(value), set()).add(value)
    # With a second type in the list, "not equal to any" is unknown, as it is for that one item.
    absent = False if len(members) == 1 else None

    def check(found: object) -> bool | None:
        same_kind = members.get(scalar_kind(found))
        if same_kind is None:
            return None
        return True if found in same_kind else absent

    return check


def _contains(value: object) -> Check:
    equals = _equals(value)
    substring = _on_text(lambda found: value in found) if isinstance(value, str) else lambda found: None

    def check(found: object) -> bool | None:
        return any_of(map(equals, found)) if isinstance(found, list | tuple) else substring(found)

    return check


def _on_text(check: Callable[[str], bool | None]) -> Check:
    return lambda found: check(found) if isinstance(found, str) and is_comparable(found) else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidInput("value", "must be a string")
    return value


def _starts_with(value: object) -> Check:
    prefix = _text(value)
    return _on_text(lambda found: found.startswith(prefix))


def _ends_with(value: object) -> Check:
    suffix = _text(value)
    return _on_text(lambda found: found.endswith(suffix))


def _matches(value: object) -> Check:
    return _on_text(full_match(_text(value)))


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[object], Check]:
    def compiled(value: object) -> Check:
        if scalar_kind(value) != NUMBER:
            raise InvalidInput("value", "must be a number")
        return lambda found: compare(found, value) if scalar_kind(found) == NUMBER else None

    return compiled


def _exists(value: object) -> Check:
    if not isinstance(value, bool):
        raise InvalidInput("value", "must be true or false")
    return lambda found: (found is not MISSING) == value


def _negated(compiler: Callable[[object], Check]) -> Callable[[object], Check]:
    def compiled(value: object) -> Check:
        check = compiler(value)
        return lambda found: not_(check(found))

    return compiled


_COMPILERS: Mapping[Operator, Callable[[object], Check]] = {
    Operator.EQUALS: _equals,
    Operator.NOT_EQUALS: _negated(_equals),
    Operator.GREATER: _ordered(operator.gt),
    Operator.GREATER_OR_EQUAL: _ordered(operator.ge),
    Operator.LESS: _ordered(operator.lt),
    Operator.LESS_OR_EQUAL: _ordered(operator.le),
    Operator.IN: _in,
    Operator.NOT_IN: _negated(_in),
    Operator.CONTAINS: _contains,
    Operator.STARTS_WITH: _starts_with,
    Operator.ENDS_WITH: _ends_with,
    Operator.MATCHES: _matches,
    Operator.EXISTS: _exists,
}
