"""`[redacted]` in edited arguments: what was hidden from the editor stays, and nothing else is ever put in."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatehold.invalid import InvalidInput
from gatehold.redaction import REDACTED, redact
from pdp.approvals.editing import restored

FROZEN: Mapping[str, Any] = {
    "amount": 250,
    "card": {"number": "4242", "holder": "J", "codes": ["1", "2"]},
    "lines": [{"token": "t1", "n": 1}, {"token": "t2", "n": 2}],
    "matrix": [["a", "b"], ["c", "d"]],
    "whole": {"deep": {"deeper": "secret"}},
    "none": None,
    "said": REDACTED,  # what the agent itself wrote
}
PATHS = ["card.number", "card.codes[*]", "lines[*].token", "matrix[*][1]", "whole", "none", "absent.path"]
SHOWN = redact(FROZEN, PATHS)


def test_what_was_shown_sent_back_is_what_is_frozen() -> None:
    assert restored(SHOWN, SHOWN, FROZEN) == FROZEN


@pytest.mark.parametrize(
    ("edited", "meant"),
    [
        ({}, {}),
        ({"amount": 90}, {"amount": 90}),
        ({"whole": REDACTED}, {"whole": {"deep": {"deeper": "secret"}}}),
        ({"whole": "new"}, {"whole": "new"}),
        ({"none": REDACTED}, {"none": None}),
        ({"said": REDACTED}, {"said": REDACTED}),
        ({"card": {"number": REDACTED}}, {"card": {"number": "4242"}}),
        ({"card": {"number": "5555", "holder": "K"}}, {"card": {"number": "5555", "holder": "K"}}),
        ({"card": {"codes": [REDACTED, "3"]}}, {"card": {"codes": ["1", "3"]}}),
        ({"card": {"codes": ["3"]}}, {"card": {"codes": ["3"]}}),
        ({"lines": [{"token": "x"}, {"token": REDACTED}]}, {"lines": [{"token": "x"}, {"token": "t2"}]}),
        ({"lines": []}, {"lines": []}),
        ({"matrix": [["z", REDACTED], [REDACTED + "!", REDACTED]]}, {"matrix": [["z", "b"], [REDACTED + "!", "d"]]}),
        ({"amount": {"[redacted]": 1}}, {"amount": {"[redacted]": 1}}),  # a key is not a value
    ],
)
def test_a_place_keeps_what_is_frozen_there(edited: dict[str, Any], meant: dict[str, Any]) -> None:
    assert restored(edited, SHOWN, FROZEN) == meant


@pytest.mark.parametrize(
    ("edited", "field"),
    [
        ({"amount": REDACTED}, "edited_args_json.amount"),
        ({"new": REDACTED}, "edited_args_json.new"),
        ({"card": REDACTED}, "edited_args_json.card"),
        ({"card": {"holder": REDACTED}}, "edited_args_json.card.holder"),
        ({"card": {"new": REDACTED}}, "edited_args_json.card.new"),
        ({"card": [REDACTED]}, "edited_args_json.card[0]"),
        ({"card": {"number": [REDACTED]}}, "edited_args_json.card.number[0]"),
        ({"card": {"number": {"0": REDACTED}}}, "edited_args_json.card.number.0"),
        ({"card": {"codes": [REDACTED]}}, "edited_args_json.card.codes[0]"),
        ({"card": {"codes": ["1", "2", REDACTED]}}, "edited_args_json.card.codes[2]"),
        ({"card": {"codes": {"0": REDACTED}}}, "edited_args_json.card.codes.0"),
        ({"lines": [{"token": REDACTED}]}, "edited_args_json.lines[0].token"),
        ({"lines": [{"n": REDACTED}, {}]}, "edited_args_json.lines[0].n"),
        ({"matrix": [[REDACTED, "b"], []]}, "edited_args_json.matrix[0][0]"),
        ({"whole": {"deep": REDACTED}}, "edited_args_json.whole.deep"),
        ({"whole": {"deep": {"deeper": REDACTED}}}, "edited_args_json.whole.deep.deeper"),
    ],
)
def test_anywhere_else_nobody_can_tell_what_it_means(edited: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        restored(edited, SHOWN, FROZEN)
    assert refused.value.field == field
    assert not {"4242", "t1", "secret"} & set(str(refused.value).split())


_names = st.sampled_from(["a", "b", "c"])
_json: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "x", "y", REDACTED]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=12,
)
_objects = st.dictionaries(_names, _json, max_size=3)
_paths = st.lists(st.sampled_from(["a", "b", "a.b", "a[*]", "b[0].c", "c[*].a", "[*].b", "a.a.a"]), max_size=4)


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


@given(_objects, _paths)
def test_an_edit_of_nothing_changes_nothing(frozen: dict[str, object], paths: list[str]) -> None:
    shown = redact(frozen, paths)
    assert restored(shown, shown, frozen) == frozen


@given(_objects, _objects, _paths)
def test_all_that_an_edit_holds_was_written_by_the_editor_or_frozen_in_its_place(
    edited: dict[str, object], frozen: dict[str, object], paths: list[str]
) -> None:
    shown = redact(frozen, paths)
    try:
        meant = restored(edited, shown, frozen)
    except InvalidInput:
        assert REDACTED in _texts(edited)
        return
    assert redact(meant, paths) == redact(edited, paths) or REDACTED in _texts(edited)
    if REDACTED not in _texts(edited):
        assert meant == edited
