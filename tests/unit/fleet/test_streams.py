"""Outboxes never grow without end, and sidecars are not remembered for ever."""

from contextlib import ExitStack

import pytest

from pdp.fleet.errors import TooManyStreams
from pdp.fleet.leases import Holder
from pdp.fleet.sidecars import Sidecars, Sighting
from pdp.fleet.streams import Outbox, Streams

HOUR_US = 3_600_000_000


async def test_a_peer_that_does_not_read_loses_the_oldest() -> None:
    outbox: Outbox[int] = Outbox()
    for message in range(100):
        outbox.send(message)
    outbox.close()
    assert [message async for message in outbox.messages()] == list(range(84, 100))


async def test_a_closed_stream_makes_room_for_another() -> None:
    streams: Streams[int] = Streams()
    holder = Holder("sidecar", "dev", "1")
    for _ in range(10):
        with ExitStack() as opened:
            outbox, *_ = [opened.enter_context(streams.open("key", holder)) for _ in range(4)]
            with pytest.raises(TooManyStreams), streams.open("key", holder):
                pass
            streams.push(7)
            outbox.close()
            assert [message async for message in outbox.messages()] == [7]


def test_sidecars_are_forgotten_an_hour_after_they_were_heard() -> None:
    now_us = 0
    sidecars = Sidecars(lambda: now_us)
    first, second = (Sighting(Holder("sidecar", "dev", nonce), "1", "spool", 0) for nonce in "12")
    sidecars.saw("a", second)
    sidecars.saw("a", first)
    now_us = 1
    sidecars.saw("a", second)
    assert [seen.holder.nonce for seen, _ in sidecars.of("a")] == ["1", "2"]
    assert sidecars.of("b") == []
    now_us = HOUR_US
    assert [seen.holder.nonce for seen, _ in sidecars.of("a")] == ["2"]
