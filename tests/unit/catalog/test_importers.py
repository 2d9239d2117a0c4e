"""Definitions that others wrote, from files."""

import json
from pathlib import Path

import pytest

from gatehold.digest import digest
from gatehold.invalid import InvalidInput
from gatehold.tool_definition import tool_definition_digest
from pdp.catalog.importers.mcp_tools import import_mcp_tools
from pdp.catalog.importers.openai_functions import import_openai_functions
from pdp.catalog.importers.openapi import import_openapi
from pdp.catalog.load import load_catalog
from pdp.catalog.model import Classification
from pdp.catalog.write import catalog_text
from pdp.documents import DocumentError

PARCELS = Path(__file__).parents[2] / "cases/catalog/parcels.openapi.yaml"
AIRLINE = Path(__file__).parents[4] / "shared/data/tau-bench-airline/tools.json"


def tool(name="pay", **fields):
    return {"name": name, "inputSchema": {"type": "object"}, **fields}


def mcp(*tools, **options):
    return import_mcp_tools(json.dumps(tools), "acme", **options)


@pytest.mark.parametrize(
    ("annotations", "risk_level", "access"),
    [
        (None, "HIGH", "write"),
        ({}, "HIGH", "write"),
        ({"readOnlyHint": True}, "LOW", "read"),
        ({"readOnlyHint": True, "destructiveHint": False}, "LOW", "read"),
        ({"readOnlyHint": True, "destructiveHint": True}, "HIGH", "write"),
        ({"readOnlyHint": False}, "HIGH", "write"),
        ({"destructiveHint": False}, "MEDIUM", "write"),
        ({"readOnlyHint": False, "destructiveHint": False}, "MEDIUM", "write"),
        ({"destructiveHint": True}, "HIGH", "write"),
        ({"idempotentHint": True, "destructiveHint": False}, "MEDIUM", "write"),
        ({"readOnlyHint": "true"}, "HIGH", "write"),
        ({"readOnlyHint": 1}, "HIGH", "write"),
        ({"readOnlyHint": "no", "destructiveHint": False}, "HIGH", "write"),
        ("readOnlyHint", "HIGH", "write"),
    ],
)
def test_hints_suggest_the_risk_and_what_they_do_not_say_is_high(annotations, risk_level, access):
    (entry,) = mcp(tool(annotations=annotations)).entries
    assert (entry.risk_level, entry.access, entry.idempotent) == (risk_level, access, False)
    assert entry.classification == Classification()


def test_hints_that_contradict_each_other_are_told():
    imported = mcp(tool(annotations={"readOnlyHint": True, "destructiveHint": True}))
    assert imported.warnings == ("pay: says that it only reads and that it destroys; taken as HIGH",)


def test_an_entry_is_pinned_to_what_a_model_reads_of_the_tool():
    definition = tool(description="Pay.", annotations={"readOnlyHint": False}, title="x", _meta={"y": 1})
    (entry,) = mcp(definition).entries
    covered = {key: definition[key] for key in ("name", "description", "inputSchema", "annotations")}
    assert entry.definition_digest == digest(covered) == tool_definition_digest({**covered, "icons": None})
    assert tool_definition_digest(tool(description=None)) == tool_definition_digest(tool())
    changed = [{**definition, key: value} for key, value in
               [("name", "x"), ("description", "x"), ("inputSchema", {}), ("annotations", {})]]  # fmt: skip
    assert len({entry.definition_digest, *map(tool_definition_digest, changed)}) == 5
    assert mcp(definition, pin=False).entries[0].definition_digest is None


def test_the_schema_and_the_secrets_in_it_come_along():
    card = {"type": "object", "properties": {"Card-Number": {}, "holder": {}}}
    properties = {"cards": {"items": {"$ref": "#/$defs/card"}}, "pin code": {"writeOnly": True}, "me": {"$ref": "#"}}
    schema = {"type": "object", "properties": properties, "$defs": {"card": card}}
    (entry,) = mcp(tool(inputSchema=schema)).entries
    assert entry.args_schema == schema
    assert {'["pin code"]', "cards[*].Card-Number", 'me["pin code"]'} <= set(entry.sensitive_args)
    assert "holder" not in str(entry.sensitive_args)


@pytest.mark.parametrize(
    ("definition", "warning"),
    [
        (tool("pay/now"), "pay/now: left out: verb: must be provider:tool"),
        (tool("päy"), "päy: left out: verb: must be"),
        (tool("x" * 129), "left out: verb: must be"),
        (tool("pay:now"), "pay:now: left out: verb: must be"),
        (tool(""), ": left out: verb: must be"),
        (tool(7), "7: left out: the name is not a string"),
        (tool("a\x1b[2J\u202e"), "a\\u{001B}[2J\\u{202E}: left out"),
        (tool(inputSchema={"$ref": "https://example.com/x"}), "pay: left out: acme:pay: not a usable"),
        (tool(inputSchema={"pattern": "(?!x)"}), "pay: left out: acme:pay: not a usable"),
        (tool(inputSchema=[]), "pay: left out: args_schema: Input should be a valid dictionary"),
        (tool(description="x" * 20_000), "pay: left out: description: String should have at most"),
        (tool(description=["x"]), "pay: left out: description: Input should be a valid string"),
        ("pay", "tools[0]: left out: not an object"),
    ],
)
def test_what_can_not_be_an_entry_is_left_out_with_a_warning(definition, warning):
    imported = mcp(definition, tool("fine"))
    assert [entry.verb for entry in imported.entries] == ["acme:fine"]
    assert len(imported.warnings) == 1
    assert warning in imported.warnings[0]


def test_tools_that_share_a_name_are_all_left_out():
    imported = mcp(tool(annotations={"readOnlyHint": True}), tool(), tool("fine"))
    assert [entry.verb for entry in imported.entries] == ["acme:fine"]
    assert imported.warnings == ("pay: left out: 2 tools have this name",)
    # Also where one of the two could not be an entry by itself.
    assert mcp(tool(annotations={"readOnlyHint": True}), tool(inputSchema=[])).entries == ()


def test_a_list_may_stand_in_its_response():
    listed = {"tools": [tool()], "nextCursor": "more"}
    for value in (listed, {"jsonrpc": "2.0", "id": 1, "result": listed}):
        imported = import_mcp_tools(json.dumps(value), "acme")
        assert len(imported.entries) == 1
        assert "later pages" in imported.warnings[0]


@pytest.mark.parametrize("importer", [import_mcp_tools, import_openai_functions, import_openapi])
def test_text_that_is_no_list_of_definitions_is_refused(importer):
    for text in (
        "",
        "7",
        "{}",
        '{"tools": {}}',
        '{"openapi": 3.1}',
        '{"openapi": "2.0"}',
        '[{"name": "a", "name": "b"}]',
    ):
        with pytest.raises(DocumentError):
            importer(text, "acme")
    with pytest.raises(InvalidInput, match="provider"):
        importer("[]", "Acme")


def test_functions_in_every_form_are_high_and_not_pinned():
    forms = [{"type": "function", "function": {"name": "a", "description": "A.", "parameters": {"type": "object"}}},
             {"type": "function", "name": "b", "parameters": None}, {"name": "c"}, {"type": "web_search"}, 7,
             {"function": 7}]  # fmt: skip
    for value in (forms, {"tools": forms}, {"functions": forms}):
        imported = import_openai_functions(json.dumps(value), "acme")
        assert [
            (entry.verb, entry.risk_level, entry.access, entry.definition_digest) for entry in imported.entries
        ] == [(f"acme:{name}", "HIGH", "write", None) for name in "abc"]
        assert [warning.partition(":")[0] for warning in imported.warnings] == ["[3]", "[4]", "[5]"]
    assert imported.entries[2].compiled().schema_error({"x": 1})
    assert imported.entries[2].compiled().schema_error({}) is None


@pytest.mark.skipif(not AIRLINE.exists(), reason=f"{AIRLINE} is not on this machine")
def test_the_airline_agents_tools():
    imported = import_openai_functions(AIRLINE.read_text(), "airline")
    assert (len(imported.entries), imported.warnings) == (14, ())
    assert {entry.risk_level for entry in imported.entries} == {"HIGH"}
    assert load_catalog([("airline.yaml", catalog_text(imported.entries))]).entries == imported.entries


def test_operations_of_an_openapi_description():
    imported = import_openapi(PARCELS.read_text(), "parcels", source=PARCELS.name)
    found = {entry.verb: entry for entry in imported.entries}
    assert {verb: (entry.risk_level, entry.access) for verb, entry in found.items()} == {
        "parcels:getParcel": ("MEDIUM", "read"),
        "parcels:delete_parcel": ("HIGH", "write"),
        "parcels:patch_parcels_id": ("HIGH", "write"),
        "parcels:login": ("HIGH", "write"),
    }
    warnings = dict(warning.split(": ", 1) for warning in imported.warnings)
    assert warnings["delete parcel!"] == "is called delete_parcel in the catalog"
    assert warnings["same_name"] == "left out: 2 tools have this name"
    assert warnings["/elsewhere"] == "left out: its operations are not in this file"
    assert warnings["get /clash"] == "left out: two of its arguments are called id"
    assert "references to a place within the schema" in warnings["outside"]
    assert found["parcels:login"].sensitive_args == ("api_key", "body.password", "body.answers[*].a")
    assert "Unused" not in json.dumps(found["parcels:patch_parcels_id"].args_schema)


@pytest.mark.parametrize(
    ("tool_name", "args", "fits"),
    [
        ("getParcel", {"id": "7"}, True),
        ("getParcel", {"id": "7", "Trace": None}, True),
        ("getParcel", {"id": "7", "Trace": 1}, False),
        ("getParcel", {}, False),
        ("getParcel", {"id": "7", "other": 1}, False),
        ("patch_parcels_id", {"id": "7", "body": {"weight": 1, "state": None, "inside": [{"weight": 2}]}}, True),
        ("patch_parcels_id", {"id": "7", "body": {"weight": 1, "inside": [{}]}}, False),
        ("patch_parcels_id", {"id": "7", "body": {"weight": 1, "sender": {"name": 1}}}, False),
        ("patch_parcels_id", {"id": "7"}, False),
        ("login", {"Trace": 0}, False),
        ("login", {"Trace": 1}, True),
    ],
)
def test_arguments_of_an_operation(tool_name, args, fits):
    imported = import_openapi(PARCELS.read_text(), "parcels", source=PARCELS.name)
    (entry,) = [entry for entry in imported.entries if entry.verb == f"parcels:{tool_name}"]
    assert (entry.compiled().schema_error(args) is None) == fits


def test_openapi_3_1_schemas_are_read_as_json_schema():
    operation = {
        "parameters": [{"name": "n", "in": "query", "schema": {"type": ["integer", "null"], "exclusiveMinimum": 0}}]
    }
    text = json.dumps({"openapi": "3.1.0", "paths": {"/x": {"get": operation}}})
    check = import_openapi(text, "acme").entries[0].compiled().schema_error
    assert [check({"n": value}) is None for value in (1, None, 0)] == [True, True, False]
