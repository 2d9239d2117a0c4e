"""When a tail is taken for lost."""

from dataclasses import replace

import pytest

from gatehold import chain
from pdp.audit.lost_tail import after_silence, at_first_record, at_opening
from pdp.audit.succession import Alarm
from pdp.store.model import Spool

SPOOL = Spool("acme", "s-1", "sidecar", "dev", None, 0, 0, chain.FIRST, 0)


def place(alarm: Alarm | None) -> tuple[int, int] | None:
    if alarm is None:
        return None
    assert alarm.type == "lost_tail"
    return alarm.first_sequence, alarm.last_sequence


@pytest.mark.parametrize(
    ("committed", "reported", "named", "lost"),
    [
        (5, 5, 5, None),
        (3, 5, 5, None),  # the rest of it can still come
        (3, 5, 7, None),
        (5, 5, 3, None),  # shipped and deleted there
        (3, 5, 4, (5, 5)),
        (0, 5, 0, (1, 5)),
        (4, 9, 2, (5, 9)),
    ],
)
def test_a_successor_that_names_less_than_was_reported(
    committed: int, reported: int, named: int, lost: tuple[int, int] | None
) -> None:
    spool = replace(SPOOL, committed_sequence=committed, reported_sequence=reported)
    assert place(at_opening(spool, named)) == lost


@pytest.mark.parametrize(("committed", "named", "lost"), [(5, 5, None), (5, 3, None), (0, 0, None), (3, 5, (4, 5))])
def test_a_successor_that_ships_before_its_predecessor_is_whole(
    committed: int, named: int, lost: tuple[int, int] | None
) -> None:
    assert place(at_first_record(replace(SPOOL, committed_sequence=committed), named)) == lost


@pytest.mark.parametrize(
    ("committed", "reported", "lost"), [(5, 5, None), (5, 0, None), (0, 1, (1, 1)), (3, 5, (4, 5))]
)
def test_a_spool_that_is_behind_and_silent(committed: int, reported: int, lost: tuple[int, int] | None) -> None:
    spool = replace(SPOOL, committed_sequence=committed, reported_sequence=reported)
    assert place(after_silence(spool)) == lost
