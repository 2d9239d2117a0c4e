"""Spools as they become known."""

from dataclasses import replace

import pytest

from gatehold import chain
from pdp.store.interface import Spool, SpoolOpening, Store
from tests.contract.store_suite.chains import entries, take

OPENING = SpoolOpening("acme", "s-2", "sidecar", "dev", predecessor_id="s-1", predecessor_last_sequence=7)


def test_a_new_spool_is_empty(store: Store) -> None:
    expected = Spool("acme", "s-2", "sidecar", "dev", "s-1", 7, 0, chain.FIRST, 0)
    assert store.open_spool(OPENING) == expected == store.spool("acme", "s-2")
    assert store.spool("acme", "s-1") is None


def test_opening_again_returns_what_is_stored(store: Store) -> None:
    store.open_spool(OPENING)
    store.append(take(2, entries("s-2")))
    assert store.open_spool(OPENING).committed_sequence == 2


def test_a_predecessor_is_set_once(store: Store) -> None:
    store.report_spool("acme", "s-2", "sidecar", "dev", 3)
    opened = store.open_spool(OPENING)
    assert (opened.predecessor_id, opened.predecessor_last_sequence, opened.reported_sequence) == ("s-1", 7, 3)
    again = store.open_spool(replace(OPENING, predecessor_id="s-0", predecessor_last_sequence=9))
    assert again == opened == store.open_spool(replace(OPENING, predecessor_id=None, predecessor_last_sequence=0))


@pytest.mark.parametrize("theirs", [replace(OPENING, sidecar="other"), replace(OPENING, agent="other")])
def test_a_spool_is_left_to_its_writer(store: Store, theirs: SpoolOpening) -> None:
    mine = store.open_spool(replace(OPENING, predecessor_id=None, predecessor_last_sequence=0))
    assert store.open_spool(theirs) == mine
    assert store.report_spool("acme", "s-2", theirs.sidecar, theirs.agent, 9) == mine
    assert store.spool("acme", "s-2") == mine


def test_what_was_reported_is_never_lowered(store: Store) -> None:
    assert store.report_spool("acme", "s-2", "sidecar", "dev", 5).reported_sequence == 5
    assert store.report_spool("acme", "s-2", "sidecar", "dev", 4).reported_sequence == 5
    assert store.report_spool("acme", "s-2", "sidecar", "dev", 6).reported_sequence == 6


def test_the_latest_is_the_one_that_became_known_last(store: Store) -> None:
    for spool_id in ("s-9", "s-5", "s-7"):
        store.open_spool(SpoolOpening("acme", spool_id, "sidecar", "dev"))
    store.open_spool(SpoolOpening("acme", "s-8", "sidecar", "ops"))
    store.open_spool(SpoolOpening("acme", "s-6", "other", "dev"))
    latest = store.latest_spool("acme", "sidecar", "dev")
    assert latest is not None
    assert latest.spool_id == "s-7"
    assert store.latest_spool("acme", "sidecar", "nobody") is None


def test_behind_is_what_has_more_reported_than_stored(store: Store) -> None:
    for spool_id, reported in (("s-1", 3), ("s-2", 2), ("s-3", 1)):
        store.report_spool("acme", spool_id, "sidecar", "dev", reported)
        store.append(take(2, entries(spool_id)))
    assert [spool.spool_id for spool in store.behind_spools("acme")] == ["s-1"]
