"""The decision point's numbers for Prometheus."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from pdp.tally import BOUNDS, Tally

_PREFIX = "gatehold_pdp_"
_LABELS = [*map(str, BOUNDS), "+Inf"]


class PdpCollector(Collector):
    """Reads the numbers when they are scraped. Runs in the scraping thread, so it reads copies.

    Args:
        storing: whether records can be stored.
        revision: the revision in force.
    """

    def __init__(self, tally: Tally, storing: Callable[[], bool], revision: Callable[[], int]) -> None:
        self._tally = tally
        self._storing = storing
        self._revision = revision

    def collect(self) -> Iterator[Metric]:
        """Every metric, as of now."""
        calls = HistogramMetricFamily(f"{_PREFIX}call_seconds", "Calls that ended.", labels=["method", "code"])
        for labels, ended in self._tally.calls.copy().items():
            buckets = list(zip(_LABELS, map(float, accumulate(ended.buckets)), strict=True))
            calls.add_metric(labels, buckets, ended.seconds)
        yield calls
        decisions = CounterMetricFamily(f"{_PREFIX}decisions", "Calls decided.", labels=["decision"])
        for decision, count in self._tally.decisions.copy().items():
            decisions.add_metric([decision.value], count)
        yield decisions
        yield GaugeMetricFamily(f"{_PREFIX}storing", "1 while records can be stored.", value=float(self._storing()))
        yield GaugeMetricFamily(f"{_PREFIX}revision", "The revision in force.", value=self._revision())


@contextmanager
def serve_metrics(host: str, port: int, collector: PdpCollector) -> Iterator[int]:
    """Serves GET /metrics in a thread of its own, from a registry of its own, while the block lasts. Gives the port.

    Raises:
        OSError: the port is taken.
    """
    registry = CollectorRegistry()
    registry.register(collector)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    server, thread = start_http_server(port, host, registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
