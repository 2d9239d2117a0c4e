"""Decisions that may answer again, bounded in number and in time."""

import uuid
from dataclasses import dataclass
from typing import NamedTuple

from cachetools import LRUCache

from gatehold.v1.decision_pb2 import Decision, DecisionSource, RiskLevel
from gatehold.v1.reuse_pb2 import Reuse
from sidecar.cache.key import Key, key_of
from sidecar.cache.outcomes import Outcomes
from sidecar.cache.shape import Shape, form_of, read_shape
from sidecar.lease import Lease
from sidecar.lease.state import SECOND_NS
from sidecar.model import Answer, Call, Clock, Outcome

_OLDEST_NS = {
    RiskLevel.RISK_LEVEL_LOW: 300 * SECOND_NS,
    RiskLevel.RISK_LEVEL_MEDIUM: 60 * SECOND_NS,
    RiskLevel.RISK_LEVEL_HIGH: 60 * SECOND_NS,
}
"""The most that a decision may age, whatever the decision point permits."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the store.

    Attributes:
        entries: decisions kept; the one unused for longest goes first.
        shapes: shapes kept, one for each agent, verb and revision.
    """

    entries: int = 10_000
    shapes: int = 10_000


class Entry(NamedTuple):
    """A kept outcome, too old from `expires_ns` on CLOCK_BOOTTIME."""

    outcome: Outcome
    expires_ns: int


class ReuseStore:
    """Keeps what upstream decided and finds it again for calls that would be decided alike.

    Attributes:
        hits: calls answered from here.
        misses: calls that were not.
    """

    def __init__(self, lease: Lease, clock: Clock, limits: Limits = Limits()) -> None:
        self._lease = lease
        self._clock = clock
        self._entries: LRUCache[Key, Entry] = LRUCache(limits.entries)
        self._shapes: LRUCache[tuple[str, str, int, int], Shape] = LRUCache(limits.shapes)
        self._outcomes = Outcomes()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        """Entries kept, the expired among them included."""
        return len(self._entries)

    def recall(self, call: Call) -> Answer | None:
        """The kept answer to the call, under a live lease on the revision that made it; else None."""
        entry = self._find(call)
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        return Answer(
            entry.outcome,
            DecisionSource.DECISION_SOURCE_CACHE,
            str(uuid.uuid4()),
            usable_until_ns=entry.expires_ns,
        )

    def may_recall(self, call: Call) -> bool:
        """Whether there could be a kept answer: explanations are never kept, and without a lease nothing is found."""
        return not call.request.explain and self._lease.live(self._clock()) is not None

    def _find(self, call: Call) -> Entry | None:
        now_ns = self._clock()
        held = self._lease.live(now_ns)
        if held is None or call.request.explain:
            return None
        shape = self._shapes.get((call.agent, call.request.verb, held.epoch, held.revision))
        if shape is None:
            return None
        entry = self._entries.get(key_of(call, held.epoch, held.revision, shape))
        return entry if entry is not None and now_ns < entry.expires_ns else None

    def keep(self, call: Call, answer: Answer, asked_ns: int) -> None:
        """Keeps upstream's answer under its own revision, where it may be kept.

        Args:
            asked_ns: CLOCK_BOOTTIME just before upstream was asked; the answer ages from there.
        """
        reuse, outcome = answer.reuse, answer.outcome
        if reuse is None or outcome.epoch <= 0 or call.request.explain or _must_be_asked(outcome):
            return
        age_ns = min(_max_age_ns(reuse), _OLDEST_NS.get(outcome.risk_level, 0))
        if age_ns <= 0:
            return
        shape = self._shape(call, outcome, reuse)
        if shape is not None:
            key = key_of(call, outcome.epoch, outcome.revision, shape)
            self._entries[key] = Entry(self._outcomes.shared(outcome), asked_ns + age_ns)

    def _shape(self, call: Call, outcome: Outcome, reuse: Reuse) -> Shape | None:
        place = call.agent, call.request.verb, outcome.epoch, outcome.revision
        known = self._shapes.get(place)
        if known is not None and known.form == form_of(reuse):
            return known
        shape = read_shape(reuse)
        if shape is not None:
            self._shapes[place] = shape
        return shape


def _must_be_asked(outcome: Outcome) -> bool:
    return (outcome.decision, outcome.risk_level) == (Decision.DECISION_ALLOW, RiskLevel.RISK_LEVEL_HIGH)


def _max_age_ns(reuse: Reuse) -> int:
    return reuse.max_age.seconds * SECOND_NS + reuse.max_age.nanos
