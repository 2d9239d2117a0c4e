"""What a sidecar takes, in memory and in time to start, beside a bare Python process with a grpc.aio server."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.bench.echo_server import METHOD
from tests.bench.figures import Goal, Row, Samples, at_most, row
from tests.bench.load import EVALUATE, Load
from tests.bench.rounds import Plan
from tests.bench.serving import ECHO, refunds, stack
from tests.stack import Running

NAME = "footprint"
CALLS = 2_000
_SIDECAR, _BARE = "sidecar", "bare Python with grpc.aio"


class Footprint(NamedTuple):
    """One start: seconds until it said it was ready, MiB resident then, and MiB resident after some calls."""

    start: float
    fresh: float
    used: float


def run(plan: Plan) -> list[Row]:
    """Starts both again and again."""
    count, numbers = plan.calls(CALLS), itertools.count()
    with asyncio.Runner() as loop, stack() as running, tempfile.TemporaryDirectory(prefix="gatehold-bench-") as name:
        bare = Path(name)

        def start_sidecar() -> Footprint:
            agent = f"agent{next(numbers)}"
            return _measured(lambda: running.start_sidecar(agent, "--log-level", "error"), loop, EVALUATE, count)

        def start_bare() -> Footprint:
            address = f"unix:{bare}/{next(numbers)}.sock"
            return _measured(lambda: Running("bare", [address], bare / "log", program=ECHO), loop, METHOD, count)

        played = plan.play({_SIDECAR: start_sidecar, _BARE: start_bare})
    return [
        _row(played, "start", "s", lambda one: one.start),
        _row(played, "resident at the start", "MiB", lambda one: one.fresh, at_most(1.35)),
        _row(played, f"resident after {count:,} calls", "MiB", lambda one: one.used),
    ]


def _measured(start: Callable[[], Running], loop: asyncio.Runner, method: str, count: int) -> Footprint:
    began = time.perf_counter()
    process = start()
    seconds = time.perf_counter() - began
    try:
        fresh = _resident(process.pid)
        with Load(loop, process.pid, process.ready_line.removeprefix("ready "), method) as load:
            load.burst(refunds(count))
        return Footprint(seconds, fresh, _resident(process.pid))
    finally:
        process.stop()


def _resident(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / 2**20


def _row(
    played: dict[str, list[Footprint]],
    what: str,
    unit: str,
    read: Callable[[Footprint], float],
    goal: Goal | None = None,
) -> Row:
    ours, bare = ([read(one) for one in played[name]] for name in (_SIDECAR, _BARE))
    return row(NAME, Samples(f"{_SIDECAR}, {what}", unit, ours), Samples(_BARE, unit, bare), goal)
