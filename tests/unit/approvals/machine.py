"""The real room of approvals and its model, side by side, in whatever order things come."""

from collections import defaultdict
from collections.abc import Coroutine
from random import Random
from typing import Any, ClassVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from gatehold.invalid import InvalidInput
from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.vocabulary import Outcome, RecordKind
from pdp.approvals.errors import ApprovalError
from pdp.approvals.requests import Claim, Claimed
from pdp.store.approval import Approval
from pdp.store.errors import RequestIdReused
from pdp.store.model import RecordFilter
from tests.unit.approvals.model import ALLOW, BLOCK, MINUTE, PEOPLE, Item, answer
from tests.unit.approvals.regimes import FREE, POLICIES
from tests.unit.approvals.world import AGAIN, ONCE, World

Call = tuple[str, bool, int, str]
"""Agent, whether the verb is idempotent, amount, and the person the agent acts for."""

AMOUNTS = (50, 250, 300, 700)
PENDING, VOTED, APPROVED, CLAIMED, LAPSED, TAKEN_AGAIN = range(6)
OFTEN = ("ask", "vote", "vote", "edit", "claim", "claim", "complete")
ACTS = (*OFTEN, *OFTEN, "take_back", "resolve", "read", "pass_time", "sweep", "change_policy")
MISSTATED = {"ArgsChanged": "args_digest", "ContextChanged": "context_digest", "ToolChanged": "tool_definition_digest"}


def seldom(dice: Random) -> bool:
    return dice.randrange(6) == 0


class ApprovalMachine(RuleBasedStateMachine):
    """One tenant for each run; the database and its clock go on."""

    world: ClassVar[World]

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        """Begins with a call of each kind, as far on its way as chance alone would seldom get it."""
        dice = self.dice = Random(seed)
        self.tenant = self.world.tenant()
        self.items: list[Item] = []
        self.asked: dict[tuple[str, str], tuple[Call, Item]] = {}
        self.calls: dict[str, Call] = {}
        self.grants: dict[str, dict[str, int]] = defaultdict(dict)
        self.revision = 1
        self._apply(dice.choice(["any", "two", "both", "apart"]))
        named = ["zoe", "Ann"] if self.regime == "apart" else ["zoe", "Ann", ""]
        for again in (False, True):
            self._ask(("dev", again, 250, dice.choice(named)))
            self._bring_to(self.items[-1], dice.randint(PENDING, TAKEN_AGAIN))

    def _bring_to(self, item: Item, stage: int) -> None:
        for who in {PENDING: (), VOTED: ("ann",)}.get(stage, ("ann", "cleo", "bob")):
            self._vote(item, who)
        if stage >= CLAIMED:
            self._claim(item, item.agent, "c1")
        if stage >= LAPSED and item.state == "claimed":
            self.world.time.move_us(5 * MINUTE)
        if stage >= TAKEN_AGAIN:
            item.settle(self.now)
            self._claim(item, item.agent, "c2")

    @rule(seed=st.integers(0, 2**32))
    def act(self, seed: int) -> None:
        """Thrown evenly, and anew at each step: rules and values that Hypothesis draws repeat, and seldom get far."""
        dice = self.dice = Random(f"{self.dice.random()} {seed}")
        name = dice.choice(ACTS)
        note(name)
        getattr(self, name)(dice)

    def change_policy(self, dice: Random) -> None:
        self._apply(dice.choice(["any", *POLICIES]))

    def _apply(self, regime: str) -> None:
        self.regime = regime
        self.revision += 1
        self.world.apply(self.tenant, FREE, *POLICIES[regime])

    def ask(self, dice: Random) -> None:
        call = (self._agent(dice), dice.choice([True, False]), dice.choice(AMOUNTS), dice.choice(["", "Ann", "zoe"]))
        self._ask(call, dice.choice(["", "", "", "r1", "r2"]))

    def _ask(self, call: Call, request_id: str = "") -> None:
        agent, again, amount, person = call
        how = {"agent": agent, "verb": AGAIN if again else ONCE, "on_behalf_of": person, "request_id": request_id}
        expected = self._expected(call, request_id)
        try:
            approval = self.world.request(self.tenant, {"amount": amount}, **how)
        except (ApprovalError, InvalidInput, RequestIdReused) as error:
            assert type(error).__name__ == expected
            return
        if isinstance(expected, Item):
            assert approval.approval_id == expected.id
        else:
            assert expected == "", f"should have been {expected}"
            expected = self._add(approval, call)
            if request_id:
                self.asked[agent, request_id] = (call, expected)
        self._compare(expected)

    def _expected(self, call: Call, request_id: str) -> Item | str:
        agent, _, amount, person = call
        if request_id and (agent, request_id) in self.asked:
            known, item = self.asked[agent, request_id]
            item.settle(self.now if known == call else 0)
            return item if known == call else "RequestIdReused"
        asks = answer(self.regime, amount)
        if asks in (ALLOW, BLOCK):
            return "NotRequired"
        for item in self.items:
            if self.calls[item.id] == call and item.state in ("pending", "approved"):
                item.settle(self.now)
                if item.state in ("pending", "approved"):
                    return item
        return "InvalidInput" if not person and any(not isinstance(ask, str) and ask.apart for ask in asks) else ""

    def _add(self, approval: Approval, call: Call) -> Item:
        _, again, amount, person = call
        asks = answer(self.regime, amount)
        assert not isinstance(asks, str)
        decide_by = self.now + 30 * MINUTE
        item = Item(approval.approval_id, approval.agent, person, again, amount, asks, decide_by)
        self.items.append(item)
        self.calls[item.id] = call
        return item

    def vote(self, dice: Random) -> None:
        self._vote(self._pick(dice), dice.choice(sorted(PEOPLE)), seldom(dice), seldom(dice), seldom(dice))

    def _vote(self, item: Item, who: str, stale: bool = False, other_args: bool = False, denies: bool = False) -> None:
        item.settle(self.now)
        seen = self._ballot(item, who, stale, **({"args_digest": "0" * 64} if other_args else {}))
        expected = (item.deny if denies else item.approve)(who, stale, other_args, self.now)
        self._try(item, (self.world.ballots.deny if denies else self.world.ballots.approve)(seen), expected)

    def edit(self, dice: Random) -> None:
        item, who, amount, stale = self._pick(dice), dice.choice(sorted(PEOPLE)), dice.choice(AMOUNTS), seldom(dice)
        ballot = self._ballot(item, who, stale)
        expected = item.edit(who, amount, self.regime, stale, self.now)
        self._try(item, self.world.ballots.edit(ballot, {"amount": amount}), expected)

    def take_back(self, dice: Random) -> None:
        item, who, stale = self._pick(dice), dice.choice(sorted(PEOPLE)), not seldom(dice)
        if seldom(dice):
            agent = self._agent(dice)
            expected = item.cancel_own(agent, self.now)
            self._try(item, self.world.requests.cancel(self.tenant, agent, item.id, "r"), expected)
        else:
            ballot = self._ballot(item, who, stale)
            self._try(item, self.world.ballots.cancel(ballot), item.cancel(who, stale, self.now))

    def resolve(self, dice: Random) -> None:
        item, who, stale = self._pick(dice), dice.choice(sorted(PEOPLE)), seldom(dice)
        outcome = dice.choice([Outcome.SUCCEEDED, Outcome.FAILED])
        ballot = self._ballot(item, who, stale)
        expected = item.resolve(who, outcome.value, stale, self.now)
        self._try(item, self.world.ballots.resolve(ballot, outcome), expected)

    def claim(self, dice: Random) -> None:
        """Often under another policy than it was approved under: that is what the claim decides again for."""
        if dice.randrange(3) == 0:
            self._apply(dice.choice(list(POLICIES)))
        wrong = dice.choice(list(MISSTATED)) if seldom(dice) else ""
        self._claim(self._pick(dice), self._agent(dice), dice.choice(["c1", "c2"]), wrong)

    def _claim(self, item: Item, agent: str, claim: str, wrong: str = "") -> None:
        expected = item.claim_it(agent, claim, wrong, self.regime, self.revision, self.now)
        stated = dict.fromkeys(MISSTATED.values(), "") | ({MISSTATED[wrong]: "0" * 64} if wrong else {})
        work = self.world.requests.claim(self.tenant, agent, item.id, Claim(claim, **stated))
        claimed = self._try(item, work, expected)
        if isinstance(claimed, Claimed):
            self._granted(item, claim, claimed)

    def _granted(self, item: Item, claim: str, claimed: Claimed) -> None:
        """Holds the reply against all replies before it: whoever has one may be running the call."""
        assert claimed.frozen.args == {"amount": item.amount}
        others = [until for other, until in self.grants[item.id].items() if other != claim]
        assert all(until <= self.now for until in others), "two claims are live"
        assert item.again or not others, "a call that is not idempotent was handed out twice"
        self.grants[item.id][claim] = claimed.approval.claim_until_us

    def complete(self, dice: Random) -> None:
        item, agent, claim = self._pick(dice), self._agent(dice), dice.choice(["c1", "c2"])
        outcome = dice.choice(list(Outcome))
        expected = item.complete(agent, claim, outcome.value, self.now)
        self._try(item, self.world.requests.complete(self.tenant, agent, item.id, claim, outcome, ""), expected)
        if not expected:
            self.grants[item.id][claim] = self.now

    def read(self, dice: Random) -> None:
        item, agent = self._pick(dice), self._agent(dice)
        expected = "" if agent == item.agent else "NoSuchApproval"
        self._try(item, self.world.requests.own(self.tenant, agent, item.id), expected)

    def pass_time(self, dice: Random) -> None:
        """To a deadline or just beside it, or a little on."""
        off, steps = dice.choice([-1, 0, 1]), [1, MINUTE, 4 * MINUTE]
        steps += [item.due() + off - self.now for item in self.items if item.due() + off > self.now]
        self.world.time.move_us(dice.choice(steps))

    def sweep(self, dice: Random) -> None:
        self.world.run(self.world.keeper.catch_up(self.tenant))
        for item in self.items:
            item.settle(self.now)
            self._compare(item)

    @property
    def now(self) -> int:
        return self.world.now_us

    def _agent(self, dice: Random) -> str:
        return "ops" if seldom(dice) else "dev"

    def _pick(self, dice: Random) -> Item:
        """One of the latest. Time acts on its model, as any look at the real one lets it do."""
        item = dice.choice(self.items[-3:])
        item.settle(self.now)
        return item

    def _ballot(self, item: Item, who: str, stale: bool, **seen: str) -> Any:
        """One of somebody who has seen it as the model says that it is now."""
        groups, etag = tuple(sorted(PEOPLE[who])), f"v{item.version - stale}"
        stored = self.world.approval(self.tenant, item.id)
        return self.world.ballot(stored, who, groups=groups, **{"etag": etag} | seen)

    def _try(self, item: Item, work: Coroutine[Any, Any, object], expected: str) -> object:
        try:
            outcome = self.world.run(work)
        except ApprovalError as error:
            assert type(error).__name__ == expected
            outcome = None
        else:
            assert expected == "", f"should have been {expected}"
        self._compare(item)
        return outcome

    def _compare(self, item: Item) -> None:
        stored = self.world.approval(self.tenant, item.id)
        found = (stored.state, stored.version, stored.claim_id, stored.claim_until_us, stored.end_us, stored.edited)
        assert found == (item.state, item.version, item.claim, item.claim_until, item.end, item.edited)
        assert (stored.decide_by_us, stored.claim_by_us) == (item.decide_by, item.claim_by)
        assert (stored.call.sealed is not None) == item.sealed
        assert {vote.approver.lower() for vote in stored.votes if vote.approve} == set(item.approved_by)

    def teardown(self) -> None:
        """History, audit records and state say the same."""
        told: dict[str, list[str]] = defaultdict(list)
        for body in reversed(self._records()):
            detail = AuditRecord.FromString(body).approval
            told[detail.approval_id].append(detail.event)
        assert told.keys() == {item.id for item in self.items}
        for item in self.items:
            self._compare(item)
            events = self.world.store.approval_events(self.tenant, item.id)
            assert [event.event for event in events] == told[item.id] == item.events
            assert [event.time_us for event in events] == sorted(event.time_us for event in events)
            assert events[-1].state == item.state or events[-1].event == "claim_refused"

    def _records(self) -> list[bytes]:
        found = self.world.store.records(self.tenant, RecordFilter(kind=RecordKind.APPROVAL), None, 10_000)
        return [stored.entry.body for stored in found]
