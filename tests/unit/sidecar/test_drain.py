"""Acknowledgements wait for cached answers that are on their way out."""

import asyncio

from sidecar.lease import Drain


async def settled(task: asyncio.Task[None]) -> bool:
    for _ in range(5):
        await asyncio.sleep(0)
    return task.done()


async def test_nothing_under_way_is_nothing_to_wait_for() -> None:
    await Drain().empty_below(1, 5)


async def test_every_older_answer_must_have_left() -> None:
    drain = Drain()
    with drain.leaving(1, 3):
        with drain.leaving(1, 3), drain.leaving(1, 2):
            waiting = asyncio.create_task(drain.empty_below(1, 4))
            assert not await settled(waiting)
        assert not await settled(waiting)
    assert await settled(waiting)


async def test_answers_of_the_new_revision_are_not_waited_for() -> None:
    drain = Drain()
    with drain.leaving(1, 4):
        await drain.empty_below(1, 4)


async def test_an_answer_that_failed_has_left_too() -> None:
    drain = Drain()
    try:
        with drain.leaving(1, 3):
            raise OSError
    except OSError:
        pass
    await drain.empty_below(1, 4)


async def test_two_changes_are_told_of_the_same_leaving() -> None:
    drain = Drain()
    with drain.leaving(1, 3):
        waiting = [asyncio.create_task(drain.empty_below(1, revision)) for revision in (4, 5)]
        assert not await settled(waiting[0])
    assert [await settled(task) for task in waiting] == [True, True]


async def test_answers_of_another_epoch_must_have_left_whatever_their_revision() -> None:
    drain = Drain()
    with drain.leaving(1, 9):
        waiting = asyncio.create_task(drain.empty_below(2, 4))
        assert not await settled(waiting)
    assert await settled(waiting)
