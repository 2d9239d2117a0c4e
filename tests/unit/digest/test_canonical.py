"""The quick encoder against the reference, and what has no canonical form."""

import enum
import struct
from types import MappingProxyType

import pytest
import rfc8785

from gatehold.digest import MAX_NUMBER, canonical, canonical_value, digest
from gatehold.invalid import InvalidInput

# RFC 8785, appendix B: the samples whose magnitude no call may carry.
LARGE = {
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
}


class Colour(enum.StrEnum):
    RED = "red"

    def __str__(self) -> str:
        return "not red"


class Loud(int):
    def __repr__(self) -> str:
        return "9"


@pytest.mark.parametrize(("double", "text"), LARGE.items())
def test_large_doubles(double: str, text: str) -> None:
    assert canonical(struct.unpack(">d", bytes.fromhex(double))[0]).decode() == text


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.0},
        {"a": [0.0001, 0.00009999, 1e-7, -0.0, 5e-324, 1e16, 1e21, 9007199254740990.0, 123456789.125]},
        {"\ue000": 1, "\U00010000": 2, "a": 3},
        {"é": 1, "e\u0301": 2},
        {"s": "\u2028\x7f\x80\ufffe</script>"},
        {"a": (1, 2, ())},
        {"a": Colour.RED, Colour.RED: 1},
        {"a": Loud(1), "b": True},
        [[], {}, "", None, False],
    ],
)
def test_equals_the_reference(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        [float("inf")],
        MAX_NUMBER + 1,
        {"a": -MAX_NUMBER - 1},
        "\ud800",
        {"\ud800": 1},
        {1: "a"},
        {None: "a"},
        {True: "a"},
        {("a",): 1},
        {"a": {1, 2}},
        b"bytes",
        MappingProxyType({}),
        object(),
    ],
)
def test_refused(value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        canonical(value)
    assert caught.value.field == "value"


def test_nesting_without_end_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(InvalidInput):
        canonical(loop)


def test_digest_is_lowercase_hex_sha256() -> None:
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (-3.0, "-3"),
        (1.5, "1.5"),
        (1e-7, "1e-07"),
        (float(MAX_NUMBER), str(MAX_NUMBER)),
        (float(MAX_NUMBER + 1), "9007199254740992.0"),
        (float("inf"), "inf"),
        (True, "True"),
        (None, "None"),
        ("1.0", "'1.0'"),
        ({"b": 1.0, "a": [2.0, {"d": -0.0, "c": None}]}, "{'a': [2, {'c': None, 'd': 0}], 'b': 1}"),
        (MappingProxyType({"b": (1.0, 2.5), "a": 1}), "{'a': 1, 'b': [1, 2.5]}"),
    ],
)
def test_one_value_stands_for_all_that_have_its_digest(value: object, expected: str) -> None:
    assert repr(canonical_value(value)) == expected
