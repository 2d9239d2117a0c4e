"""Looking verbs up, and a tenant's own entries over the shipped ones."""

import pytest

from gatehold.invalid import InvalidInput
from pdp.catalog.catalog import Catalog, shipped
from pdp.catalog.model import Bundle, CatalogEntry


def entry(verb, **fields):
    return CatalogEntry.model_validate({"verb": verb, **fields})


def test_a_verb_is_found_exactly_or_not_at_all():
    catalog = Catalog.of([entry("acme:Pay")])
    assert (catalog.get("acme:Pay").provider, catalog.get("acme:Pay").tool) == ("acme", "Pay")
    for other in ("acme:pay", "acme:Pay ", "acme", "", "acme:*"):
        assert catalog.get(other) is None


def test_entries_are_in_order():
    catalog = Catalog.of([entry("b:x"), entry("a:z"), entry("a:Z")])
    assert [each.verb for each in catalog.entries] == ["a:Z", "a:z", "b:x"]


def test_own_entries_replace_shipped_ones_and_leave_the_rest():
    own = [entry("stripe:create_refund", risk_level="MEDIUM"), entry("acme:pay")]
    catalog = shipped().overlay(own)
    assert catalog.get("stripe:create_refund").risk_level == "MEDIUM"
    assert not catalog.get("stripe:create_refund").shipped
    # Replaced whole: nothing of the shipped entry shines through where the own one is silent.
    assert catalog.get("stripe:create_refund").bundle == ""
    assert catalog.get("stripe:list_customers") is shipped().get("stripe:list_customers")
    assert len(catalog.entries) == len(shipped().entries) + 1
    assert shipped().get("stripe:create_refund").risk_level == "HIGH"
    assert shipped().get("acme:pay") is None


def test_own_bundles_replace_shipped_ones_for_shipped_entries_too():
    catalog = shipped().overlay([], [Bundle(name="card-issuing", default_permission="off")])
    assert catalog.bundle_default(catalog.get("cards:create_card")) == "off"


def test_own_entries_may_be_in_shipped_bundles():
    catalog = shipped().overlay([entry("acme:new_card", bundle="card-issuing")])
    assert catalog.bundle_default(catalog.get("acme:new_card")) == "approval"


def test_no_bundle_and_a_silent_bundle_leave_it_to_the_risk():
    catalog = Catalog.of([entry("a:b"), entry("a:c", bundle="x")], [Bundle(name="x")])
    assert [catalog.bundle_default(each) for each in catalog.entries] == [None, None]


@pytest.mark.parametrize(
    ("entries", "bundles", "field"),
    [
        ([entry("a:b"), entry("a:b")], [], "entries[1].verb"),
        ([entry("a:b")], [Bundle(name="x"), Bundle(name="x")], "bundles[1].name"),
        ([entry("a:b"), entry("a:c", bundle="nowhere")], [], "entries[1].bundle"),
    ],
)
def test_what_does_not_fit_together_is_refused(entries, bundles, field):
    with pytest.raises(InvalidInput) as refused:
        Catalog.of(entries, bundles)
    assert refused.value.field == field


def test_a_catalog_can_not_be_changed():
    catalog = Catalog.of([entry("a:b")])
    for attempt in (
        lambda: setattr(catalog, "entries", ()),
        lambda: setattr(catalog.get("a:b"), "risk_level", "LOW"),
        lambda: catalog.bundles.update({}),
        lambda: catalog.get("a:b").classification.update({}),
    ):
        with pytest.raises((AttributeError, TypeError)):
            attempt()


def test_catalogs_of_the_same_content_are_equal():
    assert Catalog.of([entry("a:b", args_schema={})]) == Catalog.of([entry("a:b", args_schema={})])
    assert Catalog.of([entry("a:b")]) != Catalog.of([entry("a:b", hardened=True)])
