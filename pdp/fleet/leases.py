"""The leases of one tenant's sidecars, and when a prepared change may take force.

A sidecar answers from its cache only under a live lease. So a change may take force once every lease that could be live
is given up or over, and none is granted in between. Pure: every time is an argument, in nanoseconds on CLOCK_BOOTTIME.
"""

from dataclasses import dataclass
from typing import NamedTuple

SECOND_NS = 1_000_000_000
SHORTEST_NS = 1 * SECOND_NS
LONGEST_NS = 60 * SECOND_NS
DEFAULT_NS = 5 * SECOND_NS
_RATE_MARGIN = 1000  # clocks are taken to run within one part in this of true time; sidecars take the same off


class Holder(NamedTuple):
    """One sidecar process.

    Attributes:
        name: the one its credential gives it.
        agent: the agent it serves.
        nonce: random, of the process: two processes of one sidecar must not acknowledge for each other.
    """

    name: str
    agent: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A lease on `revision` of `epoch`. It counts from when it was asked for, on the sidecar's clock."""

    revision: int
    ttl_ns: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Invalidate:
    """Takes every lease below `revision` of `epoch` back, and every one of another epoch."""

    revision: int
    epoch: int


@dataclass(slots=True)
class _Row:
    revision: int
    granted_ns: int
    acked_revision: int = 0


class LeaseTable:
    """One row for each process that may hold a lease.

    Args:
        revision: the one in force.
        started_ns: when this process began to watch. It knows nothing of leases that were granted before.
        ttl_ns: length of a lease, 1 to 60 s.
        earlier_ttl_ns: the longest lease that may have been granted before `started_ns`; 0 where none was.
        epoch: of the store that counts the revisions.

    Raises:
        ValueError: `ttl_ns` is out of its bounds.
    """

    def __init__(self, revision: int, started_ns: int, ttl_ns: int, earlier_ttl_ns: int, epoch: int) -> None:
        if not SHORTEST_NS <= ttl_ns <= LONGEST_NS:
            raise ValueError("a lease is 1 to 60 s long")
        self.revision = revision
        self.epoch = epoch
        self.prepared: int | None = None
        self._started_ns = started_ns
        self._ttl_ns = ttl_ns
        self._earlier_ttl_ns = earlier_ttl_ns
        self._prepared_ns = 0
        self._rows: dict[Holder, _Row] = {}

    def request(self, holder: Holder, now_ns: int) -> Grant | Invalidate:
        """Grants or renews a lease. While a change is prepared it takes the lease back instead.

        Args:
            now_ns: read after the request arrived.
        """
        if self.prepared is not None:
            return Invalidate(self.prepared, self.epoch)
        self.drop(now_ns)
        row = self._rows.pop(holder, None)
        acked_revision = row.acked_revision if row else 0
        self._rows[holder] = _Row(self.revision, now_ns, acked_revision)  # at the end: rows stand in order of grant
        return Grant(self.revision, self._ttl_ns, self.epoch)

    def acknowledge(self, holder: Holder, revision: int) -> None:
        """Notes that a sidecar answers nothing below the prepared revision from its cache any more."""
        row = self._rows.get(holder)
        if row is not None and revision == self.prepared:
            row.acked_revision = revision

    def prepare(self, revision: int, now_ns: int) -> None:
        """From now on grants nothing until `flip`.

        Args:
            now_ns: read after the change was stored as prepared. A time from before could be earlier than a last grant.
        """
        if self.prepared != revision:
            self.prepared, self._prepared_ns = revision, now_ns

    def may_flip(self, now_ns: int) -> bool:
        """Whether no sidecar can hold a live lease below the prepared revision any more."""
        if self.prepared is None:
            return False
        self.drop(now_ns)
        over = self._leases_over(now_ns) or self.all_acked(self.prepared)
        return over and self._watched_long_enough(now_ns)

    def flip(self, revision: int) -> None:
        """Puts `revision` in force and grants leases on it."""
        self.revision, self.prepared = revision, None
        self._rows.clear()  # `may_flip` found them all given up or over: the next change need not wait for them

    def all_acked(self, revision: int) -> bool:
        """Whether every sidecar that may hold a lease acknowledged `revision`."""
        return all(row.acked_revision >= revision for row in self._rows.values())

    def drop(self, now_ns: int) -> None:
        """Forgets sidecars whose last lease is over by any clock."""
        while self._rows:
            oldest = next(iter(self._rows))
            if not self._over(self._rows[oldest].granted_ns, now_ns):
                return
            del self._rows[oldest]

    def leased_revision(self, holder: Holder, now_ns: int) -> int:
        """The revision of the lease that may be live at that sidecar; 0 where none can be."""
        row = self._rows.get(holder)
        if row is None or self._over(row.granted_ns, now_ns):
            return 0
        given_up = self.prepared is not None and row.acked_revision >= self.prepared
        return 0 if given_up else row.revision

    def _leases_over(self, now_ns: int) -> bool:
        # Nothing was granted since, so the wait from here covers the last grant.
        return self._over(self._prepared_ns, now_ns)

    def _over(self, granted_ns: int, now_ns: int) -> bool:
        return now_ns - granted_ns >= self._hold_ns(self._ttl_ns)

    def _watched_long_enough(self, now_ns: int) -> bool:
        # The rows of an earlier process died with it, and its leases did not: an empty table proves nothing yet.
        return now_ns - self._started_ns >= self._hold_ns(self._earlier_ttl_ns)

    def _hold_ns(self, ttl_ns: int) -> int:
        """How long to wait until a lease of `ttl_ns` is over even if this clock is fast and the sidecar's slow."""
        return ttl_ns + -(-ttl_ns // _RATE_MARGIN)
