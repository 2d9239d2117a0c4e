"""Secrets are left out, whatever shape a call gives them."""

import copy
from collections.abc import Mapping
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatehold.invalid import InvalidInput
from gatehold.redaction import REDACTED, parse_path, redact, redact_all

ARGS = {
    "card": {"number": "4242", "holder": "J"},
    "items": [{"token": "t1", "n": 1}, {"token": "t2"}, {"n": 3}],
    "api key": "k",
    "matrix": [["a", "b"], ["c"]],
    "amount": 5,
    "note": None,
}


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("card.number", {"card": {"number": REDACTED, "holder": "J"}}),
        ("card", {"card": REDACTED}),
        ("card[*]", {"card": {"number": REDACTED, "holder": REDACTED}}),
        ("items[*].token", {"items": [{"token": REDACTED, "n": 1}, {"token": REDACTED}, {"n": 3}]}),
        ("items[1]", {"items": [{"token": "t1", "n": 1}, REDACTED, {"n": 3}]}),
        ("items[1].token", {"items": [{"token": "t1", "n": 1}, {"token": REDACTED}, {"n": 3}]}),
        ('["api key"]', {"api key": REDACTED}),
        ('["card"].number', {"card": {"number": REDACTED, "holder": "J"}}),
        ("matrix[*][0]", {"matrix": [[REDACTED, "b"], [REDACTED]]}),
        ("[*]", dict.fromkeys(ARGS, REDACTED)),
        ("note", {"note": REDACTED}),
        # Leads nowhere.
        ("missing", {}),
        ("card.missing.deeper", {}),
        ("items[9].token", {}),
        ("note.deeper", {}),
        ("[0]", {}),
        # Meets another shape.
        ("amount.cents", {"amount": REDACTED}),
        ("items.token", {"items": REDACTED}),
        ("card[0]", {"card": REDACTED}),
        ("matrix[*].x", {"matrix": [REDACTED, REDACTED]}),
    ],
)
def test_path(path: str, change: dict[str, object]) -> None:
    before = copy.deepcopy(ARGS)
    assert redact(ARGS, [path]) == {**ARGS, **change}
    assert before == ARGS


def test_paths_add_up() -> None:
    redacted = redact(ARGS, ["card.number", "card.holder", "items[*].token", "items[0].n"])
    assert redacted["card"] == {"number": REDACTED, "holder": REDACTED}
    assert redacted["items"] == [{"token": REDACTED, "n": REDACTED}, {"token": REDACTED}, {"n": 3}]


def test_a_path_below_a_redacted_container_is_harmless() -> None:
    assert redact(ARGS, ["card", "card.number"])["card"] == REDACTED


def test_without_paths_nothing_changes() -> None:
    assert redact(ARGS, []) == ARGS
    assert redact(MappingProxyType(ARGS), []) == ARGS


@pytest.mark.parametrize(
    "path", ["", ".", "card..number", "card.", "a b", "items[", "items[x]", 'a["', "é", "a" + ".a" * 16]
)
def test_a_malformed_path_redacts_everything(path: str) -> None:
    assert redact(ARGS, ["amount", path]) == redact_all(ARGS) == dict.fromkeys(ARGS, REDACTED)
    with pytest.raises(InvalidInput) as caught:
        parse_path(path, "sensitive_args[0]")
    assert caught.value.field == "sensitive_args[0]"


def test_a_failure_redacts_everything() -> None:
    class Torn(Mapping[str, object]):
        def __getitem__(self, key: str) -> object:
            raise RuntimeError

        def __iter__(self):  # type: ignore[no-untyped-def]
            return iter(["number"])

        def __len__(self) -> int:
            return 1

    assert redact({"card": Torn(), "amount": 5}, ["card.number"]) == {"card": REDACTED, "amount": REDACTED}
    assert redact({"amount": 5}, [None]) == {"amount": REDACTED}  # type: ignore[list-item]


secret = st.just("SECRET")
json_values = st.recursive(
    secret | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("abc"), json_values), st.sampled_from(["a", "a.b", "a[*]", "a[*].b", "a[0]"]))
def test_never_shows_what_is_at_the_path_and_never_mutates(args: dict[str, object], path: str) -> None:
    before = copy.deepcopy(args)
    redacted = redact(args, [path])
    assert args == before
    assert redacted.keys() == args.keys()
    assert {key: item for key, item in redacted.items() if key != "a"} == {k: v for k, v in args.items() if k != "a"}
    assert redact(redacted, [path]) == redacted
    assert redact(args, ["a"]).get("a", REDACTED) == REDACTED
