"""The file form of a condition: one comparison, one `cel:` expression, or `all`, `any` or `not` of conditions."""

from collections.abc import Callable, Sequence
from typing import Self, cast

from pydantic import Field, PrivateAttr, model_validator

from gatehold.conditions import ABSENT, All, Any, Atom, Condition, Not, Test
from gatehold.invalid import InvalidInput
from pdp.policy.cel import CelExpression
from pdp.policy.strict_form import StrictForm

MAX_ATOMS = 32  # comparisons and cel expressions in one policy
MAX_DEPTH = 8  # a comparison at the top is 1, each all, any or not around it adds 1


class ConditionForm(StrictForm):
    """One condition. Exactly one of `field` with `operator` and `value`, `all`, `any`, `not`, or `cel`."""

    field: str = ""
    operator: str = ""
    value: object = None
    all_: list["ConditionForm"] = Field(default=[], min_length=1)
    any_: list["ConditionForm"] = Field(default=[], min_length=1)
    not_: "ConditionForm | None" = None
    cel: str = ""

    _condition: Condition = PrivateAttr()

    @property
    def condition(self) -> Condition:
        """The condition, ready to evaluate."""
        return self._condition

    @model_validator(mode="after")
    def _build(self) -> Self:
        kinds = [name for name in _BUILDERS if name in self.model_fields_set]
        if len(kinds) != 1 or (kinds != ["field"] and len(self.model_fields_set) != 1):
            raise ValueError("must be one of: field with operator and value; all; any; not; cel")
        self._condition = _BUILDERS[kinds[0]](self)
        return self


def _comparison(form: ConditionForm) -> Condition:
    given = form.model_fields_set
    if "operator" not in given:
        raise InvalidInput("operator", "an operator is needed, for example equals")
    return Test(Atom.parse(form.field, form.operator, form.value if "value" in given else ABSENT))


def _negation(form: ConditionForm) -> Condition:
    if form.not_ is None:
        raise InvalidInput("not", "needs a condition")
    return Not(form.not_.condition)


def _expression(form: ConditionForm) -> Condition:
    # The tree asks of an atom only its truth, its text and a hash, all of which an expression has.
    return Test(cast(Atom, CelExpression.compile(form.cel)))


def _parts(forms: Sequence[ConditionForm]) -> tuple[Condition, ...]:
    return tuple(form.condition for form in forms)


_BUILDERS: dict[str, Callable[[ConditionForm], Condition]] = {
    "field": _comparison,
    "all_": lambda form: All(_parts(form.all_)),
    "any_": lambda form: Any(_parts(form.any_)),
    "not_": _negation,
    "cel": _expression,
}


def check_extent(forms: list[ConditionForm]) -> list[ConditionForm]:
    """Refuses conditions past `MAX_ATOMS` or `MAX_DEPTH`.

    Raises:
        ValueError: when they are.
    """
    if sum(1 for form in forms for _ in form.condition.atoms()) > MAX_ATOMS:
        raise ValueError(f"more than {MAX_ATOMS} comparisons in one policy")
    if max(_depth(form.condition) for form in forms) > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    return forms


def _depth(condition: Condition) -> int:
    match condition:
        case All(parts) | Any(parts):
            return 1 + max(map(_depth, parts))
        case Not(part):
            return 1 + _depth(part)
        case Test():
            return 1
