"""`cel:` conditions (Common Expression Language), for what the comparisons can not say. Needs the extra `[cel]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import is_normalized

from gatehold.digest import canonical_value
from gatehold.invalid import InvalidInput

if TYPE_CHECKING:
    from cel_expr_python import cel

MAX_LENGTH = 2_048  # characters of one expression
MAX_WEIGHT = 65_536  # values, keys and their characters, in the call and the agent that an expression looks at
MAX_WEIGHT_REPEATED = 4_096  # the same for an expression that may look at some of them again for each of the others

# The comprehension macros of CEL, and its regular expressions, which look at each character for each of their states.
_REPEATING = re.compile(r"\b(all|exists|exists_one|map|filter|matches)\b")
ROOTS = ("args", "context", "agent")


@dataclass(frozen=True, slots=True)
class CelExpression:
    """One type-checked expression over `args`, `context` and `agent`, in the place of an atom.

    Its cost is bounded by `MAX_LENGTH`, by the library, which gives up with an error after 10,000 iterations of
    comprehension macros, and by the weight of call and agent, which is the number of their values and keys and of the
    characters in those: above `MAX_WEIGHT`, or `MAX_WEIGHT_REPEATED` where there is such a macro or `matches`, it is
    unknown. It knows no clock: CEL has no `now`.

    It sees the call as `canonical_value` has it, because its decisions are reused by digest: 1.0 is the int 1, and 1.5
    a double. The order in which `map` and `filter` visit the keys of an object is nobody's: the library shuffles it, so
    it must not matter to an expression.

    CEL compares values of different types as not equal, where a comparison of `gatehold.conditions` is unknown. An
    expression that must not take a wrong type for a difference says so, of amounts in
    `type(args.amount) in [int, double] && args.amount != 5`.
    """

    text: str
    program: cel.Expression = field(repr=False, compare=False)

    @classmethod
    def compile(cls, text: str) -> CelExpression:
        """Checks and compiles an expression.

        Raises:
            InvalidInput: on the field `cel`, when the extra is missing or the expression is too long, malformed,
                mistyped or not a boolean.
        """
        if not 0 < len(text) <= MAX_LENGTH:
            raise InvalidInput("cel", f"must have 1 to {MAX_LENGTH} characters")
        bool_type, compile_text = _compiler()
        try:
            program = compile_text(text)
        except Exception as error:
            raise InvalidInput("cel", f"is not valid CEL: {_first_line(error)}") from error
        if program.return_type() != bool_type:
            raise InvalidInput("cel", "must be a boolean, for example args.flag == true")
        return cls(text, program)

    def truth(self, document: Mapping[str, object]) -> bool | None:
        """True or false; None on any error, which the library hands out as values and as exceptions alike."""
        try:
            read = [document[root] for root in ROOTS]
            if _is_heavier(read, MAX_WEIGHT_REPEATED if _REPEATING.search(self.text) else MAX_WEIGHT):
                return None
            roots = dict(zip(ROOTS, map(canonical_value, read), strict=True))
            value = self.program.eval(data=roots).value()
        except Exception:
            return None
        return value if isinstance(value, bool) else None

    def __str__(self) -> str:
        return f"cel: {self.text}"


@cache
def _compiler() -> tuple[cel.Type, Callable[[str], cel.Expression]]:
    # Imported late: 50 MB, and neither a sidecar nor a PDP without cel policies needs it.
    try:
        from cel_expr_python import cel
    except ImportError as error:
        raise InvalidInput("cel", "needs the extra [cel]: pip install 'gatehold[cel]'") from error
    root = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    return cel.Type.BOOL, cel.NewEnv(variables=dict.fromkeys(ROOTS, root)).compile


def _is_heavier(values: list[object], most: int) -> bool:
    """Whether there are more than `most` values, keys and characters; it looks at little more than that many.

    Raises:
        ValueError: on text that is not NFC-normalised: it would differ from the same-looking text of the policy.
    """
    weight = 0
    waiting = list(values)
    while waiting and weight <= most:
        value = waiting.pop()
        weight += 1
        if isinstance(value, str):
            if not value.isascii() and not is_normalized("NFC", value):
                raise ValueError("not NFC-normalised")
            weight += len(value)
        elif isinstance(value, Mapping):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
    return weight > most


def _first_line(error: Exception) -> str:
    text = str(error).partition("\n")[0]
    return text.removeprefix("INVALID_ARGUMENT: ").removeprefix("ERROR: ").removeprefix("<input>:")
