"""The lease as such. Pure: every time is an argument, in nanoseconds on CLOCK_BOOTTIME."""

from typing import NamedTuple

SECOND_NS = 1_000_000_000
SHORTEST_NS = 1 * SECOND_NS
LONGEST_NS = 60 * SECOND_NS
_RATE_MARGIN = 1000  # clocks are taken to run within one part in this of true time
_KEPT_REQUESTS = 64


class Held(NamedTuple):
    """A lease: cached answers of `revision` may leave before `deadline_ns`."""

    revision: int
    deadline_ns: int


class Lease:
    """What this process was granted and what it gave up.

    Attributes:
        nonce: random, of this process; a grant to another one is not ours.
        floor: the lowest revision that may still be leased. Having acknowledged an invalidation means never to answer
            from below it again, so a grant that was delayed on its way must not bring an older one back.
    """

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce
        self.floor = 0
        self._held: Held | None = None
        self._last_seq = 0
        self._sent: dict[int, int] = {}

    def request(self, now_ns: int) -> int:
        """Notes a request that is about to be sent, and returns its number.

        The lease counts from here: counted from the reply, it would outlive what the decision point waits for.
        """
        self._last_seq += 1
        self._sent[self._last_seq] = now_ns
        if len(self._sent) > _KEPT_REQUESTS:
            del self._sent[next(iter(self._sent))]
        return self._last_seq

    def grant(self, nonce: str, seq: int, revision: int, ttl_ns: int) -> bool:
        """Takes a grant; refuses another process's, one unasked, below the floor, or of a length outside 1 to 60 s."""
        sent_ns = self._sent.get(seq)
        if nonce != self.nonce or sent_ns is None or revision < max(1, self.floor):
            return False
        if not SHORTEST_NS <= ttl_ns <= LONGEST_NS:
            return False
        deadline_ns = sent_ns + ttl_ns - ttl_ns // _RATE_MARGIN
        if self._held is not None and self._held.revision == revision:
            deadline_ns = max(deadline_ns, self._held.deadline_ns)
        self._held = Held(revision, deadline_ns)
        self.floor = revision
        return True

    def revoke(self, revision: int) -> bool:
        """Gives up every lease below `revision` for good. Returns whether that was news."""
        if revision <= self.floor:
            return False
        self.floor = revision
        self._held = None
        return True

    def live(self, now_ns: int) -> Held | None:
        """The lease, while it lasts."""
        held = self._held
        return held if held is not None and now_ns < held.deadline_ns else None
