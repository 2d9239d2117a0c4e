"""The sidecars that were heard of, for administrators to see."""

from collections.abc import Callable
from dataclasses import dataclass
from time import time_ns

from pdp.fleet.leases import Holder

_FORGET_US = 3_600_000_000
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Sighting:
    """A sidecar process as it last spoke of itself.

    Attributes:
        holder: which process it is.
        version: of the product; empty where it did not say.
        spool_id: the spool it writes.
        last_sequence: the last that is fsync'd in it.
    """

    holder: Holder
    version: str
    spool_id: str
    last_sequence: int


class Sidecars:
    """What each tenant's sidecars last said. Kept for an hour after that, in memory alone.

    Args:
        now_us: the wall clock, in microseconds since 1970-01-01 UTC.
    """

    def __init__(self, now_us: Callable[[], int] = lambda: time_ns() // 1_000) -> None:
        self._now_us = now_us
        self._seen: dict[tuple[str, Holder], tuple[Sighting, int]] = {}

    def saw(self, tenant: str, sighting: Sighting) -> None:
        """Notes what a sidecar says, now."""
        key = (tenant, sighting.holder)
        self._seen.pop(key, None)  # so that they stand in the order in which they were last heard
        self._seen[key] = (sighting, self._now_us())
        self._forget()

    def of(self, tenant: str) -> list[tuple[Sighting, int]]:
        """Each of the tenant's sidecars, by name, with when it was last heard (microseconds since 1970-01-01 UTC)."""
        self._forget()
        found = [seen for (whose, _), seen in self._seen.items() if whose == tenant]
        return sorted(found, key=lambda seen: seen[0].holder)

    def _forget(self) -> None:
        expired_us = self._now_us() - _FORGET_US
        while self._seen:
            oldest = next(iter(self._seen))
            if self._seen[oldest][1] > expired_us and len(self._seen) <= _REMEMBERED:
                return
            del self._seen[oldest]
