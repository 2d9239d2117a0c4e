"""Which policies speak to a verb called by an agent, found without a look at those that can not."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pdp.policy.entry import Entry
from pdp.policy.model import Matcher, Policy
from pdp.policy.pattern import is_exact, matches, parse_pattern

# From the most to the least selective. What is not named here, for example a risk level, selects less than these.
_SELECTIVE = ("verb", "agent", "provider", "bundle")
_EVERYWHERE = ("any", "")

Key = tuple[str, str]


def attributes_of(entry: Entry, agent: str) -> dict[str, str]:
    """The value of every matcher type that has one for the call; `verb` and `any` are not among them."""
    return {
        **entry.classification,
        "provider": entry.provider,
        "bundle": entry.bundle,
        "risk_level": entry.risk_level,
        "access": entry.access,
        "agent": agent,
    }


def matched(policy: Policy, entry: Entry, attributes: Mapping[str, str]) -> tuple[Matcher, ...]:
    """The matchers that hold for the call; empty when the policy does not speak to it.

    Matchers of one type are alternatives, those of different types must all hold.
    """
    holding = tuple(matcher for matcher in policy.matchers if _holds(matcher, entry, attributes))
    types = {matcher.type for matcher in policy.matchers}
    return holding if {matcher.type for matcher in holding} == types else ()


def _holds(matcher: Matcher, entry: Entry, attributes: Mapping[str, str]) -> bool:
    if matcher.type == "any":
        return True
    if matcher.type == "verb":
        return matcher.value == entry.verb or matches(parse_pattern(matcher.value), (entry.provider, entry.tool))
    return attributes.get(matcher.type) == matcher.value


class PolicyIndex:
    """Policies filed under what they match most selectively.

    Args:
        policies: in any order.
    """

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._filed: defaultdict[Key, list[Policy]] = defaultdict(list)
        for policy in policies:
            for key in _keys(policy):
                self._filed[key].append(policy)

    def speaking_to(self, entry: Entry, agent: str) -> Iterator[tuple[Policy, tuple[Matcher, ...]]]:
        """The policies that match the verb and the agent, each with the matchers that do."""
        attributes = attributes_of(entry, agent)
        keys = [("verb", entry.verb), *attributes.items(), _EVERYWHERE]
        found = {policy.id: policy for key in keys for policy in self._filed.get(key, ())}
        for policy in found.values():
            if holding := matched(policy, entry, attributes):
                yield policy, holding


def _keys(policy: Policy) -> set[Key]:
    """Keys of which every call that the policy matches has at least one."""
    by_type: defaultdict[str, set[Key]] = defaultdict(set)
    for matcher in policy.matchers:
        by_type[matcher.type].add(_key(matcher))
    narrow = [keys for keys in by_type.values() if _EVERYWHERE not in keys]
    return min(narrow, key=lambda keys: max(map(_selectivity, keys)), default={_EVERYWHERE})


def _key(matcher: Matcher) -> Key:
    if matcher.type != "verb":
        return _EVERYWHERE if matcher.type == "any" else (matcher.type, matcher.value)
    pattern = parse_pattern(matcher.value)
    if is_exact(pattern):
        return "verb", matcher.value
    return _EVERYWHERE if "*" in pattern[0] else ("provider", pattern[0])


def _selectivity(key: Key) -> int:
    return _SELECTIVE.index(key[0]) if key[0] in _SELECTIVE else len(_SELECTIVE)
