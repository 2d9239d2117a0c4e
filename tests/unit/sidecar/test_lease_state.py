"""The lease by its rules, with time as an argument."""

import pytest

from sidecar.lease import Held, Lease
from sidecar.lease.state import SECOND_NS

TTL = 5 * SECOND_NS
MARGIN = TTL // 1000


def granted(revision: int = 3, now_ns: int = 100) -> Lease:
    lease = Lease("mine")
    assert lease.grant("mine", lease.request(now_ns), revision, TTL)
    return lease


def test_there_is_no_lease_before_a_grant() -> None:
    assert Lease("mine").live(0) is None


def test_a_lease_counts_from_before_its_request_was_sent_less_the_clocks_margin() -> None:
    assert granted(now_ns=100).live(101) == Held(3, 100 + TTL - MARGIN)


def test_a_lease_ends_at_its_deadline() -> None:
    lease = granted(now_ns=0)
    assert lease.live(TTL - MARGIN - 1) is not None
    assert lease.live(TTL - MARGIN) is None


def test_a_grant_to_another_process_is_not_ours() -> None:
    lease = Lease("mine")
    assert not lease.grant("other", lease.request(0), 3, TTL)
    assert lease.live(1) is None


def test_a_grant_that_answers_no_request_of_ours_is_refused() -> None:
    lease = Lease("mine")
    lease.request(0)
    assert not lease.grant("mine", 2, 3, TTL)
    assert lease.live(1) is None


@pytest.mark.parametrize("revision", [0, -1])
def test_a_revision_that_nothing_can_have_is_refused(revision: int) -> None:
    lease = Lease("mine")
    assert not lease.grant("mine", lease.request(0), revision, TTL)


@pytest.mark.parametrize("ttl_ns", [0, -TTL, SECOND_NS - 1, 60 * SECOND_NS + 1])
def test_a_length_outside_1_to_60_seconds_is_refused(ttl_ns: int) -> None:
    lease = Lease("mine")
    assert not lease.grant("mine", lease.request(0), 3, ttl_ns)
    assert lease.live(1) is None


@pytest.mark.parametrize("seconds", [1, 60])
def test_the_bounds_themselves_are_lengths(seconds: int) -> None:
    lease = Lease("mine")
    assert lease.grant("mine", lease.request(0), 3, seconds * SECOND_NS)


def test_a_delayed_grant_does_not_shorten_the_lease() -> None:
    lease = Lease("mine")
    early, late = lease.request(0), lease.request(50)
    lease.grant("mine", late, 3, TTL)
    assert lease.grant("mine", early, 3, TTL)
    assert lease.live(60) == Held(3, 50 + TTL - MARGIN)


def test_a_grant_of_a_newer_revision_takes_its_own_deadline() -> None:
    lease = Lease("mine")
    early, late = lease.request(0), lease.request(50)
    lease.grant("mine", late, 3, TTL)
    lease.grant("mine", early, 4, TTL)
    assert lease.live(60) == Held(4, TTL - MARGIN)


def test_a_renewal_lengthens_the_lease() -> None:
    lease = granted(now_ns=0)
    lease.grant("mine", lease.request(1000), 3, TTL)
    assert lease.live(1001) == Held(3, 1000 + TTL - MARGIN)


def test_revoking_ends_the_lease_at_once() -> None:
    lease = granted(3)
    assert lease.revoke(4)
    assert lease.live(101) is None


def test_a_grant_below_the_revoked_revision_does_not_bring_it_back() -> None:
    lease = granted(3)
    delayed = lease.request(200)
    lease.revoke(4)
    assert not lease.grant("mine", delayed, 3, TTL)
    assert lease.live(201) is None
    assert lease.grant("mine", lease.request(300), 4, TTL)


def test_a_grant_below_an_earlier_grant_is_refused() -> None:
    lease = granted(4)
    assert not lease.grant("mine", lease.request(200), 3, TTL)
    assert lease.live(201) == Held(4, 100 + TTL - MARGIN)


def test_revoking_what_was_revoked_or_is_leased_by_now_is_no_news() -> None:
    lease = granted(4)
    assert not lease.revoke(4)
    assert not lease.revoke(3)
    assert lease.live(101) is not None


def test_requests_that_nobody_answers_do_not_pile_up() -> None:
    lease = Lease("mine")
    first = lease.request(0)
    for now_ns in range(1, 200):
        lease.request(now_ns)
    assert not lease.grant("mine", first, 3, TTL)
    assert len(lease._sent) <= 64
