"""Which of two policies is the narrower one, and so overrides the other."""

from collections.abc import Iterable
from dataclasses import dataclass

from pdp.policy.model import Matcher
from pdp.policy.pattern import ANYTHING, Pattern, is_exact, parse_pattern, within


@dataclass(frozen=True, slots=True)
class Scope:
    """How narrowly a policy names one call. Policies of equal scope override, and are overridden by, the same ones.

    Attributes:
        exact: it names the verb itself.
        types: the matcher types with a single value per call that it has: bundle, risk_level, access, agent and the
            dimensions of the classification. Where it is exact only `agent`, because a verb implies the others.
        patterns: the verb patterns that matched, a provider `p` as `p:*`. Empty where it is exact.
        conditional: it has conditions.
    """

    exact: bool
    types: frozenset[str]
    patterns: frozenset[Pattern]
    conditional: bool

    @classmethod
    def of(cls, matched: Iterable[Matcher], *, conditional: bool) -> "Scope":
        """The scope of a policy by those of its matchers that matched the call; the others do not count."""
        patterns: set[Pattern] = set()
        types: set[str] = set()
        for matcher in matched:
            if matcher.type == "verb":
                patterns.add(parse_pattern(matcher.value))
            elif matcher.type == "provider":
                patterns.add((matcher.value, "*"))
            elif matcher.type != "any":
                types.add(matcher.type)
        if any(map(is_exact, patterns)):
            return cls(True, frozenset(types & {"agent"}), frozenset(), conditional)
        # `*:*` is any, and any asks nothing that a narrower policy would have to ask too.
        asking = frozenset(pattern for pattern in patterns if not within(ANYTHING, pattern))
        return cls(False, frozenset(types), asking, conditional)

    @property
    def reaches_high_default(self) -> bool:
        """Whether it is narrow enough to override the default of a HIGH verb: by exact verb, bundle or risk level."""
        return self.exact or not self.types.isdisjoint({"bundle", "risk_level"})


def overrides(p: Scope, q: Scope) -> bool:
    """Whether a true policy of scope `p` overrides one of scope `q`.

    It does when it is narrower, or as narrow and the only one of the two with conditions. "At least as narrow" goes by
    the matchers that matched the call, matcher type by matcher type; each type that `q` has, `p` must have too:

    - bundle, risk_level, access, agent, a dimension of the classification: they have one value per call, so a type
      that both have is equally narrow in both.
    - verb, provider, any: a provider `p` is the pattern `p:*`, any is `*:*`. Inner patterns are narrower: every pattern
      of `q` must contain one of `p`. `*:*` contains everything, so it asks for nothing.
    - An exact verb is narrower than each of these but agent: it implies them all, and says nothing of who calls. So of
      two policies with an exact verb, further types beside it, agent apart, make neither the narrower.

    A policy with several alternatives of one type thereby decides as one policy for each alternative would: it
    overrides by its narrowest, and is overridden when each of them is.

    Narrower means at least as narrow and not the other way round. That makes overriding a strict partial order: nothing
    overrides itself, there are no cycles, and what overrides an overrider overrides what that one overrides.
    """
    if not _at_least_as_narrow(p, q):
        return False
    return not _at_least_as_narrow(q, p) or (p.conditional and not q.conditional)


def _at_least_as_narrow(p: Scope, q: Scope) -> bool:
    if "agent" in q.types and "agent" not in p.types:
        return False
    if p.exact or q.exact:
        return p.exact
    return q.types <= p.types and all(any(within(inner, outer) for inner in p.patterns) for outer in q.patterns)
