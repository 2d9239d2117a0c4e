"""Text as values that know their lines, and the YAML and JSON that are not let in."""

import pytest

from pdp.documents import DocumentError, field_text, load_documents
from pdp.documents.lines import MAX_BYTES, MAX_DEPTH

REFUSED_YAML = {
    "an alias": ("a: &x [1]\nb: *x", "1: a: anchors and aliases"),
    "an anchor on a key": ("&k a: 1", "1: anchors and aliases"),
    "an unknown alias": ("- *nobody", "1: [0]: anchors and aliases"),
    "a tag": ("a:\n  b: !!python/object:os.system x", "2: a.b: tags are not"),
    "a key twice": ("a: 1\nb: 2\na: 3", "3: a: given twice, first on line 1"),
    "a key twice, quoted once": ('a: 1\n"a": 2', "2: a: given twice"),
    "a key that is a list": ("? [a]\n: 1", "1: a key must be plain text"),
    "a number past 2^53": ("a: 9007199254740993", "1: a: the number is too large"),
    "a number past all numbers": ("a: 1e999", "1: a: the number is too large"),
    "a number of 5,000 digits": (f"a: {'9' * 5000}", "1: a: the number is too large"),
    "half a surrogate pair": ('a:\n  "\\ud800"', "2: not YAML"),
    "a control character": ("a: 1\nb: \x07", "not YAML"),
    "an open bracket": ("a: [1\nb", "not YAML"),
    "a raw surrogate": ("a: 1\nb: \ud800", "2: holds half of a surrogate pair"),
}

REFUSED_JSON = {
    "nothing": ("", "1: not JSON"),
    "a byte order mark": ("\ufeff{}", "1: not JSON"),
    "a key twice": ('{"a": 1,\n "a": 2}', "2: a: given twice, first on line 1"),
    "NaN": ('{"a": NaN}', "1: a: not JSON"),
    "a number past all numbers": ('{"a": 1e999}', "1: a: the number is too large"),
    "a number past 2^53": ('{"a": -9007199254740992}', "1: a: the number is too large"),
    "a leading zero": ('{"a":\n01}', "2: not JSON"),
    "half a surrogate pair": ('["\\ud800"]', "1: [0]: holds half"),
    "a trailing comma": ("[1,]", "1: [1]: not JSON"),
    "two values": ("{} {}", "1: not JSON: text after the end"),
    "a comment": ("{} # x", "1: not JSON: text after the end"),
    "an unquoted key": ("{a: 1}", "1: not JSON: a key must be"),
    "a line break in a string": ('["a\nb"]', "1: not JSON"),
    "an unclosed string": ('["a', "1: not JSON"),
    "a missing colon": ('{"a" 1}', "1: a: not JSON: a colon"),
    "a missing comma": ("[1\n2]", "2: not JSON: a comma or ]"),
    "an unclosed array": ("[1", "1: not JSON: a comma or ]"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED_YAML.values(), ids=REFUSED_YAML.keys())
def test_yaml_that_is_refused(text, message):
    with pytest.raises(DocumentError) as refused:
        load_documents(text, "f.yaml")
    assert message in str(refused.value)


@pytest.mark.parametrize(("text", "message"), REFUSED_JSON.values(), ids=REFUSED_JSON.keys())
def test_json_that_is_refused(text, message):
    with pytest.raises(DocumentError) as refused:
        load_documents(text, "f.json")
    assert str(refused.value).startswith(f"f.json:{message}")


@pytest.mark.parametrize("source", ["f.yaml", "f.json"])
def test_depth_and_size_are_bounded(source):
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert load_documents(deepest, source)
    with pytest.raises(DocumentError, match="nested deeper than 64 levels"):
        load_documents(f"[{deepest}]", source)
    with pytest.raises(DocumentError, match="larger than"):
        load_documents('"' + "é" * (MAX_BYTES // 2) + '"', source)


STRINGS = [
    "no",
    "yes",
    "on",
    "off",
    "y",
    "n",
    "012",
    "0o7",
    "0x1f",
    "1:30",
    "1_000",
    "2026-01-01",
    ".inf",
    ".nan",
    ".5",
    "+1",
    "1.",
    "<<",
    "=",
    "True1",
]


@pytest.mark.parametrize("text", STRINGS)
def test_words_that_yaml_1_1_would_turn_into_something_else_are_strings(text):
    (document,) = load_documents(f"- {text}\n- '{text}'", "f.yaml")
    assert document.value == [text, text]


@pytest.mark.parametrize("text", ["true", "null", "1", "-0.5", "1e3", "~"])
def test_quoted_text_is_a_string(text):
    (document,) = load_documents(f"'{text}'", "f.yaml")
    assert document.value == text


def test_the_two_formats_agree():
    text = '{"a": [1, -2.5, 1e3, true, null, "\\u00e9\\n"], "b": {"": {}}}'
    (from_yaml,), (from_json,) = load_documents(text, "f.yaml"), load_documents(text, "f.json")
    assert from_yaml.value == from_json.value == {"a": [1, -2.5, 1000.0, True, None, "é\n"], "b": {"": {}}}
    assert [type(item) for item in from_yaml.value["a"]] == [int, float, float, bool, type(None), str]


def test_lines_of_a_path_and_of_its_nearest_ancestor():
    text = "# first\n- a: 1\n  b:\n    - x\n    - y:\n        z\n"
    (document,) = load_documents(text, "f.yaml")
    paths = [(), (0, "a"), (0, "b"), (0, "b", 1), (0, "b", 1, "y"), (0, "b", 1, "y", "gone"), (0, "b", 9)]
    assert [document.line_of(path) for path in paths] == [2, 2, 3, 5, 5, 5, 3]
    (document,) = load_documents('{"a":\n [1,\n {"b": "line"}]}', "f.json")
    assert [document.line_of(path) for path in [("a",), ("a", 0), ("a", 1, "b")]] == [1, 2, 3]


def test_a_stream_holds_several_documents_and_no_empty_ones():
    documents = load_documents("---\n# nothing\n---\na: 1\n---\n- b\n", "f.yaml")
    assert [(document.value, document.line_of(())) for document in documents] == [({"a": 1}, 4), (["b"], 6)]


def test_a_path_is_written_so_that_no_key_can_forge_another():
    assert field_text(("a", 0, "b_c", "d.e", 'f"]')) == 'a[0].b_c["d.e"]["f\\"]"]'
    assert "\x1b" not in field_text(("\x1b[2J",))
