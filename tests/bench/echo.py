"""The floor alone: what grpcio itself takes for a call that does nothing. Run it under two versions to choose one."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc

from tests.bench.echo_server import METHOD
from tests.bench.figures import Row, Samples, row
from tests.bench.load import Load
from tests.bench.rounds import Plan
from tests.bench.serving import echo

NAME = "echo"
CALLS = 4_000
ONE_BY_ONE = 500
_BODY = bytes(120)


def run(plan: Plan) -> list[Row]:
    """A Unix socket beside TCP, 120 bytes there and back."""
    one_by_one, count = [_BODY] * plan.calls(ONE_BY_ONE), [_BODY] * plan.calls(CALLS)
    with ExitStack() as within:
        loop = within.enter_context(asyncio.Runner())
        folder = Path(within.enter_context(TemporaryDirectory(prefix="gatehold-bench-")))
        servers = [within.enter_context(echo(address)) for address in (f"unix:{folder}/echo.sock", "127.0.0.1:0")]
        unix, tcp = (within.enter_context(Load(loop, pid, address, METHOD)) for pid, address in servers)
        times = plan.play({"unix": lambda: unix.latency(one_by_one), "tcp": lambda: tcp.latency(one_by_one)})
        bursts = plan.play({"unix": lambda: unix.burst(count).throughput, "tcp": lambda: tcp.burst(count).throughput})
    note = f"grpcio {grpc.__version__}"
    return [
        row(
            NAME,
            Samples("over a Unix socket", unit, values["unix"]),
            Samples("over TCP", unit, values["tcp"]),
            note=note,
        )
        for unit, values in (("µs, one at a time", times), ("calls/s", bursts))
    ]
