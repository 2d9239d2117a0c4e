"""A sidecar's answers, from its cache and through the decision point, as whole processes over its Unix socket."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from gatehold.v1.catalog_service_pb2 import ApplyCatalogRequest
from gatehold.v1.decision_pb2 import DecisionSource
from gatehold.v1.decision_point_service_pb2 import EvaluateResponse
from gatehold.v1.policy_pb2 import SourceDocument
from tests.bench.echo_server import METHOD
from tests.bench.figures import Row, Samples, row
from tests.bench.load import EVALUATE, Load
from tests.bench.rounds import Plan
from tests.bench.serving import LOOKUP, echo, lookups, reads, refunds, stack
from tests.stack import until

NAME = "sidecar"
CALLS = 2_000
ONE_BY_ONE = 300
# A verb with a schema is decided anew for arguments that never came before.
CATALOG = f"""\
entries:
  - {{verb: "{LOOKUP}", riskLevel: LOW, access: read, argsSchema: {{type: object, required: [id]}}}}
"""

_HIT, _MISS, _HIGH = "hit, LOW", "miss, LOW", "hit, HIGH (fsync'd before the answer)"
_ECHO = "echo over a Unix socket"
_CALLS: dict[str, Callable[[int], Sequence[bytes]]] = {_HIT: reads, _MISS: lookups, _HIGH: refunds, _ECHO: reads}


def run(plan: Plan) -> list[Row]:
    """Time of a call, one at a time, and throughput with 32 in flight; each is on the record before it is answered."""
    with ExitStack() as within:
        loop = within.enter_context(asyncio.Runner())
        running = within.enter_context(stack())
        running.call("catalog", "ApplyCatalog", ApplyCatalogRequest(documents=[_document()]))
        process = running.start_sidecar("dev", "--log-level", "error")
        load = within.enter_context(Load(loop, process.pid, running.target(), EVALUATE))
        response = until(lambda: _from_cache(load, reads))
        assert _from_cache(load, lookups) is None
        until(lambda: _from_cache(load, refunds))

        folder = Path(within.enter_context(TemporaryDirectory(prefix="gatehold-bench-")))
        floor_pid, address = within.enter_context(echo(f"unix:{folder}/echo.sock", response))
        floor = within.enter_context(Load(loop, floor_pid, address, METHOD))
        loads = {name: floor if name == _ECHO else load for name in _CALLS}
        times = _latencies(plan, loads)
        bursts = _bursts(plan, loads)
    return [
        *(row(NAME, times[name], times[_ECHO]) for name in (_HIT, _MISS, _HIGH)),
        row(NAME, times[_MISS], times[_HIT]),
        *(row(NAME, bursts[name], bursts[_ECHO]) for name in (_HIT, _MISS, _HIGH)),
    ]


def _document() -> SourceDocument:
    return SourceDocument(name="catalog.yaml", content=CATALOG)


def _from_cache(load: Load, calls: Callable[[int], Sequence[bytes]]) -> bytes | None:
    """The answer to a second call with other arguments, if the cache gave it."""
    load.answer(calls(1)[0])
    answer = load.answer(calls(1)[0])
    return answer if EvaluateResponse.FromString(answer).source == DecisionSource.DECISION_SOURCE_CACHE else None


def _latencies(plan: Plan, loads: dict[str, Load]) -> dict[str, Samples]:
    count = plan.calls(ONE_BY_ONE)

    def of(name: str) -> Callable[[], float]:
        return lambda: loads[name].latency(_CALLS[name](count))

    played = plan.play({name: of(name) for name in loads})
    return {name: Samples(name, "µs, one at a time", values) for name, values in played.items()}


def _bursts(plan: Plan, loads: dict[str, Load]) -> dict[str, Samples]:
    count = plan.calls(CALLS)

    def of(name: str) -> Callable[[], float]:
        return lambda: loads[name].burst(_CALLS[name](count)).throughput

    played = plan.play({name: of(name) for name in loads})
    return {name: Samples(name, "calls/s", values) for name, values in played.items()}
