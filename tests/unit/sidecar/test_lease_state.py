"""The lease by its rules, with time as an argument."""

import pytest

from sidecar.lease import Held, Lease
from sidecar.lease.state import SECOND_NS

EPOCH, OTHER = 5, 6
TTL = 5 * SECOND_NS
MARGIN = TTL // 1000


def granted(revision: int = 3, now_ns: int = 100) -> Lease:
    lease = Lease("mine")
    assert lease.grant("mine", lease.request(now_ns), EPOCH, revision, TTL)
    return lease


def test_there_is_no_lease_before_a_grant() -> None:
    assert Lease("mine").live(0) is None


def test_a_lease_counts_from_before_its_request_was_sent_less_the_clocks_margin() -> None:
    assert granted(now_ns=100).live(101) == Held(EPOCH, 3, 100 + TTL - MARGIN)


def test_a_lease_ends_at_its_deadline() -> None:
    lease = granted(now_ns=0)
    assert lease.live(TTL - MARGIN - 1) is not None
    assert lease.live(TTL - MARGIN) is None


def test_a_grant_to_another_process_is_not_ours() -> None:
    lease = Lease("mine")
    assert not lease.grant("other", lease.request(0), EPOCH, 3, TTL)
    assert lease.live(1) is None


def test_a_grant_that_answers_no_request_of_ours_is_refused() -> None:
    lease = Lease("mine")
    lease.request(0)
    assert not lease.grant("mine", 2, EPOCH, 3, TTL)
    assert lease.live(1) is None


@pytest.mark.parametrize("revision", [0, -1])
def test_a_revision_that_nothing_can_have_is_refused(revision: int) -> None:
    lease = Lease("mine")
    assert not lease.grant("mine", lease.request(0), EPOCH, revision, TTL)


@pytest.mark.parametrize("ttl_ns", [0, -TTL, SECOND_NS - 1, 60 * SECOND_NS + 1])
def test_a_length_outside_1_to_60_seconds_is_refused(ttl_ns: int) -> None:
    lease = Lease("mine")
    assert not lease.grant("mine", lease.request(0), EPOCH, 3, ttl_ns)
    assert lease.live(1) is None


@pytest.mark.parametrize("seconds", [1, 60])
def test_the_bounds_themselves_are_lengths(seconds: int) -> None:
    lease = Lease("mine")
    assert lease.grant("mine", lease.request(0), EPOCH, 3, seconds * SECOND_NS)


def test_a_delayed_grant_does_not_shorten_the_lease() -> None:
    lease = Lease("mine")
    early, late = lease.request(0), lease.request(50)
    lease.grant("mine", late, EPOCH, 3, TTL)
    assert lease.grant("mine", early, EPOCH, 3, TTL)
    assert lease.live(60) == Held(EPOCH, 3, 50 + TTL - MARGIN)


def test_a_grant_of_a_newer_revision_takes_its_own_deadline() -> None:
    lease = Lease("mine")
    early, late = lease.request(0), lease.request(50)
    lease.grant("mine", late, EPOCH, 3, TTL)
    lease.grant("mine", early, EPOCH, 4, TTL)
    assert lease.live(60) == Held(EPOCH, 4, TTL - MARGIN)


def test_a_renewal_lengthens_the_lease() -> None:
    lease = granted(now_ns=0)
    lease.grant("mine", lease.request(1000), EPOCH, 3, TTL)
    assert lease.live(1001) == Held(EPOCH, 3, 1000 + TTL - MARGIN)


def test_revoking_ends_the_lease_at_once() -> None:
    lease = granted(3)
    assert lease.revoke(EPOCH, 4)
    assert lease.live(101) is None


def test_a_grant_below_the_revoked_revision_does_not_bring_it_back() -> None:
    lease = granted(3)
    delayed = lease.request(200)
    lease.revoke(EPOCH, 4)
    assert not lease.grant("mine", delayed, EPOCH, 3, TTL)
    assert lease.live(201) is None
    assert lease.grant("mine", lease.request(300), EPOCH, 4, TTL)


def test_a_grant_below_an_earlier_grant_is_refused() -> None:
    lease = granted(4)
    assert not lease.grant("mine", lease.request(200), EPOCH, 3, TTL)
    assert lease.live(201) == Held(EPOCH, 4, 100 + TTL - MARGIN)


def test_revoking_what_was_revoked_or_is_leased_by_now_is_no_news() -> None:
    lease = granted(4)
    assert not lease.revoke(EPOCH, 4)
    assert not lease.revoke(EPOCH, 3)
    assert lease.live(101) is not None


@pytest.mark.parametrize("epoch", [0, -1])
def test_a_grant_of_no_epoch_is_refused(epoch: int) -> None:
    lease = Lease("mine")
    assert not lease.grant("mine", lease.request(0), epoch, 3, TTL)
    assert lease.live(1) is None


def test_a_grant_of_another_store_replaces_the_lease_and_counts_from_anew() -> None:
    lease = granted(9, now_ns=0)
    lease.revoke(EPOCH, 10)
    assert lease.grant("mine", lease.request(50), OTHER, 2, TTL)
    assert lease.live(60) == Held(OTHER, 2, 50 + TTL - MARGIN)
    assert lease.floor == 2
    assert not lease.grant("mine", lease.request(70), OTHER, 1, TTL)


def test_a_grant_of_another_store_has_its_own_deadline() -> None:
    lease = Lease("mine")
    early, late = lease.request(0), lease.request(50)
    lease.grant("mine", late, EPOCH, 3, TTL)
    lease.grant("mine", early, OTHER, 3, TTL)
    assert lease.live(60) == Held(OTHER, 3, TTL - MARGIN)


def test_a_store_that_was_left_never_leases_again() -> None:
    lease = granted(9)
    lease.grant("mine", lease.request(200), OTHER, 2, TTL)
    assert not lease.grant("mine", lease.request(300), EPOCH, 10, TTL)
    assert lease.live(301) == Held(OTHER, 2, 200 + TTL - MARGIN)


def test_a_grant_that_is_refused_for_its_length_does_not_leave_the_store() -> None:
    lease = granted(9)
    assert not lease.grant("mine", lease.request(200), OTHER, 2, 0)
    assert lease.live(201) is not None


def test_another_store_takes_the_lease_back_whatever_its_revision() -> None:
    lease = granted(9)
    delayed = lease.request(200)
    assert lease.revoke(OTHER, 2)
    assert lease.live(201) is None
    assert not lease.grant("mine", delayed, OTHER, 1, TTL)
    assert not lease.revoke(OTHER, 2)
    assert lease.grant("mine", delayed, OTHER, 2, TTL)


@pytest.mark.parametrize("epoch", [0, EPOCH])
def test_who_counts_in_no_epoch_or_in_one_that_was_left_takes_the_lease_back_once(epoch: int) -> None:
    lease = granted(9)
    lease.grant("mine", lease.request(200), OTHER, 2, TTL)
    assert lease.revoke(epoch, 1)
    assert lease.live(201) is None
    assert not lease.revoke(epoch, 1)
    assert lease.grant("mine", lease.request(300), OTHER, 2, TTL)


def test_stores_that_were_left_do_not_pile_up() -> None:
    lease = Lease("mine")
    for epoch in range(1, 200):
        assert lease.grant("mine", lease.request(0), epoch, 1, TTL)
    assert not lease.grant("mine", lease.request(0), 150, 1, TTL)
    assert len(lease._left) <= 64


def test_requests_that_nobody_answers_do_not_pile_up() -> None:
    lease = Lease("mine")
    first = lease.request(0)
    for now_ns in range(1, 200):
        lease.request(now_ns)
    assert not lease.grant("mine", first, EPOCH, 3, TTL)
    assert len(lease._sent) <= 64
