"""How much JSON one call may carry, and the depth check that has to come before any parsing."""

import re

from gatehold.invalid import InvalidInput

MAX_BYTES = 256 * 1024  # UTF-8, arguments and context together
MAX_DEPTH = 16  # containers inside one another; `{}` has depth 1
MAX_ITEMS = 1_000  # keys of one object or items of one array
MAX_NUMBER = 2**53 - 1  # magnitude; beyond it doubles skip integers (RFC 7493, section 2.2)

# Possessive, the closing quote optional: with backtracking, an unclosed string of escaped quotes costs quadratic time.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def refuse_deep(text: str, field: str) -> None:
    """Refuses JSON text nested deeper than `MAX_DEPTH`, before a recursive parser meets it.

    Raises:
        InvalidInput: on `field`, because nothing below is parsed yet that could name a path.
    """
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        mark = token.group()
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise InvalidInput(field, f"is nested deeper than {MAX_DEPTH} levels")
        elif mark in "]}":
            depth -= 1
