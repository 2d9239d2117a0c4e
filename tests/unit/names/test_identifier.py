"""Identifiers that a person can not read are refused; the same characters in arguments are shown escaped."""

import sys
import unicodedata

import pytest

from gatehold.identifier import require_agent_id, require_identifier
from gatehold.invalid import InvalidInput
from gatehold.invisible import is_invisible
from gatehold.redaction import printable

INVISIBLE = {
    "NUL": "\x00",
    "newline": "\n",
    "tab": "\t",
    "escape": "\x1b",
    "delete": "\x7f",
    "C1 control": "\x9b",
    "soft hyphen": "\xad",
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "left-to-right mark": "\u200e",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "tag letter": "\U000e0041",
    "private use": "\ue000",
    "unassigned": "\u0378",
    "noncharacter": "\uffff",
    "lone surrogate": "\ud800",
    "Hangul filler": "\u3164",
    "half-width Hangul filler": "\uffa0",
    "combining grapheme joiner": "\u034f",
    "variation selector": "\ufe0f",
    "supplementary variation selector": "\U000e0100",
    "blank Braille pattern": "\u2800",
}


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_invisible(character: str) -> None:
    for text in (character, f"a{character}", f"{character}a", f"a{character}b"):
        with pytest.raises(InvalidInput) as caught:
            require_identifier(text, "on_behalf_of")
        assert caught.value.field == "on_behalf_of"
        shown = printable(text)
        assert character not in shown
        assert f"\\u{{{ord(character):04X}}}" in shown


@pytest.mark.parametrize("text", ["a", "jane@example.com", "Jürgen Müller", "李雷", "a" * 256, "req-1/2:3", "é" * 256])
def test_visible(text: str) -> None:
    assert require_identifier(text, "id") == text
    assert printable(text) == text


@pytest.mark.parametrize(("text", "limit"), [("", 256), ("a" * 257, 256), ("abc", 2)])
def test_length(text: str, limit: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        require_identifier(text, "request_id", limit)
    assert caught.value.field == "request_id"


@pytest.mark.parametrize("text", ["a", "dev", "billing bot", "!", "~", "a" * 256])
def test_agent_ids_are_what_metadata_can_carry(text: str) -> None:
    assert require_agent_id(text, "agent_id") == text


@pytest.mark.parametrize("text", ["", " ", " dev", "dev ", "é", "d\u0435v", "\u00a0dev", "a\n", "a\x7f", "a" * 257])
def test_other_agent_ids_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        require_agent_id(text, "agent_id")
    assert caught.value.field == "agent_id"


def test_printable_shows_a_terminal_sequence_instead_of_obeying_it() -> None:
    assert printable("a\x1b[31mb\u202ec") == "a\\u{001B}[31mb\\u{202E}c"
    assert printable("\U000e0041") == "\\u{E0041}"
    assert printable("100\u00a0€") == "100\u00a0€"


def test_every_character_of_the_named_categories_is_invisible() -> None:
    hidden = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}
    characters = map(chr, range(sys.maxunicode + 1))
    assert all(is_invisible(char) for char in characters if unicodedata.category(char) in hidden)
    assert not any(is_invisible(char) for char in map(chr, range(0x20, 0x7F)))
