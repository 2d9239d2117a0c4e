"""What the lease table holds at its edges."""

import pytest

from pdp.fleet.leases import DEFAULT_NS, LONGEST_NS, SHORTEST_NS, Grant, Holder, Invalidate, LeaseTable

HOLDER = Holder("sidecar", "dev", "1")
OTHER = Holder("sidecar", "dev", "2")
EPOCH = 7
HOLD_NS = DEFAULT_NS + DEFAULT_NS // 1000


def table(earlier_ttl_ns: int = 0) -> LeaseTable:
    return LeaseTable(1, 0, DEFAULT_NS, earlier_ttl_ns, EPOCH)


@pytest.mark.parametrize("ttl_ns", [0, SHORTEST_NS - 1, LONGEST_NS + 1])
def test_a_lease_has_bounds(ttl_ns: int) -> None:
    with pytest.raises(ValueError, match="1 to 60 s"):
        LeaseTable(1, 0, ttl_ns, 0, EPOCH)


def test_nothing_flips_that_is_not_prepared() -> None:
    assert not table().may_flip(LONGEST_NS)


def test_leases_of_an_earlier_process_are_waited_for_at_their_own_length() -> None:
    leases = table(LONGEST_NS)
    leases.prepare(2, 0)
    longest_hold_ns = LONGEST_NS + LONGEST_NS // 1000
    assert not leases.may_flip(longest_hold_ns - 1)
    assert leases.may_flip(longest_hold_ns)


def test_a_change_waits_from_the_first_time_it_was_seen() -> None:
    leases = table()
    leases.request(HOLDER, 0)
    leases.prepare(2, 10)
    leases.prepare(2, HOLD_NS)
    assert leases.may_flip(HOLD_NS + 10)


def test_a_row_is_forgotten_when_its_last_grant_is_over() -> None:
    leases = table()
    leases.request(HOLDER, 0)
    leases.request(OTHER, 1)
    leases.request(HOLDER, 2)
    assert leases.leased_revision(HOLDER, HOLD_NS + 1) == 1
    assert leases.leased_revision(OTHER, HOLD_NS + 1) == 0
    leases.prepare(2, HOLD_NS + 1)
    leases.acknowledge(HOLDER, 2)
    assert leases.leased_revision(HOLDER, HOLD_NS + 1) == 0
    assert leases.may_flip(HOLD_NS + 1)


def test_an_acknowledgement_of_an_earlier_change_does_not_count_for_the_next() -> None:
    leases = table()
    leases.request(HOLDER, 0)
    leases.prepare(2, 0)
    leases.acknowledge(HOLDER, 2)
    leases.flip(2)
    assert leases.request(HOLDER, 0) == Grant(2, DEFAULT_NS, EPOCH)
    leases.prepare(3, 0)
    leases.acknowledge(HOLDER, 2)
    assert not leases.may_flip(0)
    assert leases.request(HOLDER, 0) == Invalidate(3, EPOCH)
