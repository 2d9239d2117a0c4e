"""How fast records are shipped, and how long after a failure it is tried again."""

import random
from dataclasses import dataclass

_RANDOM = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class ShippingPace:
    """Sizes, and seconds.

    Attributes:
        batch_records: most records of one batch; the protocol's limit is 256.
        batch_bytes: most bytes of their records, exceeded only by a batch of one.
        answer_seconds: how long the decision point may take to answer before the stream is given up.
        first_retry_seconds: wait after the first failure; it doubles with each further one.
        last_retry_seconds: longest such wait.
        refused_retry_seconds: wait after the decision point refused the records, which waiting alone does not heal.
    """

    batch_records: int = 256
    batch_bytes: int = 1024 * 1024
    answer_seconds: float = 30.0
    first_retry_seconds: float = 0.1
    last_retry_seconds: float = 5.0
    refused_retry_seconds: float = 30.0


class Backoff:
    """Capped exponential waits, drawn at random so that a fleet does not return to its decision point at once."""

    def __init__(self, first: float, last: float) -> None:
        self._first = first
        self._last = last
        self._next = first

    def reset(self) -> None:
        """Begins again with the first wait."""
        self._next = self._first

    def wait(self) -> float:
        """Seconds to wait now: between half of what is due and all of it."""
        due = self._next
        self._next = min(self._last, due * 2)
        return _RANDOM.uniform(due / 2, due)
