"""What holds for every text and every value."""

import json
import math

import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatehold.digest import MAX_NUMBER, canonical, parse_value
from gatehold.invalid import InvalidInput

texts = st.text(st.characters(codec="utf-8"), max_size=12)
numbers = st.integers(-MAX_NUMBER, MAX_NUMBER) | st.floats(-MAX_NUMBER, MAX_NUMBER, allow_nan=False)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5), max_leaves=20
)
# Near misses: JSON's own characters, in any order.
pieces = (
    r"""{ } [ ] , : " \ \u d800 dc00 "a" "b" 1 - 0 .5 e9 e999 true null NaN -Infinity {"a": [[ 99999999999999999 é"""
)
fragments = st.lists(st.sampled_from([*pieces.split(), " ", "\n", "\ufeff", "\x00"]), max_size=25).map("".join)


@given(values)
@settings(max_examples=500)
def test_the_quick_encoder_writes_what_the_reference_writes(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=1000)
@example(1e-4)
@example(math.nextafter(1e-4, 0))
@example(math.nextafter(1e16, 0))
def test_every_double_is_written_as_the_reference_writes_it(number: float) -> None:
    assert canonical([number]) == rfc8785.dumps([number])


@given(values, st.booleans())
def test_canonical_form_is_a_fixed_point(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=1)
    parsed = parse_value(text, "value")
    assert parsed == value
    assert canonical(parsed) == canonical(parse_value(canonical(parsed), "value")) == canonical(value)


@given(fragments)
@settings(max_examples=1000)
def test_what_is_accepted_means_what_the_standard_parser_reads(text: str) -> None:
    try:
        parsed = parse_value(text, "value")
    except InvalidInput:
        return
    assert parsed == json.loads(text)
    assert parse_value(canonical(parsed), "value") == parsed


@given(st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-16", "surrogatepass")))
def test_bytes_are_parsed_or_refused(data: bytes) -> None:
    try:
        parsed = parse_value(data, "value")
    except InvalidInput:
        return
    assert parsed == json.loads(data.decode())


@given(st.integers(0, 40), st.sampled_from(["[", '{"a":']))
def test_depth_is_counted_exactly(depth: int, opening: str) -> None:
    text = opening * depth + "1" + ("]" if opening == "[" else "}") * depth
    try:
        parse_value(text, "value")
        accepted = True
    except InvalidInput:
        accepted = False
    assert accepted == (depth <= 16)
