"""The lease as such. Pure: every time is an argument, in nanoseconds on CLOCK_BOOTTIME."""

from collections import deque
from typing import NamedTuple

SECOND_NS = 1_000_000_000
SHORTEST_NS = 1 * SECOND_NS
LONGEST_NS = 60 * SECOND_NS
_RATE_MARGIN = 1000  # clocks are taken to run within one part in this of true time
_KEPT_REQUESTS = 64
_KEPT_EPOCHS = 64


class Held(NamedTuple):
    """A lease: cached answers of `revision` in `epoch` may leave before `deadline_ns`."""

    epoch: int
    revision: int
    deadline_ns: int


class Lease:
    """What this process was granted and what it gave up.

    Attributes:
        nonce: random, of this process; a grant to another one is not ours.
        epoch: of the store that counts the revisions; 0 before the first grant.
        floor: the lowest revision of the epoch that may still be leased. Having acknowledged an invalidation means
            never to answer from below it again: a grant that was delayed on its way must not bring an older one back.
    """

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce
        self.epoch = 0
        self.floor = 0
        self._left: deque[int] = deque(maxlen=_KEPT_EPOCHS)
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

    def grant(self, nonce: str, seq: int, epoch: int, revision: int, ttl_ns: int) -> bool:
        """Takes a grant, and with it its epoch.

        Refuses another process's, one unasked, of no epoch or of one that was left, below the floor, or of a length
        outside 1 to 60 s.
        """
        sent_ns = self._sent.get(seq)
        if nonce != self.nonce or sent_ns is None or not SHORTEST_NS <= ttl_ns <= LONGEST_NS:
            return False
        if revision < 1 or not self._enter(epoch) or revision < self.floor:
            return False
        deadline_ns = sent_ns + ttl_ns - ttl_ns // _RATE_MARGIN
        if self._held is not None and self._held.revision == revision:
            deadline_ns = max(deadline_ns, self._held.deadline_ns)
        self._held = Held(epoch, revision, deadline_ns)
        self.floor = revision
        return True

    def revoke(self, epoch: int, revision: int) -> bool:
        """Gives up every lease below `revision`, and any of another epoch, for good. Returns whether that was news."""
        before = self.epoch, self.floor, self._held
        if not self._enter(epoch):
            self._held = None  # whoever says this counts otherwise, so the floor cannot tell what the lease is worth
        elif revision > self.floor:
            self.floor, self._held = revision, None
        return before != (self.epoch, self.floor, self._held)

    def _enter(self, epoch: int) -> bool:
        """Makes an epoch the present one, unless it is none or was left: its store is gone, whatever still arrives."""
        if epoch == self.epoch:
            return epoch > 0
        if epoch <= 0 or epoch in self._left:
            return False
        self._left.append(self.epoch)
        self.epoch, self.floor, self._held = epoch, 0, None
        return True

    def live(self, now_ns: int) -> Held | None:
        """The lease, while it lasts."""
        held = self._held
        return held if held is not None and now_ns < held.deadline_ns else None
