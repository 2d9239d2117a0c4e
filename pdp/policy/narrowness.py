"""Which of two policies is the narrower one, and so overrides the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from pdp.policy.model import Matcher
from pdp.policy.pattern import ANYTHING, Pattern, is_exact, parse_pattern, within


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way in which a policy names a call: one matcher of each type that it has.

    Attributes:
        exact: it names the verb itself.
        types: the types with a single value per call that it has: bundle, risk_level, access, agent and the dimensions
            of the classification. Where it is exact only `agent`, because a verb implies the others.
        patterns: its verb pattern, and its provider `p` as `p:*`. Empty where it is exact. Without those that match
            everything: any and `*:*` ask nothing that a narrower policy would have to ask too.
    """

    exact: bool
    types: frozenset[str]
    patterns: frozenset[Pattern]

    @classmethod
    def of(cls, matchers: Iterable[Matcher]) -> "Alternative":
        """The alternative of these matchers, no two of one type."""
        patterns: set[Pattern] = set()
        types: set[str] = set()
        for matcher in matchers:
            if matcher.type == "verb":
                patterns.add(parse_pattern(matcher.value))
            elif matcher.type == "provider":
                patterns.add((matcher.value, "*"))
            elif matcher.type != "any":
                types.add(matcher.type)
        if any(map(is_exact, patterns)):
            return cls(True, frozenset(types & {"agent"}), frozenset())
        asking = frozenset(pattern for pattern in patterns if not within(ANYTHING, pattern))
        return cls(False, frozenset(types), asking)

    def at_least_as_narrow(self, other: "Alternative") -> bool:
        """Whether each type that `other` has, this one has too, at least as narrow. See `overrides`."""
        if "agent" in other.types and "agent" not in self.types:
            return False
        if self.exact or other.exact:
            return self.exact
        return other.types <= self.types and all(
            any(within(inner, outer) for inner in self.patterns) for outer in other.patterns
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """How narrowly a policy names one call. Policies of equal scope override, and are overridden by, the same ones.

    Attributes:
        alternatives: the ways in which it does.
        conditional: it has conditions.
    """

    alternatives: frozenset[Alternative]
    conditional: bool

    @classmethod
    def of(cls, matched: Iterable[Matcher], *, conditional: bool) -> "Scope":
        """The scope of a policy by those of its matchers that matched the call; the others do not count."""
        by_type: dict[str, list[Matcher]] = {}
        for matcher in matched:
            by_type.setdefault(matcher.type, []).append(matcher)
        return cls(frozenset(map(Alternative.of, product(*by_type.values()))), conditional)

    @property
    def reaches_high_default(self) -> bool:
        """Whether it is narrow enough to override the default of a HIGH verb: by exact verb, bundle or risk level."""
        return any(way.exact or not way.types.isdisjoint({"bundle", "risk_level"}) for way in self.alternatives)


def overrides(p: Scope, q: Scope) -> bool:
    """Whether a true policy of scope `p` overrides one of scope `q`.

    It does when it is narrower, or when the matchers are equal and only it has conditions. "At least as narrow" goes by
    the matchers that matched the call, matcher type by matcher type; each type that `q` has, `p` must have too:

    - bundle, risk_level, access, agent, a dimension of the classification: they have one value per call, so a type
      that both have is equally narrow in both.
    - verb, provider, any: a provider `p` is the pattern `p:*`, any is `*:*`. Inner patterns are narrower: each pattern
      of `q` must contain one of `p`. `*:*` contains everything, so it asks for nothing.
    - An exact verb is narrower than each of these but agent: it implies them all, and says nothing of who calls. So of
      two policies with an exact verb, further types beside it, agent apart, make neither the narrower.

    Narrower means at least as narrow and not the other way round; equal, at least as narrow both ways.

    Several alternatives of one type that match are worth what one policy for each would be: `p` overrides by any of
    its alternatives, and `q` is overridden when each of its alternatives is.

    So overriding is a strict partial order: nothing overrides itself, there are no cycles, and what overrides an
    overrider overrides what that one overrides.
    """
    decisive = p.conditional and not q.conditional
    return all(any(_overrides(mine, theirs, decisive) for mine in p.alternatives) for theirs in q.alternatives)


def _overrides(p: Alternative, q: Alternative, decisive: bool) -> bool:
    return p.at_least_as_narrow(q) and (decisive or not q.at_least_as_narrow(p))
