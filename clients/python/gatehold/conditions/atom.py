"""A condition atom: one field, one operator, one value."""

import dataclasses
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, TypeAlias

from gatehold.conditions.field import Field
from gatehold.conditions.kinds import NUMBER, scalar_kind
from gatehold.conditions.operators import SIZE_OPERATORS, Check, Operator, Value, check_of, policy_value
from gatehold.digest import canonical, parse_value
from gatehold.invalid import InvalidInput

# Raised with every change that could make any atom answer differently: a sidecar reuses no decision across versions.
EVALUATOR_VERSION = 1

Document: TypeAlias = Mapping[str, object]


class Absent(Enum):
    """The type of the one value `ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT  # a condition written without a value; null is None instead


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """One comparison, compiled when it is made.

    Atoms are equal when they ask the same: 1 and 1.0 are one JSON number, true and 1 are not one value.

    Attributes:
        field: what is compared.
        operator: how.
        value: with what; a scalar, or for `in` and `not_in` a tuple of scalars.
        truth: of a document (root to JSON value) True, False, or None for unknown: something is missing, of the wrong
            type or not NFC-normalised, or the comparison failed. Never raises.

    Raises:
        InvalidInput: on `operator` or `value`, when they do not go together.
    """

    field: Field
    operator: Operator
    value: Value
    truth: Callable[[Document], bool | None] = dataclasses.field(init=False, repr=False)
    _identity: tuple[object, ...] = dataclasses.field(init=False, repr=False)
    _hash: int = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        value = policy_value(self.operator, self.value)
        check = check_of(self.operator, value)
        if self.field.size:
            _refuse_for_size(self.operator, value)
        # The class is frozen for everyone else.
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "truth", _truth(self.field, check))
        object.__setattr__(self, "_identity", (self.field, self.operator, _typed(value)))
        object.__setattr__(self, "_hash", hash(self._identity))

    @classmethod
    def parse(cls, field: str, operator: str, value: object = ABSENT) -> "Atom":
        """Makes an atom of what a policy says.

        Args:
            field: for example `args.amount`, `args.items[0]["a.b"]` or `size(args.items)`.
            operator: the name of an `Operator`.
            value: a scalar; for `in` and `not_in` a list of them; for `exists` true, false or, meaning true, nothing.

        Raises:
            InvalidInput: its field is `field`, `operator` or `value`.
        """
        parsed = Field.parse(field)
        try:
            name = Operator(operator)
        except ValueError:
            raise InvalidInput("operator", f"must be one of {', '.join(Operator)}") from None
        if value is ABSENT:
            if name is not Operator.EXISTS:
                raise InvalidInput("value", "is missing")
            value = True
        return cls(parsed, name, policy_value(name, value))

    @classmethod
    def from_wire(cls, field: str, operator: str, value_json: str) -> "Atom":
        """The inverse of `wire`. Raises `InvalidInput` as `parse` does."""
        return cls.parse(field, operator, parse_value(value_json, "value"))

    def wire(self) -> tuple[str, str, str]:
        """Field, operator and the value as canonical JSON; `from_wire` makes an equal atom of them."""
        return str(self.field), self.operator.value, _json(self.value)

    @property
    def root(self) -> str:
        """Where the field starts: `args`, `context` or `agent`."""
        return self.field.root

    def __eq__(self, other: object) -> bool:
        return self._identity == other._identity if isinstance(other, Atom) else NotImplemented

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        """For traces. Holds the policy's text as it is: show it through `gatehold.redaction.printable`."""
        return " ".join(self.wire())


def _truth(field: Field, check: Check) -> Callable[[Document], bool | None]:
    read = field.reader()

    def truth(document: Document) -> bool | None:
        try:
            return check(read(document))
        except Exception:  # whatever it was, the comparison was not made; unknown blocks where false might allow
            return None

    return truth


def _refuse_for_size(operator: Operator, value: Value) -> None:
    if operator not in SIZE_OPERATORS:
        raise InvalidInput("operator", "can not be used on a size")
    if any(scalar_kind(item) != NUMBER for item in (value if isinstance(value, tuple) else (value,))):
        raise InvalidInput("value", "must be a number, because a size is one")


def _typed(value: Value) -> object:
    if isinstance(value, tuple):
        return tuple(map(_typed, value))
    return scalar_kind(value), value


def _json(value: Value) -> str:
    return canonical(list(value) if isinstance(value, tuple) else value).decode()
