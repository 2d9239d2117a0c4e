"""Spools that are behind and not heard of."""

import pytest

from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.vocabulary import RecordKind
from pdp.audit.alarms import Alarms
from pdp.audit.own_spool import OwnSpool
from pdp.audit.spools import Spools
from pdp.store.interface import Store
from pdp.store.model import RecordFilter
from tests.unit.audit.conftest import SHIPPER, Listing, SidecarSpool

SECOND = 1_000_000_000


class Clock:
    def __init__(self) -> None:
        self.ns = 5 * SECOND

    def __call__(self) -> int:
        return self.ns


@pytest.fixture
def clock() -> Clock:
    return Clock()


def watching(store: Store, clock: Clock) -> Spools:
    own = OwnSpool(store, lambda _: None)
    return Spools(store, Alarms(store, own), silence_seconds=10, clock=clock)


def lost(listed: Listing) -> list[tuple[str, int, int]]:
    alarms = [AuditRecord.FromString(entry.body).alarm for entry in listed(RecordFilter(kind=RecordKind.ALARM))]
    assert {alarm.type for alarm in alarms} <= {"lost_tail"}
    return [(alarm.spool_id, alarm.first_sequence, alarm.last_sequence) for alarm in alarms]


def test_a_spool_that_is_behind_is_lost_after_the_silence_and_alarmed_once(
    store: Store, clock: Clock, listed: Listing
) -> None:
    spools = watching(store, clock)
    spools.report(SHIPPER, "s-1", 4)
    clock.ns += 10 * SECOND - 1
    spools.watch()
    assert lost(listed) == []
    clock.ns += 1
    for _ in range(3):
        spools.watch()
        clock.ns += 10 * SECOND
    assert lost(listed) == [("s-1", 1, 4)]


@pytest.mark.parametrize("sign", ["report", "append", "open"])
def test_any_sign_of_its_sidecar_ends_the_silence(store: Store, clock: Clock, listed: Listing, sign: str) -> None:
    spools = watching(store, clock)
    spools.open(SHIPPER, "s-1", None, 0)
    spools.report(SHIPPER, "s-1", 4)
    clock.ns += 9 * SECOND
    if sign == "report":
        spools.report(SHIPPER, "s-1", 4)
    elif sign == "append":
        spools.append(SHIPPER, "s-1", SidecarSpool("s-1").make(1))
    else:
        spools.open(SHIPPER, "s-1", None, 0)
    clock.ns += 9 * SECOND
    spools.watch()
    assert lost(listed) == []


def test_a_spool_that_is_stored_whole_may_be_silent_for_ever(store: Store, clock: Clock, listed: Listing) -> None:
    spools = watching(store, clock)
    spools.open(SHIPPER, "s-1", None, 0)
    spools.report(SHIPPER, "s-1", 2)
    spools.append(SHIPPER, "s-1", SidecarSpool("s-1").make(2))
    clock.ns += 1_000 * SECOND
    spools.watch()
    assert lost(listed) == []


def test_the_silence_counts_from_the_start_and_what_was_reported_outlives_it(
    store: Store, clock: Clock, listed: Listing
) -> None:
    watching(store, clock).report(SHIPPER, "s-1", 4)
    clock.ns += 1_000 * SECOND
    restarted = watching(store, clock)
    restarted.watch()
    assert lost(listed) == []
    clock.ns += 10 * SECOND
    restarted.watch()
    assert lost(listed) == [("s-1", 1, 4)]


def test_what_comes_after_the_alarm_is_stored(store: Store, clock: Clock, listed: Listing) -> None:
    spools = watching(store, clock)
    spools.report(SHIPPER, "s-1", 2)
    clock.ns += 10 * SECOND
    spools.watch()
    spools.open(SHIPPER, "s-1", None, 0)
    assert spools.append(SHIPPER, "s-1", SidecarSpool("s-1").make(2)) == 2
    assert len(listed(RecordFilter(kind=RecordKind.DECISION))) == 2
