"""Where a refusal points, what it says, and what it costs."""

import sys
from collections.abc import Iterator

import pytest

from gatehold.digest import MAX_BYTES, parse_object, parse_value
from gatehold.invalid import InvalidInput


def refusal(text: str | bytes, max_bytes: int = MAX_BYTES) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse_object(text, "args_json", max_bytes)
    return caught.value


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"items":[0,1,2,{"amount":1e999}]}', "args_json.items[3].amount"),
        ('{"items":[0,{"n":9007199254740992}]}', "args_json.items[1].n"),
        ('{"a":{"k":1,"k":2}}', "args_json.a.k"),
        ('{"k":1,"k":2}', "args_json.k"),
        ('{"a-b_1":NaN}', "args_json.a-b_1"),
        ('{"a.b":NaN}', 'args_json["a.b"]'),
        ('{"":NaN}', 'args_json[""]'),
        ('{"\\u202e":NaN}', 'args_json["\\u202e"]'),
        ('{"a":"\\udc00"}', "args_json.a"),
        ('{"a":{"\\udc00":1}}', "args_json.a"),
        ('{"a":{"b":[' + ",".join("0" * 1001) + "]}}", "args_json.a.b"),
        ('{"a":[[', "args_json"),
        ("[1]", "args_json"),
    ],
)
def test_names_the_path(text: str, field: str) -> None:
    assert refusal(text).field == field


def test_shows_no_more_of_a_key_than_a_line_holds() -> None:
    field = refusal('{"' + "k" * 10_000 + '":NaN}').field
    assert field == 'args_json["' + "k" * 64 + '"…]'


@pytest.mark.parametrize(
    "text",
    [
        '{"s":"secret\n"}',
        '{"s":"secret',
        '{"s":"secret"',
        '{"secret":1,"secret":2}secret',
        "secret",
        '{"s":"secret\\ud800"}',
    ],
)
def test_does_not_repeat_the_value(text: str) -> None:
    assert "secret" not in refusal(text).message


def test_counts_characters_from_the_start_of_the_text() -> None:
    assert "character 7" in refusal('  {"a":}').message


def test_the_empty_text_is_the_empty_object_and_no_value() -> None:
    assert parse_object("", "args_json") == parse_object(b"", "args_json") == {}
    with pytest.raises(InvalidInput):
        parse_value("", "args_json")


@pytest.mark.parametrize(("text", "value"), [("null", None), ("-0", 0), (' "a" ', "a"), ("[]", []), ("1.0", 1.0)])
def test_any_value_at_the_top(text: str, value: object) -> None:
    assert parse_value(text, "value") == value


def test_bounds_the_text_in_bytes_not_characters() -> None:
    text = '{"s":"' + "é" * 10 + '"}'
    size = len(text.encode())
    for form in (text, text.encode()):
        assert parse_object(form, "args_json", size) == {"s": "é" * 10}
        assert "longer than" in refusal(form, size - 1).message
    just = '"' + "a" * (MAX_BYTES - 2) + '"'
    assert parse_value(just, "args_json") == "a" * (MAX_BYTES - 2)
    assert "longer than" in refusal(" " + just).message


def test_a_byte_order_mark_is_called_one() -> None:
    assert "byte order mark" in refusal("\ufeff{}").message
    assert "byte order mark" in refusal(b"\xef\xbb\xbf{}").message


def test_text_with_a_raw_surrogate_is_refused() -> None:
    assert "UTF-8" in refusal('{"s":"\ud800"}').message


@pytest.fixture
def unlimited_interpreter() -> Iterator[None]:
    """An application may have lifted the interpreter's own guards; ours may not lean on them."""
    recursion, digits = sys.getrecursionlimit(), sys.get_int_max_str_digits()
    sys.setrecursionlimit(1_000_000)
    sys.set_int_max_str_digits(0)
    yield
    sys.setrecursionlimit(recursion)
    sys.set_int_max_str_digits(digits)


@pytest.mark.usefixtures("unlimited_interpreter")
@pytest.mark.parametrize("bomb", ["[" * 100_000, '{"a":' * 50_000, "[" * 100_000 + "]" * 100_000, '[{"":' * 40_000])
def test_a_depth_bomb_is_refused_before_parsing(bomb: str) -> None:
    assert "deep" in refusal(bomb).message


@pytest.mark.usefixtures("unlimited_interpreter")
def test_a_huge_integer_is_never_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    converted: list[str] = []

    class Spy(int):
        def __new__(cls, literal: str) -> "Spy":
            converted.append(literal)
            return super().__new__(cls, literal)

    monkeypatch.setattr("gatehold.digest.scan.int", Spy, raising=False)
    assert refusal('{"n":' + "9" * 200_000 + "}").field == "args_json.n"
    assert refusal('{"n":-' + "9" * 5_000 + "}").field == "args_json.n"
    assert converted == []
    assert parse_object('{"n":-9007199254740991}', "args_json") == {"n": -9007199254740991}
    assert converted == ["-9007199254740991"]


def test_an_unclosed_string_of_escaped_quotes_costs_linear_time() -> None:
    # Quadratic time would be hours here, which the suite's own timeout ends.
    unclosed = "[" + "[]," * 20 + '"' + '\\"' * 2_000_000
    assert "Unterminated string" in refusal(unclosed, max_bytes=8_000_000).message


def test_only_json_white_space_is_skipped() -> None:
    for space in "\u00a0\u2003\x0b\x0c\x1c":
        refusal(space + "{}")
        refusal("{}" + space)
