"""The sidecar's numbers for Prometheus. Imported only where they are asked for: the client costs 4 MB of memory."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from gatehold.v1.decision_pb2 import Decision, DecisionSource
from sidecar.cache import ReuseStore
from sidecar.health import Health, Phase
from sidecar.spool import Spool
from sidecar.tally import Tally

_PREFIX = "gatehold_sidecar_"


class SidecarCollector(Collector):
    """Reads the numbers when they are scraped. Runs in the scraping thread, so it reads copies."""

    def __init__(self, tally: Tally, store: ReuseStore, spool: Spool, health: Health) -> None:
        self._tally = tally
        self._store = store
        self._spool = spool
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """Every metric, as of now."""
        yield from self._of_calls()
        yield _counter("cache_hits", "Calls answered from the cache.", self._store.hits)
        yield _counter("cache_misses", "Calls that the cache could not answer.", self._store.misses)
        yield _gauge("cache_entries", "Decisions kept, the expired among them included.", len(self._store))
        yield _gauge("spool_last_sequence", "Last record stored in the present spool.", self._spool.last_sequence)
        yield _gauge("spool_durable_sequence", "Last record fsync'd in it.", self._spool.durable_sequence)
        phases = GaugeMetricFamily(f"{_PREFIX}phase", "1 for the present phase, 0 for the others.", labels=["phase"])
        present = self._health.phase()
        for phase in Phase:
            phases.add_metric([phase.value], float(phase is present))
        yield phases

    def _of_calls(self) -> Iterator[Metric]:
        seconds = SummaryMetricFamily(f"{_PREFIX}call_seconds", "Calls that ended.", labels=["method", "code"])
        for labels, calls in dict(self._tally.calls).items():
            seconds.add_metric(labels, calls.count, calls.seconds)
        yield seconds
        decisions = CounterMetricFamily(f"{_PREFIX}decisions", "Answers given.", labels=["decision", "source"])
        for (decision, source), count in dict(self._tally.decisions).items():
            decisions.add_metric([_short(Decision.Name(decision)), _short(DecisionSource.Name(source))], count)
        yield decisions


def _short(name: str) -> str:
    return name.removeprefix("DECISION_").removeprefix("SOURCE_").lower()


def _counter(name: str, text: str, value: int) -> Metric:
    return CounterMetricFamily(_PREFIX + name, text, value=value)


def _gauge(name: str, text: str, value: int) -> Metric:
    return GaugeMetricFamily(_PREFIX + name, text, value=value)


def serve_metrics(host: str, port: int, tally: Tally, store: ReuseStore, spool: Spool, health: Health) -> None:
    """Serves GET /metrics in a thread of its own, from a registry of its own, until the process ends.

    Raises:
        OSError: the port is taken.
    """
    registry = CollectorRegistry()
    registry.register(SidecarCollector(tally, store, spool, health))
    start_http_server(port, host, registry)
