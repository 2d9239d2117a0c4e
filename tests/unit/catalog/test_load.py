"""Catalog files: what loads, and how what does not load is told."""

from pathlib import Path

import pytest
import yaml

from gatehold.vocabulary import Access, RiskLevel
from pdp.catalog.load import load_catalog
from pdp.catalog.model import DIMENSIONS, CatalogEntry
from pdp.catalog.write import catalog_text
from pdp.documents import InvalidDocuments

REFUSED = yaml.safe_load((Path(__file__).parents[2] / "cases/catalog/refused.yaml").read_text())


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_a_refusal_names_file_line_and_field(case):
    with pytest.raises(InvalidDocuments) as refused:
        load_catalog([(case["source"], case["text"])])
    assert [str(error) for error in refused.value.errors] == case["errors"]


def test_what_a_file_does_not_say_is_the_worst():
    (entry,) = load_catalog([("a.yaml", "verb: acme:pay")]).entries
    assert (entry.risk_level, entry.access, entry.bundle) == (RiskLevel.HIGH, Access.WRITE, None)
    assert (entry.hardened, entry.idempotent, entry.definition_digest) == (False, False, None)
    assert entry.classification.model_dump() == {
        "trust_tier": "public_protocol",
        "data_sensitivity": "regulated",
        "export_boundary": "public_network",
        "consent_requirement": "case_by_case",
        "retention_class": "user_content",
        "scope": "platform",
        "audience": "internal_only",
    }


SNAKE = "{verb: a:b, risk_level: LOW, sensitive_args: [x], classification: {trust_tier: native}}"
CAMEL = '{"verb": "a:b", "riskLevel": "LOW", "sensitiveArgs": ["x"], "classification": {"trustTier": "native"}}'


def test_keys_load_in_either_spelling_and_are_written_in_one():
    (snake,) = load_catalog([("a.yaml", SNAKE)]).entries
    (camel,) = load_catalog([("a.json", CAMEL)]).entries
    assert snake == camel
    document = snake.to_document()
    assert list(document) == list(CatalogEntry.model_fields)
    assert list(document["classification"]) == list(DIMENSIONS)


def test_files_make_one_catalog():
    bundles = ("a.yaml", "bundles: [{name: payments, defaultPermission: off}]")
    loaded = load_catalog(
        [("b.yaml", "{verb: acme:pay, bundle: payments}"), bundles, ("c.json", '[{"verb": "acme:x"}]')]
    )
    assert [entry.verb for entry in loaded.entries] == ["acme:pay", "acme:x"]
    assert loaded.bundles[0].default_permission == "off"


def test_a_verb_in_two_files_is_refused():
    with pytest.raises(InvalidDocuments, match=r"b\.yaml:1: verb: acme:pay is given twice, first in a\.yaml:1"):
        load_catalog([("a.yaml", "verb: acme:pay"), ("b.yaml", "verb: acme:pay")])


def test_a_bundle_may_be_known_already():
    assert load_catalog([("a.yaml", "{verb: acme:pay, bundle: cards}")], known_bundles={"cards"}).entries


AWKWARD = [
    "off",
    "null",
    "1e3",
    "012",
    "2026-01-01",
    "a: b",
    "# no",
    "é\u202e\x85\x1b[2J",
    "line\nline",
    " x ",
    "😀",
    "'\"\\",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_what_is_written_loads_back_the_same(text):
    schema = {"type": "object", "properties": {text: {"const": text, "default": [1, 1.5e300, True, None]}}}
    entry = CatalogEntry.model_validate({"verb": "a:b", "description": text, "args_schema": schema})
    written = catalog_text([entry])
    assert written.isascii()
    assert load_catalog([("a.yaml", written)]).entries == (entry,)


def test_what_occurs_twice_is_written_twice():
    schema = {"type": "object"}
    entry = CatalogEntry.model_validate({"verb": "a:b", "args_schema": {"properties": {"x": schema, "y": schema}}})
    assert load_catalog([("a.yaml", catalog_text([entry]))]).entries == (entry,)
