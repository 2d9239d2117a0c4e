"""Who is told of a change."""

import asyncio

import pytest

from pdp.approvals.errors import TooManyWatches
from pdp.approvals.watches import Watches

MOST = 200


async def told(watches: Watches, *ids: str, tenant: str = "acme", only: str = "") -> list[str]:
    with watches.open("c", tenant, only) as watch:
        for approval_id in ids:
            watches.tell("acme", approval_id)
        watch.tell("last")
        return await watch.changed()


async def test_changes_that_come_faster_than_they_are_taken_are_one() -> None:
    assert await told(Watches(), "a", "b", "a", "a") == ["a", "b", "last"]


async def test_only_what_is_watched_is_told() -> None:
    assert await told(Watches(), "a", "b", only="b") == ["b", "last"]
    assert await told(Watches(), "a", "b", tenant="globex") == ["last"]


async def test_nothing_is_told_twice_and_nothing_in_between_is_lost() -> None:
    watches = Watches()
    with watches.open("c", "acme") as watch:
        watches.tell("acme", "a")
        assert await watch.changed() == ["a"]
        waiting = asyncio.create_task(watch.changed())
        await asyncio.sleep(0)
        assert not waiting.done()
        watches.tell("acme", "b")
        assert await waiting == ["b"]


async def test_a_caller_has_two_hundred_and_gets_each_place_back() -> None:
    watches = Watches()
    opened = [watches.open("greedy", "acme") for _ in range(MOST)]
    for one in opened:
        one.__enter__()
    with pytest.raises(TooManyWatches):
        watches.open("greedy", "acme").__enter__()
    with watches.open("modest", "acme"):
        pass
    for one in opened:
        one.__exit__(None, None, None)
    assert not watches._watches and not watches._open
