"""Argument schemas: what they refuse, and what they can not do to the process that checks them."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pdp.catalog.catalog import Catalog
from pdp.catalog.model import CatalogEntry
from pdp.catalog.schema import compile_schema
from pdp.catalog.unfolding import unfolded_size

CARD = {
    "type": "object",
    "properties": {"amount": {"type": "integer", "maximum": 500}, "card": {"$ref": "#/$defs/card"}},
    "required": ["amount"],
    "additionalProperties": False,
    "$defs": {"card": {"properties": {"number": {"type": "string", "pattern": "^[0-9]{16}$"}}}},
}


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"amount": 500}, None),
        ({"amount": 501}, "args.amount: the value is greater than the maximum of 500"),
        ({"amount": "5"}, 'args.amount: the value is not of type "integer"'),
        ({"amount": True}, 'args.amount: the value is not of type "integer"'),
        ({}, 'args: "amount" is a required property'),
        ({"amount": 1, "card": {"number": "4242 secret"}}, 'args.card.number: the value does not match "^[0-9]{16}$"'),
        ({"amount": 1, "\x1b[2J": 1}, "args: Additional properties are not allowed ('\\u{001B}[2J' was unexpected)"),
        ({"amount": {1}}, "the arguments could not be checked (ValueError)"),
    ],
)
def test_the_first_thing_wrong_is_a_sentence_without_the_value(args, sentence):
    entry = Catalog.of([CatalogEntry(verb="a:b", args_schema=CARD)]).get("a:b")
    assert entry.schema_error(args) == sentence


def test_without_a_schema_nothing_is_wrong():
    assert Catalog.of([CatalogEntry(verb="a:b")]).get("a:b").schema_error({"anything": 1}) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "money"},
        {"minLength": "x"},
        {"$ref": "#/$defs/gone"},
        {"$ref": "other.json"},
        {"$ref": "#anchor"},
        {"$ref": "file:///etc/passwd"},
        {"$dynamicAnchor": "x", "properties": {"a": {"$dynamicRef": "#x"}}},
        {"$schema": "https://example.com/own"},
        {"properties": {"a": {"$id": "https://example.com/nested"}}},
        {"pattern": "(?=a)b"},
        {"pattern": "(a)\\1"},
        {"pattern": "(x{1000}){1000}"},
        {"$ref": "#"},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"anyOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"},
        {"description": "x" * 300_000},
    ],
)
def test_a_schema_that_can_not_be_used_is_refused_at_load_and_names_the_verb(schema):
    with pytest.raises(ValueError, match=r"acme:pay: not a usable JSON Schema: "):
        CatalogEntry(verb="acme:pay", args_schema=schema)


def test_nothing_is_fetched():
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/schema"
        try:
            for schema in (
                {"$ref": url},
                {"$schema": url},
                {"$id": url, "$ref": "x"},
                {"properties": {"a": {"$ref": url}}},
            ):
                with pytest.raises(ValueError):
                    compile_schema(schema)
        finally:
            server.shutdown()
            thread.join()
    assert asked == []


def test_a_pattern_that_backtracks_without_end_elsewhere_gives_an_answer():
    check = compile_schema({"properties": {"a": {"pattern": "^(a+)+$"}}})
    # A backtracking engine gives up here, and says so instead.
    assert check({"a": "a" * 100_000 + "!"}) == 'args.a: the value does not match "^(a+)+$"'


def _doubling(keyword, levels):
    defs = {f"d{n}": {keyword: [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]} for n in range(levels)}
    return {"$defs": {**defs, f"d{levels}": {"type": "integer"}}, "properties": {"a": {"$ref": "#/$defs/d0"}}}


@pytest.mark.parametrize("keyword", ["anyOf", "allOf", "oneOf"])
def test_alternatives_that_double_at_every_step_are_refused(keyword):
    assert compile_schema(_doubling(keyword, 8))({"a": "x"})
    with pytest.raises(ValueError, match="unfold to more than 10000 steps"):
        compile_schema(_doubling(keyword, 40))


def test_alternatives_that_double_with_the_depth_of_the_arguments_are_refused():
    again = {"properties": {"a": {"$ref": "#"}}}
    with pytest.raises(ValueError, match="unfold to more than"):
        compile_schema({"anyOf": [again, again]})


def test_a_chain_of_references_too_long_for_the_stack_is_refused():
    defs = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(5_000)}
    with pytest.raises(ValueError, match="nested too deep"):
        compile_schema({"$defs": {**defs, "d5000": {}}, "$ref": "#/$defs/d0"})


def test_a_tree_may_refer_to_itself():
    tree = {"properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#"}}}}
    check = compile_schema(tree)
    assert check({"children": [{"children": [{"name": "leaf"}]}]}) is None
    assert check({"children": [{"children": [{"name": 7}]}]}).startswith("args.children[0].children[0].name:")
    assert unfolded_size(tree, 10_000) < 100


def test_references_are_pointers_with_escapes():
    check = compile_schema(
        {"$defs": {"a/b ~": {"type": "integer"}}, "properties": {"x": {"$ref": "#/$defs/a~1b%20~0"}}}
    )
    assert check({"x": 1}) is None
    assert check({"x": "1"})


def test_what_has_one_digest_has_one_answer():
    check = compile_schema(
        {"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"n": {"type": "integer"}}}
    )
    assert [check({"n": number}) for number in (1, 1.0, -0.0)] == [None] * 3
    assert check({"n": 1.5})
    two_faults = compile_schema({"properties": {"a": {"type": "null"}, "b": {"type": "null"}}})
    assert two_faults({"a": 1, "b": 2}) == two_faults({"b": 2.0, "a": 1.0})
