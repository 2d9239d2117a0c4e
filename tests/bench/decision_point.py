"""The decision point's Evaluate against an echo of the same messages, as whole processes over TCP."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack

from tests.bench.echo_server import METHOD
from tests.bench.figures import Row, Samples, at_least, row
from tests.bench.load import EVALUATE, Load, Sample
from tests.bench.rounds import Plan
from tests.bench.serving import echo, key, refunds, same_refund, stack

NAME = "decision_point"
CALLS = 4_000

_ECHO = "echo"


def run(plan: Plan) -> list[Row]:
    """Throughput with 32 calls in flight, and the server's processor time for each call."""
    count = plan.calls(CALLS)
    with ExitStack() as within:
        loop = within.enter_context(asyncio.Runner())
        running = within.enter_context(stack())
        assert running.pdp is not None
        pid, address = running.pdp.pid, running.address
        sidecar = within.enter_context(Load(loop, pid, address, EVALUATE, key(running, "sidecar", "dev")))
        agent = within.enter_context(Load(loop, pid, address, EVALUATE, key(running, "agent")))
        response = sidecar.answer(same_refund(1)[0])
        floor_pid, floor_address = within.enter_context(echo("127.0.0.1:0", response))
        floor = within.enter_context(Load(loop, floor_pid, floor_address, METHOD, key(running, "sidecar", "dev")))
        played = plan.play(
            {
                _ECHO: lambda: floor.burst(refunds(count)),
                "for a sidecar, new arguments each call": lambda: sidecar.burst(refunds(count)),
                "for a sidecar, the same call again": lambda: sidecar.burst(same_refund(count)),
                "for an agent (recorded), new arguments each call": lambda: agent.burst(refunds(count)),
                "for an agent (recorded), the same call again": lambda: agent.burst(same_refund(count)),
            }
        )
    return _rows(played)


def _rows(played: dict[str, list[Sample]]) -> list[Row]:
    def samples(name: str, unit: str, read: Callable[[Sample], float]) -> Samples:
        return Samples(name, unit, [read(sample) for sample in played[name]])

    floor = samples(_ECHO, "calls/s", lambda sample: sample.throughput)
    floor_cpu = samples(_ECHO, "µs CPU/call", lambda sample: sample.cpu)
    floor_busy = samples(_ECHO, "", lambda sample: sample.busy).median
    rows = []
    for name in played:
        if name == _ECHO:
            continue
        ours = samples(name, "calls/s", lambda sample: sample.throughput)
        busy = samples(name, "", lambda sample: sample.busy).median
        note = f"server busy {busy:.0%}, echo {floor_busy:.0%}"
        goal = at_least(0.85) if "sidecar" in name else None
        rows.append(row(NAME, ours, floor, goal, note))
        rows.append(row(NAME, samples(name, "µs CPU/call", lambda sample: sample.cpu), floor_cpu))
    return rows
