"""What callers saw, what is on the record, and where the two are not as they must be."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from gatehold import Guard
from gatehold.guard.answer import Answer
from gatehold.v1.audit_record_pb2 import RecordKind
from gatehold.vocabulary import DecisionSource
from tests.stack import Stack, until

READ = "filesystem:read_file"  # LOW: allowed by default, and reused
REFUND = "stripe:create_refund"  # HIGH: blocked by default, and fsync'd before it is answered


@dataclass(frozen=True, slots=True)
class Observed:
    """One call as its caller saw it; times in nanoseconds of CLOCK_MONOTONIC."""

    began_ns: int
    ended_ns: int
    answer: Answer


class Callers:
    """Threads that make one call over and over, one for each guard, until the block ends."""

    def __init__(self, guards: Sequence[Guard], verb: str = READ, **call: Any) -> None:
        self.observed: list[Observed] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(guard, verb, call)) for guard in guards]

    def _run(self, guard: Guard, verb: str, call: Mapping[str, Any]) -> None:
        while not self._stop.is_set():
            began_ns = time.monotonic_ns()
            answer = guard.evaluate(verb, **call)
            self.observed.append(Observed(began_ns, time.monotonic_ns(), answer))

    def until(self, count: int, where: Callable[[Observed], bool] = lambda _: True) -> None:
        """Waits until that many more calls ended so."""
        start = len(self.observed)
        until(lambda: sum(map(where, self.observed[start:])) >= count, 60)

    @property
    def ids(self) -> set[str]:
        """The decisions that were answered."""
        return {seen.answer.decision_id for seen in self.observed} - {""}

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def cached(guard: Guard, verb: str = READ) -> Answer:
    """Waits for a lease, and for an answer from the cache under it."""
    return until(lambda: from_cache(guard.evaluate(verb)))


def from_cache(answer: Answer) -> Answer | None:
    """The answer, where it is one from the cache."""
    return answer if answer.source is DecisionSource.CACHE else None


def recorded(stack: Stack) -> Counter[str]:
    """How often each decision stands on the record."""
    found = stack.records(kind=RecordKind.RECORD_KIND_DECISION)
    return Counter(record.decision.decision_id for record in found)


def missing(stack: Stack, answered: Iterable[str], agent: str = "dev") -> list[str]:
    """The decisions that were answered and are not on the record once, after the sidecar has shipped all it has."""
    answered = set(answered)
    guard = stack.guard(agent)
    last = until(lambda: guard.evaluate(READ).decision_id)
    counts = until(lambda: found if last in (found := recorded(stack)) else None)
    return [decision for decision in answered if counts[decision] != 1]


def stale(observed: Iterable[Observed], in_force: Sequence[tuple[int, int]]) -> list[Observed]:
    """Calls that began after a change had returned and were answered from an older revision.

    Args:
        in_force: when each change returned, and its revision, in order.
    """
    return [
        seen
        for seen in observed
        if seen.answer.revision
        and any(seen.began_ns > returned_ns and seen.answer.revision < revision for returned_ns, revision in in_force)
    ]


def inverted(observed: Iterable[Observed]) -> list[Observed]:
    """Calls answered from an older revision than a call that had ended before they began."""
    decided = [seen for seen in observed if seen.answer.revision]
    ends = sorted((seen.ended_ns, seen.answer.revision) for seen in decided)
    found: list[Observed] = []
    newest = index = 0
    for seen in sorted(decided, key=lambda seen: seen.began_ns):
        while index < len(ends) and ends[index][0] < seen.began_ns:
            newest = max(newest, ends[index][1])
            index += 1
        if seen.answer.revision < newest:
            found.append(seen)
    return found
