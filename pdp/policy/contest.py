"""Who overrides whom among the policies that speak to one verb for one agent."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pdp.policy.built_in import BuiltIn
from pdp.policy.narrowness import Scope, overrides
from pdp.policy.panel import Truths

_MAX_ROWS = 1_024


@dataclass(frozen=True, slots=True)
class Contest:
    """The candidates for a decision: ordinary policies by position, and the built-in default.

    Attributes:
        default: what holds where no policy speaks.
        scopes: the distinct scopes of the policies.
        scope_of: for each policy, the position of its scope in `scopes`.
    """

    default: BuiltIn
    scopes: tuple[Scope, ...]
    scope_of: tuple[int, ...]
    _rows: dict[int, frozenset[int]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, default: BuiltIn, scopes: Sequence[Scope]) -> "Contest":
        """A contest between `default` and one policy for each of `scopes`."""
        numbers = {scope: number for number, scope in enumerate(dict.fromkeys(scopes))}
        return cls(default, tuple(numbers), tuple(numbers[scope] for scope in scopes))

    def standing(self, truths: Truths) -> Sequence[int]:
        """The candidates, true or unknown, that nothing overrides."""
        candidates = truths.true + truths.unknown
        overriding = self._scopes_of(truths.true)
        overridden = {
            scope for scope in self._scopes_of(candidates) if not self._overriders(scope).isdisjoint(overriding)
        }
        if not overridden:
            return candidates
        return [at for at in candidates if self.scope_of[at] not in overridden]

    def default_stands(self, truths: Truths) -> bool:
        """Whether nothing overrides the built-in default: any true policy does, that of a HIGH verb only some."""
        if self.default.high_default:
            return not any(self.scopes[scope].reaches_high_default for scope in self._scopes_of(truths.true))
        return not truths.true

    def overriders(self, truths: Truths) -> dict[int, int]:
        """For each policy that a true one overrides, the first that does."""
        first_of: dict[int, int] = {}
        for at in sorted(truths.true, reverse=True):
            first_of[self.scope_of[at]] = at
        return {
            at: min(first_of[scope] for scope in rivals)
            for at, own in enumerate(self.scope_of)
            if (rivals := self._overriders(own) & first_of.keys())
        }

    def overrider_of_default(self, truths: Truths) -> int | None:
        """The first of the true policies that override the default."""
        if self.default_stands(truths):
            return None
        high = self.default.high_default
        return min(at for at in truths.true if not high or self.scopes[self.scope_of[at]].reaches_high_default)

    def _scopes_of(self, positions: Sequence[int]) -> set[int]:
        return set(map(self.scope_of.__getitem__, positions))

    def _overriders(self, scope: int) -> frozenset[int]:
        row = self._rows.get(scope)
        if row is None:
            row = frozenset(at for at, other in enumerate(self.scopes) if overrides(other, self.scopes[scope]))
            if len(self._rows) >= _MAX_ROWS:
                self._rows.clear()
            self._rows[scope] = row
        return row
