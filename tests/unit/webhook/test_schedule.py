"""When a message is sent again."""

import pytest

from pdp.approvals.webhook.schedule import wait_us

WAITS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]


@pytest.mark.parametrize(("failed", "seconds"), list(enumerate(WAITS, start=1)))
def test_the_schedule_is_the_standards_with_up_to_a_fifth_more(failed: int, seconds: int) -> None:
    waits = {wait_us(failed) for _ in range(50)}
    assert len(waits) > 1
    assert all(wait is not None and seconds * 1_000_000 <= wait <= seconds * 1_200_000 for wait in waits)


def test_after_the_tenth_attempt_a_message_is_given_up() -> None:
    assert wait_us(10) is None
    assert wait_us(10, asked_seconds=60) is None


def test_a_receiver_may_ask_for_longer_but_not_for_sooner() -> None:
    longer, sooner = wait_us(1, asked_seconds=60), wait_us(2, asked_seconds=1)
    assert longer is not None and longer >= 60_000_000
    assert sooner is not None and sooner >= 300_000_000
