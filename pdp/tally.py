"""What the decision point counts. Plain numbers, so that a call pays nothing for metrics that nobody reads."""

import traceback
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import structlog

from gatehold.serving import Refusal
from gatehold.vocabulary import Decision
from pdp.transport.refusals import refusal

BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
"""Upper bounds of the duration buckets, in seconds."""

_log = structlog.get_logger()


@dataclass(slots=True)
class Calls:
    """Calls of one method with one status.

    Attributes:
        buckets: how many took up to each of `BOUNDS`, and longer.
        seconds: how long they took together.
    """

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0


class Tally:
    """Counts since the start; see `gatehold.serving.Handling`.

    Attributes:
        calls: by method and gRPC status name.
        decisions: by decision.
    """

    def __init__(self) -> None:
        self.calls: defaultdict[tuple[str, str], Calls] = defaultdict(Calls)
        self.decisions: Counter[Decision] = Counter()

    def finished(self, method: str, code: str, seconds: float) -> None:
        """Counts a call that ended."""
        calls = self.calls[method, code]
        calls.buckets[bisect_left(BOUNDS, seconds)] += 1
        calls.seconds += seconds

    def failed(self, method: str, error: BaseException) -> None:
        """Logs where an exception came from. Its message may hold what the caller sent, so it is left out."""
        frames = traceback.extract_tb(error.__traceback__)
        shown = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        _log.error("call_failed", method=method, error=type(error).__name__, frames=shown)

    def refusal(self, error: Exception) -> Refusal | None:
        """What a room's own error ends a call with."""
        return refusal(error)

    def decided(self, decision: Decision) -> None:
        """Counts a decision."""
        self.decisions[decision] += 1
