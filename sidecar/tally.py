"""What the sidecar counts. Plain numbers, so that a call pays nothing for metrics that nobody reads."""

import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass

import structlog

from gatehold.serving import Refusal
from gatehold.v1.decision_pb2 import Decision, DecisionSource
from sidecar.listener.refusals import refusal_for

_log = structlog.get_logger()


@dataclass(slots=True)
class Calls:
    """Calls of one method with one status, and the seconds they took together."""

    count: int = 0
    seconds: float = 0.0


class Tally:
    """Counts since the start; see `gatehold.serving.Handling` and `sidecar.guard.Observer`.

    Attributes:
        calls: by method and gRPC status name.
        decisions: by decision and source.
    """

    def __init__(self) -> None:
        self.calls: defaultdict[tuple[str, str], Calls] = defaultdict(Calls)
        self.decisions: Counter[tuple[Decision, DecisionSource]] = Counter()

    def finished(self, method: str, code: str, seconds: float) -> None:
        """Counts a call that ended."""
        calls = self.calls[method, code]
        calls.count += 1
        calls.seconds += seconds

    def failed(self, method: str, error: BaseException) -> None:
        """Logs where an exception came from. Its message may hold what the caller sent, so it is left out."""
        frames = traceback.extract_tb(error.__traceback__)
        stack = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        _log.error("call failed", method=method, error=type(error).__name__, stack=stack)

    def refusal(self, error: Exception) -> Refusal | None:
        """What an error of the spool ends a call with."""
        return refusal_for(error)

    def decided(self, decision: Decision, source: DecisionSource) -> None:
        """Counts an answer that is leaving."""
        self.decisions[decision, source] += 1
