"""The catalog that comes with the product."""

from importlib.resources import files

import pytest
import yaml

from gatehold.vocabulary import Access, RiskLevel
from pdp.catalog.catalog import shipped
from pdp.catalog.model import DIMENSIONS

FILES = [file for file in (files("pdp.catalog") / "shipped").iterdir() if file.name.endswith(".yaml")]
WRITTEN = [entry for file in FILES for entry in yaml.safe_load(file.read_text())["entries"]]


def test_it_covers_common_tools():
    assert len(shipped().entries) == len(WRITTEN) >= 130
    assert len({entry.provider for entry in shipped().entries}) >= 14
    assert all(entry.shipped for entry in shipped().entries)


@pytest.mark.parametrize("entry", WRITTEN, ids=lambda entry: entry["verb"])
def test_everything_that_matters_is_said_and_not_assumed(entry):
    assert {"risk_level", "access", "bundle", "description"} <= entry.keys()
    assert set(entry["classification"]) == set(DIMENSIONS)
    assert entry["description"].endswith(".")


def test_no_two_files_speak_of_one_provider():
    owners = {}
    for file in FILES:
        for entry in yaml.safe_load(file.read_text())["entries"]:
            assert owners.setdefault(entry["verb"].partition(":")[0], file.name) == file.name


def test_every_provider_has_a_read_that_needs_no_configuration():
    catalog = shipped()
    free = {
        entry.provider
        for entry in catalog.entries
        if entry.risk_level is RiskLevel.LOW and entry.access is Access.READ and not catalog.bundle_default(entry)
    }
    assert free == {entry.provider for entry in catalog.entries}


def test_nothing_that_writes_is_low():
    assert not [entry.verb for entry in shipped().entries if entry.risk_level == "LOW" and entry.access != "read"]


def test_what_is_not_hardened_or_gated_has_no_default_that_loosens_it():
    assert {bundle.default_permission for bundle in shipped().bundles.values()} == {None, "approval"}


@pytest.mark.parametrize(
    ("verb", "risk_level", "access", "hardened"),
    [
        ("stripe:create_refund", "HIGH", "write", False),
        ("stripe:list_customers", "LOW", "read", False),
        ("shopify:cancel_order", "MEDIUM", "write", False),
        ("email:send_email_to_human", "HIGH", "write", True),
        ("github:list_issues", "LOW", "read", False),
        ("github:merge_pull_request", "HIGH", "write", False),
        ("filesystem:read_text_file", "LOW", "read", False),
        ("shell:execute_command", "HIGH", "write", False),
        ("postgres:query", "MEDIUM", "read", False),
        ("http:get", "MEDIUM", "read", False),
        ("browser:browser_navigate", "MEDIUM", "write", False),
    ],
)
def test_verbs_that_policies_and_documentation_count_on(verb, risk_level, access, hardened):
    entry = shipped().get(verb)
    assert (entry.risk_level, entry.access, entry.hardened) == (risk_level, access, hardened)


@pytest.mark.parametrize(
    "verb",
    [
        "cards:create_card",
        "cards:get_card_details",
        "company:create_company",
        "domains:register_domain",
        "vercel:buy_domain",
        "composio:COMPOSIO_MANAGE_CONNECTIONS",
        "signup:create_account",
    ],
)
def test_what_binds_or_spends_asks_a_person_by_default(verb):
    assert shipped().bundle_default(shipped().get(verb)) == "approval"


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("http:post", "headers"),
        ("cards:pay_with_card", "card.number"),
        ("browser:browser_fill_form", "fields[*].value"),
        ("signup:create_account", "password"),
        ("domains:transfer_domain", "auth_code"),
    ],
)
def test_secrets_are_marked(verb, path):
    assert path in shipped().get(verb).sensitive_args


def test_it_is_made_once():
    assert shipped() is shipped()
