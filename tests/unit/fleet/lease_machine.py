"""The lease protocol between one decision point and its sidecars, with everything between them out of order.

Time is counted in microseconds of true time, so that a clock which runs one part in a thousand off still reads whole
nanoseconds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pdp.fleet.leases import DEFAULT_NS, Grant, Holder, Invalidate, LeaseTable
from sidecar.lease.state import Lease

MICROSECOND, SECOND = 1, 1_000_000
RATES = st.sampled_from([-1, 0, 1])  # parts in a thousand
STEPS = st.sampled_from([1, 1_000, 4_000, SECOND, 5 * SECOND // 2, 5 * SECOND - 6_000, 5 * SECOND])
ANY = st.integers(0, 63)


class Violation(AssertionError):
    """A sidecar may answer from its cache below the revision in force."""


@dataclass
class Clock:
    """A clock that runs `rate` parts in a thousand fast."""

    rate: int
    offset_ns: int

    def read(self, now: int) -> int:
        return self.offset_ns + now * (1000 + self.rate)


@dataclass
class Sidecar:
    """One process, with the real lease in it."""

    holder: Holder
    clock: Clock
    lease: Lease = field(init=False)

    def __post_init__(self) -> None:
        self.lease = Lease(self.holder.nonce)


@dataclass(frozen=True)
class Sent:
    """A message on its way: to `sidecar`, or from it."""

    sidecar: Sidecar
    message: object
    seq: int = 0


class LeaseMachine(RuleBasedStateMachine):
    """One decision point that may be killed, three processes of one sidecar, and a network."""

    table_class: Callable[[int, int, int, int, int], LeaseTable] = LeaseTable

    @initialize(pdp=RATES, rates=st.tuples(RATES, RATES, RATES), settled=st.booleans())
    def begin(self, pdp: int, rates: tuple[int, int, int], settled: bool) -> None:
        self.now = 0
        self.head = self.epoch = 1
        self.changed = True
        self.prepared: int | None = None
        self.seen = 0
        self.clock = Clock(pdp, 7_000)
        self.sidecars = [
            Sidecar(Holder("sidecar", "agent", str(number)), Clock(rate, 1_000 * number))
            for number, rate in enumerate(rates)
        ]
        self.up: list[Sent] = []
        self.down: list[Sent] = []
        self.start()
        if settled:
            self.now += 10 * SECOND

    def start(self) -> None:
        self.began = self.clock.read(self.now)
        self.table = self.table_class(self.head, self.began, DEFAULT_NS, DEFAULT_NS, self.epoch)
        if self.prepared is not None:
            self.table.prepare(self.prepared, self.began)
            self.seen = self.began

    @rule(step=STEPS)
    def pass_time(self, step: int) -> None:
        self.now += step

    @rule(which=ANY)
    def ask(self, which: int) -> None:
        sidecar = self.sidecars[which % 3]
        seq = sidecar.lease.request(sidecar.clock.read(self.now))
        self.up.append(Sent(sidecar, "request", seq))

    @precondition(lambda self: self.up)
    @rule(which=ANY, again=st.booleans())
    def reach_decision_point(self, which: int, again: bool) -> None:
        sent = self.up[which % len(self.up)] if again else self.up.pop(which % len(self.up))
        if isinstance(sent.message, Invalidate):
            assert sent.message.epoch == self.epoch
            self.table.acknowledge(sent.sidecar.holder, sent.message.revision)
            return
        answer = self.table.request(sent.sidecar.holder, self.clock.read(self.now))
        self.down.append(Sent(sent.sidecar, answer, sent.seq))

    @precondition(lambda self: self.down)
    @rule(which=ANY, again=st.booleans())
    def reach_sidecar(self, which: int, again: bool) -> None:
        sent = self.down[which % len(self.down)] if again else self.down.pop(which % len(self.down))
        if isinstance(sent.message, Grant):
            nonce = sent.sidecar.holder.nonce
            grant = sent.message
            sent.sidecar.lease.grant(nonce, sent.seq, grant.epoch, grant.revision, grant.ttl_ns)
        elif isinstance(sent.message, Invalidate):
            sent.sidecar.lease.revoke(sent.message.epoch, sent.message.revision)
            if sent.message.epoch == self.epoch:  # the stream that it came on ended with the store's process
                self.up.append(Sent(sent.sidecar, sent.message))

    @rule(which=ANY)
    def renew(self, which: int) -> None:
        """A request and its answer without a delay."""
        self.ask(which)
        self.reach_decision_point(len(self.up) - 1, False)
        self.reach_sidecar(len(self.down) - 1, False)

    @rule()
    def renew_all(self) -> None:
        for which in range(3):
            self.renew(which)

    @precondition(lambda self: self.prepared is None)
    @rule()
    def prepare(self) -> None:
        self.prepared = self.head + 1
        self.seen = self.clock.read(self.now)
        self.table.prepare(self.prepared, self.seen)

    @precondition(lambda self: self.prepared is not None)
    @rule(which=ANY, prompt=st.booleans())
    def invalidate(self, which: int, prompt: bool) -> None:
        assert self.prepared is not None
        self.down.append(Sent(self.sidecars[which % 3], Invalidate(self.prepared, self.epoch)))
        if prompt:
            self.reach_sidecar(len(self.down) - 1, False)
            self.reach_decision_point(len(self.up) - 1, False)

    @precondition(lambda self: self.prepared is not None)
    @rule()
    def flip_as_soon_as_possible(self) -> None:
        """Time passes to the first moment at which the table lets the change take force."""
        assert self.prepared is not None
        hold = self.table._hold_ns(DEFAULT_NS)
        due = [self.now, self.now + SECOND, *(self._true_time(since + hold) for since in (self.began, self.seen))]
        for moment in sorted(moment for moment in due if moment >= self.now):
            if self.table.may_flip(self.clock.read(moment)):
                self.now = moment
                self.head, self.prepared, self.changed = self.prepared, None, True
                self.table.flip(self.head)
                return

    @rule()
    def kill_and_restart(self) -> None:
        self.start()

    @rule()
    def replace_store(self) -> None:
        """The database is emptied: revisions begin anew. Nothing is promised until the first change."""
        self.head, self.prepared, self.changed = 1, None, False
        self.epoch += 1
        self.up = [sent for sent in self.up if not isinstance(sent.message, Invalidate)]
        self.start()

    @invariant()
    def no_live_lease_below_the_head(self) -> None:
        for sidecar in getattr(self, "sidecars", ()):
            held = sidecar.lease.live(sidecar.clock.read(self.now))
            if held is None or (held.epoch != self.epoch and not self.changed):
                continue
            if held.epoch != self.epoch or held.revision < self.head:
                raise Violation(f"{sidecar.holder} holds {held}, and {self.epoch}, {self.head} is in force")

    def _true_time(self, reading_ns: int) -> int:
        """The first microsecond at which the decision point's clock has reached a reading."""
        return -(-(reading_ns - self.clock.offset_ns) // (1000 + self.clock.rate))
