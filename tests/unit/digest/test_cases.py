"""The vectors that every language's client shares."""

import hashlib
import json
from pathlib import Path

import pytest
import rfc8785

from gatehold.digest import canonical, digest, parse_object
from gatehold.invalid import InvalidInput

FILES = [
    json.loads(path.read_text()) for path in sorted((Path(__file__).parents[2] / "cases" / "digest").glob("*.json"))
]
ACCEPT = [case for file in FILES for case in file["accept"]]
REFUSE = [case for file in FILES for case in file["refuse"]]


def by_name(case: dict[str, str]) -> str:
    return case["name"]


def test_the_vectors_are_there() -> None:
    assert len(ACCEPT) > 40
    assert len(REFUSE) > 70
    names = [case["name"] for case in ACCEPT + REFUSE]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", ACCEPT, ids=by_name)
def test_accepted(case: dict[str, str]) -> None:
    value = parse_object(case["text"], "args_json")
    assert canonical(value) == case["canonical"].encode() == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert digest(value) == case["sha256"] == hashlib.sha256(case["canonical"].encode()).hexdigest()
    assert parse_object(case["text"].encode(), "args_json") == value


@pytest.mark.parametrize("case", REFUSE, ids=by_name)
def test_refused(case: dict[str, str]) -> None:
    forms: list[str | bytes] = (
        [bytes.fromhex(case["bytes_hex"])] if "bytes_hex" in case else [case["text"], case["text"].encode()]
    )
    for form in forms:
        with pytest.raises(InvalidInput) as caught:
            parse_object(form, "args_json")
        assert caught.value.field.startswith("args_json")
        assert len(str(caught.value)) < 200
