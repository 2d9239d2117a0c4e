"""Overriding is a strict partial order, and alternatives are worth what separate policies would be."""

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdp.policy.model import Matcher
from pdp.policy.narrowness import Scope, overrides
from pdp.policy.pattern import matches, parse_pattern, within

# Patterns that all match s:pay.
PATTERNS = ["s:pay", "s:*", "*:pay", "*:*", "s:p*", "s:*y", "s*:p*y", "**:**", "s:pay*"]
VERBS = [("s", "pay"), ("s", "pays"), ("s", "play"), ("s", "get"), ("t", "pay"), ("sx", "pray"), ("ss", "py")]
OTHERS = [
    ("provider", "s"),
    ("bundle", "money"),
    ("risk_level", "LOW"),
    ("agent", "a"),
    ("scope", "project"),
    ("any", ""),
]

matchers = st.lists(
    st.one_of(
        st.sampled_from(PATTERNS).map(lambda value: Matcher("verb", value)),
        st.sampled_from(OTHERS).map(lambda of: Matcher(*of)),
    ),
    min_size=1,
    max_size=4,
)
scopes = st.builds(lambda found, conditional: Scope.of(found, conditional=conditional), matchers, st.booleans())


@settings(max_examples=1_000)
@given(scopes, scopes, scopes)
def test_overriding_is_a_strict_partial_order(p: Scope, q: Scope, r: Scope) -> None:
    for one, other, third in permutations((p, q, r)):
        assert not overrides(one, one)
        assert not (overrides(one, other) and overrides(other, one))
        if overrides(one, other) and overrides(other, third):
            assert overrides(one, third)


def _split(found: list[Matcher], conditional: bool) -> list[Scope]:
    """One scope for each way to take one alternative of each type."""
    types = dict.fromkeys(matcher.type for matcher in found)
    alternatives = [[matcher for matcher in found if matcher.type == kind] for kind in types]
    return [Scope.of(chosen, conditional=conditional) for chosen in product(*alternatives)]


@settings(max_examples=1_000)
@given(matchers, matchers, st.booleans(), st.booleans())
def test_a_policy_overrides_as_one_policy_for_each_alternative_would(
    mine: list[Matcher], theirs: list[Matcher], p_conditional: bool, q_conditional: bool
) -> None:
    whole = overrides(Scope.of(mine, conditional=p_conditional), Scope.of(theirs, conditional=q_conditional))
    parts = _split(mine, p_conditional), _split(theirs, q_conditional)
    assert whole == all(any(overrides(p, q) for p in parts[0]) for q in parts[1])


@pytest.mark.parametrize(("inner", "outer"), list(product(PATTERNS, PATTERNS)))
def test_what_is_within_a_pattern_matches_nothing_that_the_pattern_does_not(inner: str, outer: str) -> None:
    if within(parse_pattern(inner), parse_pattern(outer)):
        for verb in VERBS:
            assert matches(parse_pattern(outer), verb) or not matches(parse_pattern(inner), verb)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("s:pay", "s:pay*"),
        ("s:pay*", "s:p*"),
        ("s:p*y", "s:p*"),
        ("s:*", "s*:*"),
        ("s*:p*y", "*:*y"),
        ("s:*", "*:*"),
        ("s:*", "*:**"),
    ],
)
def test_narrower_patterns(narrow: str, wide: str) -> None:
    p, q = (Scope.of([Matcher("verb", value)], conditional=False) for value in (narrow, wide))
    assert overrides(p, q)
    assert not overrides(q, p)


@pytest.mark.parametrize(("one", "other"), [("s:p*", "s:*y"), ("s:*", "*:pay"), ("*:*", "**:**"), ("s:p*y", "s:pa*")])
def test_patterns_of_which_neither_is_narrower(one: str, other: str) -> None:
    p, q = (Scope.of([Matcher("verb", value)], conditional=False) for value in (one, other))
    assert not overrides(p, q)
    assert not overrides(q, p)
