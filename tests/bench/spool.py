"""The sidecar's spool beside what it stands on: bare commits to SQLite, and one fsync."""

import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from sidecar.spool import Spool, open_spool
from tests.bench.figures import Row, Samples, row
from tests.bench.rounds import Plan

NAME = "spool"
CALLS = 512
TOGETHER = 64
RECORD = bytes(range(256)) * 2  # about as long as the record of a refund

_NORMAL, _FULL, _FSYNC = "bare SQLite commit, synchronous=NORMAL", "bare SQLite commit, synchronous=FULL", "one fsync"


def run(plan: Plan) -> list[Row]:
    """Time for each record, by how many are appended at once, and whether they must be fsync'd."""
    count = plan.calls(CALLS)
    with ExitStack() as within:
        folder = Path(within.enter_context(tempfile.TemporaryDirectory(prefix="gatehold-bench-")))
        loop = within.enter_context(asyncio.Runner())
        spool = loop.run(open_spool(folder / "spool"))
        within.callback(lambda: loop.run(spool.close()))
        normal = within.enter_context(_Commits(folder / "normal.db", "NORMAL"))
        full = within.enter_context(_Commits(folder / "full.db", "FULL"))
        file = within.enter_context((folder / "file").open("ab", buffering=0))

        def appends(together: int, durable: bool) -> Callable[[], float]:
            return lambda: loop.run(_appends(spool, count, together, durable))

        played = plan.play(
            {
                "singly": appends(1, durable=False),
                f"{TOGETHER} at once": appends(TOGETHER, durable=False),
                "singly, durable": appends(1, durable=True),
                f"{TOGETHER} at once, durable": appends(TOGETHER, durable=True),
                _NORMAL: lambda: _each(normal.commit, count),
                _FULL: lambda: _each(full.commit, count),
                _FSYNC: lambda: _each(lambda: _write_through(file.fileno()), count),
            }
        )
    samples = {name: Samples(name, "µs/record", values) for name, values in played.items()}
    floors = {
        "singly": _NORMAL,
        f"{TOGETHER} at once": _NORMAL,
        "singly, durable": _FULL,
        f"{TOGETHER} at once, durable": _FULL,
        _FULL: _FSYNC,
    }
    return [row(NAME, samples[ours], samples[floor]) for ours, floor in floors.items()]


async def _appends(spool: Spool, count: int, together: int, durable: bool) -> float:
    left = iter(range(count))

    async def work() -> None:
        for _ in left:
            await spool.append(lambda sequence: RECORD, durable=durable)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(together)))
    seconds = time.perf_counter() - began
    # What is kept would make the next samples' file larger than a running sidecar's, whose records are taken away.
    await spool.acknowledge(spool.identity.spool_id, await spool.wait_durable(spool.last_sequence - 1))
    return seconds / count * 1e6


class _Commits:
    """One table, one row for each commit, in WAL mode."""

    def __init__(self, path: Path, synchronous: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(f"PRAGMA synchronous = {synchronous}")
        self._connection.execute("CREATE TABLE record (position INTEGER PRIMARY KEY, record BLOB NOT NULL)")

    def __enter__(self) -> "_Commits":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def commit(self) -> None:
        self._connection.execute("INSERT INTO record (record) VALUES (?)", (RECORD,))


def _write_through(descriptor: int) -> None:
    os.write(descriptor, RECORD)
    os.fsync(descriptor)


def _each(work: Callable[[], None], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        work()
    return (time.perf_counter() - began) / count * 1e6
