"""What an approval is to those who use it, written down as plainly as can be. Nothing of the product is in here.

Every action returns the name of the error that it must end in, or an empty text.
"""

from dataclasses import dataclass, field

MINUTE = 60_000_000  # microseconds
DAY = 24 * 60 * MINUTE
ENDED = ("denied", "expired", "cancelled", "succeeded", "failed")
PEOPLE = {
    "ann": {"finance"},
    "ANN": {"finance"},  # the same person
    "bob": {"finance", "legal"},
    "cleo": {"legal"},
    "dev": {"finance", "legal"},  # named like an agent
}


@dataclass(frozen=True)
class Ask:
    """What one policy asks: how many, of which groups, and whether the person the agent acts for may not."""

    count: int = 1
    groups: frozenset[str] = frozenset()
    apart: bool = False


ANY, APART = Ask(), Ask(apart=True)
FINANCE, LEGAL = Ask(groups=frozenset({"finance"})), Ask(groups=frozenset({"legal"}))
TWO_OF_FINANCE = Ask(2, frozenset({"finance"}))
BLOCK, ALLOW = "block", "allow"

Answer = str | list[Ask]


def answer(regime: str, amount: int) -> Answer:
    """What policy says of an amount."""
    large: dict[str, Answer] = {
        "any": [ANY],
        "two": [TWO_OF_FINANCE],
        "both": [FINANCE, LEGAL],
        "apart": [APART],
        "never": BLOCK,
        "split": BLOCK if amount > 500 else [LEGAL],
    }
    return large[regime] if amount > 100 else ALLOW


@dataclass
class Item:
    """One approval."""

    id: str
    agent: str
    person: str
    again: bool
    amount: int
    asks: list[Ask]
    decide_by: int
    state: str = "pending"
    version: int = 1
    approved_by: dict[str, set[str]] = field(default_factory=dict)
    denied_by: str = ""
    edited: bool = False
    claim_by: int = 0
    claim: str = ""
    claim_until: int = 0
    end: int = 0
    sealed: bool = True
    events: list[str] = field(default_factory=lambda: ["requested"])
    refusals: set[tuple[str, int]] = field(default_factory=set)

    def _step(self, *events: str) -> str:
        self.version += 1
        self.events += events
        return ""

    def _end(self, state: str, event: str, now: int) -> str:
        self.state, self.end, self.claim_until = state, now, 0
        return self._step(event)

    def due(self) -> int:
        """When time acts on it; 0 for never."""
        deadlines = {"pending": self.decide_by, "approved": self.claim_by, "claimed": self.claim_until}
        return deadlines.get(self.state, self.end + DAY if self.sealed else 0)

    def settle(self, now: int) -> None:
        """What time has done."""
        if not self.due() or now < self.due():
            return
        if self.state in ("pending", "approved"):
            self._end("expired", "expired", now)
        elif self.state == "claimed":
            self._end("indeterminate", "lapsed", now)
        else:
            self.sealed = False
            self._step()

    def _may_decide(self, who: str) -> str:
        own = {self.agent, self.person.lower()} if any(ask.apart for ask in self.asks) else {self.agent}
        if who.lower() in own:
            return "SelfApproval"
        asked = any(not ask.groups or ask.groups & PEOPLE[who] for ask in self.asks)
        return "" if asked else "NotEligible"

    def _is_met(self, ask: Ask) -> bool:
        if ask.apart and not self.person:
            return False
        counted = [
            who
            for who, groups in self.approved_by.items()
            if (not ask.groups or ask.groups & groups) and not (ask.apart and who == self.person.lower())
        ]
        return len(counted) >= ask.count

    def _vote(self, who: str, now: int) -> str:
        self.approved_by[who.lower()] = PEOPLE[who]
        self._step("voted")
        if all(map(self._is_met, self.asks)):
            self.state, self.claim_by = "approved", now + 10 * MINUTE
            self.events.append("approved")
        return ""

    def approve(self, who: str, stale: bool, other_args: bool, now: int) -> str:
        if problem := self._may_decide(who):
            return problem
        if who.lower() in self.approved_by and not other_args:
            return ""
        if problem := self._unseen(stale, other_args) or self._not_in("pending"):
            return problem
        return self._vote(who, now)

    def edit(self, who: str, amount: int, regime: str, stale: bool, now: int) -> str:
        if problem := self._may_decide(who) or self._unseen(stale, False):
            return problem
        asks = answer(regime, amount)
        if not self.sealed:
            return "WrongState"
        if asks == BLOCK:
            return "PolicyBlocks"
        asks = [ANY] if isinstance(asks, str) else asks
        if any(ask.apart for ask in asks) and not self.person:
            return "RequirementUnmet"
        if any(ask.apart for ask in asks) and who.lower() == self.person.lower():
            return "SelfApproval"
        if problem := self._not_in("pending"):
            return problem
        self.amount, self.asks, self.approved_by, self.edited = amount, asks, {}, True
        self.decide_by = now + 30 * MINUTE
        self.events.append("edited")
        return self._vote(who, now)

    def deny(self, who: str, stale: bool, other_args: bool, now: int) -> str:
        if problem := self._may_decide(who):
            return problem
        if who.lower() == self.denied_by and not other_args:
            return ""
        if problem := self._unseen(stale, other_args) or self._not_in("pending"):
            return problem
        self.denied_by = who.lower()
        return self._end("denied", "denied", now)

    def cancel(self, who: str, stale: bool, now: int) -> str:
        problem = self._may_decide(who) or self._unseen(stale, False) or self._not_in("pending", "approved")
        return problem or self._end("cancelled", "cancelled", now)

    def cancel_own(self, agent: str, now: int) -> str:
        if agent != self.agent:
            return "NoSuchApproval"
        return self._not_in("pending", "approved") or self._end("cancelled", "cancelled", now)

    def resolve(self, who: str, outcome: str, stale: bool, now: int) -> str:
        problem = self._may_decide(who) or self._unseen(stale, False) or self._not_in("indeterminate")
        return problem or self._end(outcome, "resolved", now)

    def claim_it(self, agent: str, claim: str, wrong: str, regime: str, revision: int, now: int) -> str:
        if agent != self.agent:
            return "NoSuchApproval"
        if self.state in ("approved", "indeterminate"):
            problem = wrong or self._refusal_of_policy(regime)
            if problem not in ("", "WrongState"):
                return self._refuse(problem, revision)
            if problem or (self.state == "indeterminate" and not self.again):
                return "WrongState"
            self.state, self.claim, self.claim_until, self.end = "claimed", claim, now + 5 * MINUTE, 0
            return self._step("claimed")
        if self.state == "claimed":
            if wrong or claim != self.claim:
                return wrong or "ClaimConflict"
            self.claim_until = now + 5 * MINUTE
            return self._step()
        return "WrongState"

    def complete(self, agent: str, claim: str, outcome: str, now: int) -> str:
        if agent != self.agent:
            return "NoSuchApproval"
        if self.claim and claim != self.claim:
            return "ClaimConflict"
        if self.state == outcome:
            return ""
        return self._not_in("claimed", "indeterminate") or self._end(outcome, "completed", now)

    def _refusal_of_policy(self, regime: str) -> str:
        asks = answer(regime, self.amount)
        if not self.sealed:
            return "WrongState"
        if asks == BLOCK:
            return "PolicyBlocks"
        return "" if isinstance(asks, str) or all(map(self._is_met, asks)) else "RequirementUnmet"

    def _refuse(self, problem: str, revision: int) -> str:
        if (problem, revision) not in self.refusals:
            self.refusals.add((problem, revision))
            self._step("claim_refused")
        return problem

    def _not_in(self, *states: str) -> str:
        return "" if self.state in states else "WrongState"

    @staticmethod
    def _unseen(stale: bool, other_args: bool) -> str:
        return "StaleEtag" if stale else "ArgsChanged" if other_args else ""
