"""Heads, revisions and their documents."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pdp.store.interface import (
    FIRST_REVISION,
    ChangePending,
    Head,
    NewRevision,
    NoSuchRevision,
    NoSuchTenant,
    NotContiguous,
    NotPrepared,
    ObjectChange,
    Prepared,
    RecordFilter,
    RequestIdReused,
    SpoolOpening,
    StaleRevision,
    Store,
)
from pdp.store.opening import open_store
from tests.contract.store_suite.chains import entries, entry, take

CHANGE = NewRevision(
    tenant="acme",
    request_id="r-1",
    request_digest="d-1",
    policies='[{"id":"gate"}]',
    catalog="[]",
    agents="[]",
    actor="alice",
    reason="refunds",
    changes=(ObjectChange("policy/gate", "", '{"id":"gate"}'),),
)
SECOND = FIRST_REVISION + 1


def flip(store: Store, new: NewRevision) -> int:
    prepared = store.prepare(new, None)
    store.flip(new.tenant, prepared.revision, [])
    return prepared.revision


def test_a_tenant_starts_at_the_first_revision(store: Store) -> None:
    head = store.head("acme")
    assert head == Head("acme", head.epoch, revision=FIRST_REVISION, prepared=None)
    assert store.configuration("acme", FIRST_REVISION).policies == "[]"


def test_no_two_stores_count_in_the_same_epoch(store: Store, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path}/other.db")
    theirs = other.create_tenant("acme", policies="[]", catalog="{}", agents="[]")
    other.close()
    mine = store.head("acme")
    assert 0 < mine.epoch < 2**63 and 0 < theirs.epoch < 2**63
    assert mine.revision == theirs.revision and mine.epoch != theirs.epoch
    flip(store, CHANGE)
    assert {store.configuration("acme", revision).epoch for revision in (FIRST_REVISION, SECOND)} == {mine.epoch}


def test_making_a_tenant_again_changes_nothing(store: Store) -> None:
    epoch = store.head("acme").epoch
    flip(store, CHANGE)
    head = store.create_tenant("acme", policies="other", catalog="other", agents="other")
    assert head == store.head("acme") == Head("acme", epoch, SECOND, None)
    assert store.configuration("acme", SECOND).policies == CHANGE.policies


def test_heads_are_listed_by_name(store: Store) -> None:
    assert [head.tenant for head in store.heads()] == ["acme", "globex"]


def test_what_is_not_there_is_said_so(store: Store) -> None:
    with pytest.raises(NoSuchTenant):
        store.head("initech")
    with pytest.raises(NoSuchTenant):
        store.prepare(replace(CHANGE, tenant="initech"), None)
    with pytest.raises(NoSuchRevision):
        store.configuration("acme", SECOND)
    with pytest.raises(NoSuchRevision):
        store.revision("acme", SECOND)


def test_a_prepared_revision_is_not_in_force_until_it_flips(store: Store) -> None:
    assert store.prepare(CHANGE, FIRST_REVISION) == Prepared(SECOND, replayed=False)
    head = store.head("acme")
    assert (head.revision, head.prepared) == (FIRST_REVISION, SECOND)
    store.flip("acme", SECOND, [])
    assert store.head("acme") == Head("acme", head.epoch, SECOND, prepared=None)


def test_a_prepared_revision_outlives_a_restart(url: str, store: Store) -> None:
    store.prepare(CHANGE, None)
    store.close()
    again = open_store(url)
    assert again.head("acme").prepared == SECOND
    assert again.revision("acme", SECOND).changes == CHANGE.changes
    again.flip("acme", SECOND, [])
    assert again.head("acme").revision == SECOND
    again.close()


def test_one_change_at_a_time(store: Store) -> None:
    store.prepare(CHANGE, None)
    with pytest.raises(ChangePending) as pending:
        store.prepare(replace(CHANGE, request_id="r-2"), None)
    assert pending.value.prepared == SECOND


def test_another_tenants_change_does_not_wait(store: Store) -> None:
    store.prepare(CHANGE, None)
    assert store.prepare(replace(CHANGE, tenant="globex"), None) == Prepared(SECOND, replayed=False)


def test_a_stale_expectation_is_refused_before_a_pending_change_is_waited_for(store: Store) -> None:
    store.prepare(CHANGE, None)
    with pytest.raises(StaleRevision) as stale:
        store.prepare(replace(CHANGE, request_id="r-2"), expected_revision=SECOND)
    assert stale.value.current == FIRST_REVISION


def test_the_same_request_gets_the_same_revision(store: Store) -> None:
    revision = flip(store, CHANGE)
    # The expectation was true when the request first came.
    assert store.prepare(CHANGE, FIRST_REVISION) == Prepared(revision, replayed=True)
    flip(store, replace(CHANGE, request_id="r-2"))
    assert store.prepare(CHANGE, None) == Prepared(revision, replayed=True)
    assert store.head("acme").revision == SECOND + 1


def test_the_same_request_gets_the_same_revision_while_it_is_pending(store: Store) -> None:
    store.prepare(CHANGE, None)
    assert store.prepare(CHANGE, None) == Prepared(SECOND, replayed=True)


def test_a_repeated_request_is_told_apart_beforehand(store: Store) -> None:
    assert store.replayed("acme", "r-1", "d-1") is None
    store.prepare(CHANGE, None)
    assert store.replayed("acme", "r-1", "d-1") == SECOND
    assert store.replayed("globex", "r-1", "d-1") is None
    assert store.replayed("acme", "", "") is None
    with pytest.raises(RequestIdReused):
        store.replayed("acme", "r-1", "d-2")


def test_a_request_id_does_not_stand_for_two_changes(store: Store) -> None:
    store.prepare(CHANGE, None)
    with pytest.raises(RequestIdReused):
        store.prepare(replace(CHANGE, request_digest="d-2"), None)


def test_a_request_that_changed_nothing_is_known_when_it_comes_again(store: Store) -> None:
    assert store.keep_unchanged("acme", "r-0", "d-0", FIRST_REVISION) == FIRST_REVISION
    flip(store, CHANGE)
    assert store.replayed("acme", "r-0", "d-0") == FIRST_REVISION
    assert store.replayed("globex", "r-0", "d-0") is None
    assert store.keep_unchanged("acme", "r-0", "d-0", SECOND) == FIRST_REVISION
    assert store.prepare(replace(CHANGE, request_id="r-0", request_digest="d-0"), None) == Prepared(
        FIRST_REVISION, replayed=True
    )
    assert store.keep_unchanged("acme", CHANGE.request_id, CHANGE.request_digest, FIRST_REVISION) == SECOND
    with pytest.raises(RequestIdReused):
        store.replayed("acme", "r-0", "d-1")


def test_nothing_is_unchanged_at_another_revision_or_while_a_change_is_pending(store: Store) -> None:
    with pytest.raises(StaleRevision):
        store.keep_unchanged("acme", "r-0", "d-0", SECOND)
    store.prepare(CHANGE, None)
    with pytest.raises(ChangePending):
        store.keep_unchanged("acme", "r-0", "d-0", FIRST_REVISION)
    with pytest.raises(NoSuchTenant):
        store.keep_unchanged("initech", "r-0", "d-0", FIRST_REVISION)
    assert store.replayed("acme", "r-0", "d-0") is None


def test_a_request_id_is_its_tenants_own(store: Store) -> None:
    store.prepare(CHANGE, None)
    other = replace(CHANGE, tenant="globex", request_digest="d-2")
    assert store.prepare(other, None) == Prepared(SECOND, replayed=False)


def test_requests_without_an_id_are_all_different(store: Store) -> None:
    anonymous = replace(CHANGE, request_id="")
    assert flip(store, anonymous) == SECOND
    assert flip(store, anonymous) == SECOND + 1


def test_past_configurations_stay_readable(store: Store) -> None:
    flip(store, CHANGE)
    flip(store, replace(CHANGE, request_id="r-2", policies="[]", agents='[{"id":"dev"}]'))
    assert store.configuration("acme", SECOND).policies == CHANGE.policies
    assert store.configuration("acme", SECOND).agents == "[]"
    assert store.configuration("acme", SECOND + 1).agents == '[{"id":"dev"}]'


def test_revisions_are_listed_newest_first_with_who_and_why(store: Store) -> None:
    flip(store, CHANGE)
    store.prepare(replace(CHANGE, request_id="r-2", reason="again"), None)
    newest = store.revisions("acme", None, 2)
    assert [(one.revision, one.actor, one.reason) for one in newest] == [
        (SECOND + 1, "alice", "again"),
        (SECOND, "alice", "refunds"),
    ]
    assert newest[1].changes == CHANGE.changes
    assert [one.revision for one in store.revisions("acme", SECOND, 10)] == [FIRST_REVISION]


def test_only_the_prepared_revision_flips_and_only_once(store: Store) -> None:
    with pytest.raises(NotPrepared):
        store.flip("acme", SECOND, [])
    store.prepare(CHANGE, None)
    for wrong in (FIRST_REVISION, SECOND + 1):
        with pytest.raises(NotPrepared):
            store.flip("acme", wrong, [])
    store.flip("acme", SECOND, [])
    with pytest.raises(NotPrepared):
        store.flip("acme", SECOND, [])


def test_a_flip_and_its_record_are_one(store: Store) -> None:
    store.open_spool(SpoolOpening("acme", "own", "", ""))
    first, second = take(2, entries("own"))
    store.prepare(CHANGE, None)
    with pytest.raises(NotContiguous):
        store.flip("acme", SECOND, [second])
    assert store.head("acme").prepared == SECOND
    stored = store.flip("acme", SECOND, [first])
    assert store.records("acme", RecordFilter(), None, 10) == list(stored)


def test_a_refused_flip_records_nothing(store: Store) -> None:
    store.open_spool(SpoolOpening("acme", "own", "", ""))
    with pytest.raises(NotPrepared):
        store.flip("acme", SECOND, [entry("own")])
    assert store.records("acme", RecordFilter(), None, 10) == []


def test_of_changes_that_race_one_is_prepared(store: Store) -> None:
    outcomes: list[object] = []

    def race(number: int) -> None:
        try:
            outcomes.append(store.prepare(replace(CHANGE, request_id=f"r-{number}"), FIRST_REVISION))
        except ChangePending as pending:
            outcomes.append(pending.prepared)

    racers = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert outcomes.count(Prepared(SECOND, replayed=False)) == 1
    assert outcomes.count(SECOND) == 7
