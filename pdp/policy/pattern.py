"""Verb patterns: `provider:tool` in which `*` stands for any text, even none, on its side of the colon."""

import re
from fnmatch import fnmatchcase

# The grammar of a verb with `*` let in. A side of at most 64 or 128 characters, as in a verb.
_PATTERN = re.compile(r"([a-z0-9*][a-z0-9_*-]{0,63}):([A-Za-z0-9_.*-]{1,128})", re.ASCII)

# Stands for "some text nobody knows" when one pattern is held against another. It is in no verb and no pattern.
_SOME_TEXT = "?"

Pattern = tuple[str, str]
ANYTHING: Pattern = ("*", "*")


def parse_pattern(text: str) -> Pattern:
    """The provider and tool side of a verb or verb pattern.

    Raises:
        ValueError: `text` is neither.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError("must be provider:tool, for example stripe:create_refund, stripe:* or *:read_*")
    return match[1], match[2]


def is_exact(pattern: Pattern) -> bool:
    """Whether the pattern names one verb."""
    return "*" not in pattern[0] and "*" not in pattern[1]


def matches(pattern: Pattern, verb: Pattern) -> bool:
    """Whether a verb, given as its two sides, is one of the pattern's."""
    # fnmatch knows `?` and `[` too, but the grammar keeps both out of patterns, and its time stays linear.
    return fnmatchcase(verb[0], pattern[0]) and fnmatchcase(verb[1], pattern[1])


def within(inner: Pattern, outer: Pattern) -> bool:
    """Whether every verb of `inner` is one of `outer`: `outer` matches `inner` whatever its stars stand for."""
    return matches(outer, (inner[0].replace("*", _SOME_TEXT), inner[1].replace("*", _SOME_TEXT)))
