"""Verbs are strict ASCII: whatever could be taken for another verb is refused."""

import pytest

from gatehold.invalid import InvalidInput
from gatehold.verb import parse_verb


@pytest.mark.parametrize(
    ("text", "provider", "tool"),
    [
        ("stripe:create_refund", "stripe", "create_refund"),
        ("0:0", "0", "0"),
        ("my-mcp_2:Read.File-v2_X", "my-mcp_2", "Read.File-v2_X"),
        ("p:..", "p", ".."),
        ("a" * 64 + ":" + "T" * 128, "a" * 64, "T" * 128),
    ],
)
def test_splits(text: str, provider: str, tool: str) -> None:
    assert parse_verb(text) == (provider, tool)


REFUSED = {
    "empty": "",
    "no colon": "stripe",
    "no provider": ":create_refund",
    "no tool": "stripe:",
    "only a colon": ":",
    "two colons": "stripe:create:refund",
    "upper-case provider": "Stripe:create_refund",
    "provider starts with a dash": "-stripe:x",
    "provider starts with an underscore": "_stripe:x",
    "dot in the provider": "stripe.com:x",
    "provider of 65": "a" * 65 + ":x",
    "tool of 129": "a:" + "x" * 129,
    "trailing newline": "stripe:create_refund\n",
    "leading newline": "\nstripe:create_refund",
    "newline between": "stripe\n:create_refund",
    "leading space": " stripe:create_refund",
    "trailing space": "stripe:create_refund ",
    "space inside": "stripe:create refund",
    "no-break space": "stripe:create\u00a0refund",
    "tab": "stripe:\tx",
    "NUL": "stripe:create_refund\x00",
    "zero-width space": "stripe:create\u200b_refund",
    "zero-width joiner": "str\u200dipe:create_refund",
    "Cyrillic e": "stripe:cr\u0435ate_refund",
    "Cyrillic e in the provider": "strip\u0435:create_refund",
    "full-width letter": "stripe:\uff43reate_refund",
    "full-width colon": "stripe\uff1acreate_refund",
    "Arabic digit": "a\u0661:x",
    "Kelvin sign": "\u212a:x",
    "bidirectional override": "stripe:\u202ecreate_refund",
    "combining accent": "stripe:create\u0301",
    "byte order mark": "\ufeffstripe:x",
    "glob": "stripe:*",
    "slash": "stripe:a/b",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_refuses(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_verb(text)
    assert caught.value.field == "verb"


def test_names_the_field_it_is_given() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_verb("x", "items[3].verb")
    assert caught.value.field == "items[3].verb"
