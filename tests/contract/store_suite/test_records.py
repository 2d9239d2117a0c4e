"""The record: once, in order, newest first."""

from dataclasses import replace

import pytest

from gatehold import chain
from gatehold.vocabulary import Decision, RecordKind
from pdp.store.interface import (
    AlarmKey,
    LogEntry,
    NotContiguous,
    RecordFilter,
    SpoolOpening,
    Store,
    StoreError,
    StreamPosition,
)
from pdp.store.opening import open_store
from tests.contract.store_suite.chains import entries, entry, take

ALL = RecordFilter()


def listed(store: Store, where: RecordFilter = ALL, tenant: str = "acme") -> list[LogEntry]:
    return [stored.entry for stored in store.records(tenant, where, None, 100)]


@pytest.fixture
def spool(store: Store) -> str:
    store.open_spool(SpoolOpening("acme", "s-1", "sidecar", "dev"))
    return "s-1"


def test_entries_are_kept_whole(url: str, store: Store, spool: str) -> None:
    made = take(3, entries(spool))
    store.append(made)
    store.close()
    again = open_store(url)
    assert listed(again) == made[::-1]
    again.close()


def test_positions_grow_in_order_of_commit_over_spools_and_tenants(store: Store, spool: str) -> None:
    store.open_spool(SpoolOpening("globex", "s-9", "sidecar", "dev"))
    ours, theirs = entries(spool), entries("s-9", tenant="globex")
    positions = []
    for _ in range(3):
        positions += [stored.position for stored in store.append([next(theirs), next(ours), next(theirs)])]
    assert positions == sorted(set(positions))
    assert [stored.position for stored in store.records("acme", ALL, None, 10)] == positions[1::3][::-1]


def test_a_position_is_never_used_again(url: str, store: Store, spool: str) -> None:
    of_spool = entries(spool)
    before = store.append(take(2, of_spool))[-1].position
    store.close()
    again = open_store(url)
    assert again.append([next(of_spool)])[0].position > before
    again.close()


def test_the_spool_follows_its_entries(store: Store, spool: str) -> None:
    made = take(3, entries(spool))
    store.append(made)
    stored = store.spool("acme", spool)
    assert stored is not None
    assert stored.committed_sequence == 3
    assert stored.next_hash == chain.link(made[-1].previous_hash, made[-1].body)


@pytest.mark.parametrize("wrong", ["again", "gap", "forged", "unknown spool", "other tenant", "not from the start"])
def test_what_does_not_follow_is_refused_whole(store: Store, spool: str, wrong: str) -> None:
    one, two, three, four = take(4, entries(spool))
    store.append([one, two])
    with pytest.raises(NotContiguous):
        store.append(
            {
                "again": [two],
                "gap": [three, replace(four, sequence=5)],
                "forged": [three, replace(four, previous_hash=chain.FIRST)],
                "unknown spool": [three, entry("s-2")],
                "other tenant": [replace(three, tenant="globex")],
                "not from the start": [three, four, replace(one, sequence=0)],
            }[wrong]
        )
    assert listed(store) == [two, one]
    store.append([three, four])


def test_a_failure_leaves_streams_and_alarms_as_they_were(store: Store, spool: str) -> None:
    alarm = AlarmKey("acme", spool, "gap", 2)
    with pytest.raises(NotContiguous):
        store.append([entry(spool, 2)], [StreamPosition("acme", "dev", "st-1", 1)], [alarm])
    assert store.stream_position("acme", "dev", "st-1") == 0
    assert not store.alarmed(alarm)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (RecordFilter(), {0, 1, 2, 3}),
        (RecordFilter(agent="dev"), {0, 1, 3}),
        (RecordFilter(agent="de_"), set()),
        (RecordFilter(verb="github:merge"), {1, 2}),
        (RecordFilter(kind=RecordKind.ALARM), {3}),
        (RecordFilter(decision=Decision.BLOCK), {1}),
        (RecordFilter(agent="dev", decision=Decision.ALLOW), {0}),
        (RecordFilter(kind=RecordKind.ALARM, decision=Decision.BLOCK), set()),
    ],
)
def test_everything_that_a_filter_says_holds(store: Store, spool: str, where: RecordFilter, found: set[int]) -> None:
    blank = entry(spool)
    made = [
        blank,
        replace(blank, verb="github:merge", decision=Decision.BLOCK),
        replace(blank, agent="ops", verb="github:merge", kind=RecordKind.TOOL_EXECUTION, decision=None),
        replace(blank, verb="", kind=RecordKind.ALARM, decision=None),
    ]
    hashes = [chain.FIRST]
    for one in made:
        hashes.append(chain.link(hashes[-1], one.body))
    made = [
        replace(one, sequence=place + 1, previous_hash=hashes[place], time_us=1000 + place)
        for place, one in enumerate(made)
    ]
    store.append(made)
    assert listed(store, where) == [made[place] for place in sorted(found, reverse=True)]


def test_times_are_from_and_before(store: Store, spool: str) -> None:
    made = take(4, entries(spool))
    store.append(made)
    since, until = made[1].time_us, made[3].time_us
    assert listed(store, RecordFilter(since_us=since, until_us=until)) == [made[2], made[1]]


def test_pages_stay_put_while_records_are_added(store: Store, spool: str) -> None:
    of_spool = entries(spool)
    made = take(5, of_spool)
    store.append(made)
    first = store.records("acme", ALL, None, 2)
    store.append(take(3, of_spool))
    second = store.records("acme", ALL, first[-1].position, 10)
    assert [stored.entry for stored in first + second] == made[::-1]


def test_no_tenant_sees_anothers(store: Store, spool: str) -> None:
    made = take(2, entries(spool))
    store.append(made, [StreamPosition("acme", "dev", "st-1", 4)], [AlarmKey("acme", spool, "gap", 1)])
    assert listed(store, tenant="globex") == []
    assert store.spool("globex", spool) is None
    assert store.spool_entries("globex", spool, [1, 2]) == []
    assert store.stream_position("globex", "dev", "st-1") == 0
    assert not store.alarmed(AlarmKey("globex", spool, "gap", 1))
    assert store.latest_spool("globex", "sidecar", "dev") is None
    assert store.behind_spools("globex") == []


def test_one_id_may_name_a_spool_in_each_tenant(store: Store, spool: str) -> None:
    store.open_spool(SpoolOpening("globex", spool, "sidecar", "dev"))
    ours, theirs = next(entries(spool)), next(entries(spool, tenant="globex"))
    store.append([ours])
    store.append([theirs])
    assert listed(store) == [ours]
    assert listed(store, tenant="globex") == [theirs]


def test_chosen_entries_of_a_spool_are_read_in_order(store: Store, spool: str) -> None:
    made = take(4, entries(spool))
    store.append(made)
    assert store.spool_entries("acme", spool, [4, 2, 9]) == [made[1], made[3]]


def test_streams_move_with_their_records(store: Store, spool: str) -> None:
    of_spool = entries(spool)
    store.append([next(of_spool)], [StreamPosition("acme", "dev", "st-1", 1)])
    store.append([next(of_spool)], [StreamPosition("acme", "dev", "st-1", 2), StreamPosition("acme", "ops", "st-1", 7)])
    assert store.stream_position("acme", "dev", "st-1") == 2
    assert store.stream_position("acme", "ops", "st-1") == 7
    assert store.stream_position("acme", "dev", "st-2") == 0


def test_an_alarm_is_noted_once(store: Store, spool: str) -> None:
    alarm = AlarmKey("acme", spool, "gap", 3)
    of_spool = entries(spool)
    store.append([next(of_spool)], alarms=[alarm])
    assert store.alarmed(alarm)
    assert not store.alarmed(replace(alarm, first_sequence=4))
    with pytest.raises(StoreError):
        store.append([next(of_spool)], alarms=[alarm])


def test_nothing_is_stored_for_a_tenant_that_does_not_exist(store: Store) -> None:
    with pytest.raises(StoreError):
        store.open_spool(SpoolOpening("initech", "s-1", "sidecar", "dev"))


def test_a_probe_commits_again_and_again(store: Store) -> None:
    for _ in range(3):
        store.probe("acme")
