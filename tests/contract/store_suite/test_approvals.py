"""Approvals: compared and set, with their events, messages and records, or not at all."""

import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatehold import chain
from gatehold.vocabulary import ApprovalState, RecordKind, RiskLevel
from pdp.model import Candidate, Comparison
from pdp.store.approval import Approval, ApprovalChange, Event, FrozenCall, Message, Requirement, Vote
from pdp.store.interface import (
    LogEntry,
    NotContiguous,
    RecordFilter,
    SpoolOpening,
    StaleApproval,
    Store,
    StoreError,
    TooManyApprovals,
)
from pdp.store.opening import open_store
from tests.contract.store_suite.chains import entry

State = ApprovalState
HOUR_US = 3_600 * 1_000_000
FULL = Approval(
    tenant="acme",
    approval_id="full",
    version=1,
    state=State.PENDING,
    agent="dev",
    on_behalf_of="zoé",
    session="s-1",
    verb="pay:once",
    tool_definition_digest="ab",
    call_digest="call-full",
    request_id="r-full",
    request_digest="rd",
    justification="because\n“so”",
    call=FrozenCall(
        args_digest="a",
        context_digest="c",
        shown_args='{"amount":5}',
        shown_context="",
        risk_level=RiskLevel.HIGH,
        revision=3,
        reason="why",
        policy_matched="p",
        requirements=(
            Requirement("p", ("finance", "legal"), 2, True, True, "why", ("args.amount greater 1 is true",)),
        ),
        decide_within_us=HOUR_US,
        trace=(Candidate("p", "require_approval", None, "candidate", (Comparison("x", None),), "q"),),
        sealed=b"\0sealed\xff",
    ),
    request_us=1_000,
    decide_by_us=2_000,
    edited=True,
    votes=(Vote("ann", True, ("finance",), "fine", "a", 1_500), Vote("bob", False, (), "no", "a", 1_600)),
    claim_by_us=3,
    claim_id="c-1",
    claim_until_us=4,
    end_us=5,
    end_reason="over",
)
EVENT = Event("voted", 1_500, "ann", State.PENDING, "fine", "a", "b", "c-1", 3)


def one(approval_id: str, **fields: Any) -> Approval:
    """A new approval of a call of its own."""
    known = {"approval_id": approval_id, "call_digest": f"call-{approval_id}", "request_id": ""}
    return replace(FULL, **known | fields)


def put(store: Store, approval: Approval, *entries: LogEntry, most_pending: int | None = None, **fields: Any) -> None:
    change = ApprovalChange(approval, **{"due_us": 0} | fields)
    store.change_approval(change, entries, most_pending)


def listed(store: Store, *states: ApprovalState, tenant: str = "acme", **where: Any) -> list[str]:
    found = store.approvals(tenant, states or list(State), where.get("agent"), where.get("after", 0), 100)
    return [approval.approval_id for approval in found]


def ids(store: Store, *names: str, **fields: Any) -> Sequence[int]:
    """Puts several, and returns their positions."""
    for name in names:
        put(store, one(name, **fields))
    return [approval.position for approval in store.approvals(fields.get("tenant", "acme"), list(State), None, 0, 100)]


def test_an_approval_is_kept_whole(url: str, store: Store) -> None:
    put(store, FULL, events=(EVENT, replace(EVENT, event="approved")))
    store.close()
    again = open_store(url)
    kept = again.approval("acme", "full")
    assert kept == replace(FULL, position=1)
    assert again.approval_events("acme", "full") == [EVENT, replace(EVENT, event="approved")]
    assert again.requested_approval("acme", "dev", "r-full") == kept
    assert again.open_approval("acme", "dev", "call-full") == kept
    assert again.approvals("acme", [State.PENDING], None, 0, 1) == [kept]
    assert (again.approval("acme", "none"), again.approval_events("acme", "none")) == (None, [])
    again.close()


def test_a_change_follows_the_version_it_was_made_of(store: Store) -> None:
    put(store, one("a"))
    put(store, one("a", version=2, state=State.APPROVED), events=(EVENT,))
    for version in (1, 2, 4, 0, -1):
        with pytest.raises(StoreError):
            put(store, one("a", version=version, state=State.DENIED), events=(EVENT,))
    kept = store.approval("acme", "a")
    assert kept is not None and (kept.version, kept.state) == (2, State.APPROVED)
    assert len(store.approval_events("acme", "a")) == 1
    with pytest.raises(StaleApproval):
        put(store, one("unknown", version=2))


def test_of_many_changes_of_one_version_one_is_made(store: Store) -> None:
    put(store, one("a"))

    def change(number: int) -> bool:
        try:
            put(store, one("a", version=2, claim_id=f"c-{number}"), events=(EVENT,))
        except StaleApproval:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(change, range(32)))
    kept = store.approval("acme", "a")
    assert sum(made) == 1 and kept is not None and kept.claim_id == f"c-{made.index(True)}"
    assert store.approval_events("acme", "a") == [EVENT]


def test_a_change_is_not_made_once_its_moment_has_come(store: Store) -> None:
    put(store, one("a"))
    for past in (1, store.now_us()):
        with pytest.raises(StaleApproval):
            put(store, one("a", version=2), before_us=past)
        with pytest.raises(StaleApproval):
            put(store, one("b"), before_us=past)
    put(store, one("a", version=2), before_us=store.now_us() + HOUR_US)
    assert listed(store) == ["a"]


@pytest.mark.parametrize("state", list(State))
def test_one_call_has_one_open_approval(store: Store, state: ApprovalState) -> None:
    put(store, one("a", call_digest="same"))
    put(store, one("a", call_digest="same", version=2, state=state))
    if state in (State.PENDING, State.APPROVED):
        with pytest.raises(StaleApproval):
            put(store, one("b", call_digest="same"))
        assert store.open_approval("acme", "dev", "same") == store.approval("acme", "a")
    else:
        assert store.open_approval("acme", "dev", "same") is None
        put(store, one("b", call_digest="same"))
        assert store.open_approval("acme", "dev", "same") == store.approval("acme", "b")
    put(store, one("c", call_digest="same", agent="ops"))
    put(store, one("d", call_digest="same", tenant="globex"))


def test_the_database_itself_holds_one_open_approval_of_a_call(store: Store) -> None:
    """Whatever the code in front of it comes to do."""
    put(store, one("a", call_digest="same"))
    put(store, one("a", call_digest="same", version=2, state=State.DENIED))
    put(store, one("b", call_digest="same"))
    with pytest.raises(StoreError):
        put(store, one("a", call_digest="same", version=3, state=State.PENDING))
    kept = store.approval("acme", "a")
    assert kept is not None and kept.state is State.DENIED


def test_a_request_id_is_used_once_by_each_agent(store: Store) -> None:
    put(store, one("a", request_id="r"))
    put(store, one("a", request_id="r", version=2, state=State.DENIED))
    with pytest.raises(StaleApproval):
        put(store, one("b", request_id="r"))
    put(store, one("c", request_id="r", agent="ops"))
    put(store, one("d", request_id="r", tenant="globex"))
    found = store.requested_approval("acme", "dev", "r")
    assert found is not None and found.approval_id == "a"
    assert store.requested_approval("acme", "dev", "other") is None
    ids(store, "e", "f")  # without one, any number
    assert store.requested_approval("acme", "dev", "") is None


def test_an_agent_has_so_many_that_wait(store: Store) -> None:
    put(store, one("a"), most_pending=2)
    put(store, one("b"), most_pending=2)
    with pytest.raises(TooManyApprovals):
        put(store, one("c"), most_pending=2, events=(EVENT,))
    put(store, one("d", agent="ops"), most_pending=2)
    put(store, one("e", tenant="globex"), most_pending=2)
    put(store, one("a", version=2), most_pending=2)
    assert listed(store) == ["a", "b", "d"] and store.approval_events("acme", "c") == []
    put(store, one("b", version=2, state=State.APPROVED))
    put(store, one("c"), most_pending=2)
    put(store, one("f"))  # as many as there may be


def test_a_list_is_in_order_of_request_and_goes_on_where_it_ended(store: Store) -> None:
    positions = ids(store, "z", "a", "m")
    assert list(positions) == sorted(set(positions))
    put(store, one("z", version=2, state=State.APPROVED))
    put(store, one("o", agent="ops"))
    assert listed(store) == ["z", "a", "m", "o"]
    assert listed(store, State.PENDING) == ["a", "m", "o"]
    assert listed(store, State.PENDING, State.APPROVED, agent="dev") == ["z", "a", "m"]
    assert listed(store, after=positions[0]) == ["a", "m", "o"]
    assert [found.approval_id for found in store.approvals("acme", list(State), None, positions[0], 2)] == ["a", "m"]
    assert store.approvals("acme", [], None, 0, 100) == []


def test_those_that_are_due_come_the_longest_due_first(store: Store) -> None:
    now_us = store.now_us()
    for name, due_us in (("b", now_us - 5), ("c", 1), ("a", now_us), ("later", now_us + HOUR_US), ("never", 0)):
        put(store, one(name), due_us=due_us)
    put(store, one("elsewhere", tenant="globex"), due_us=1)
    assert store.due_approvals("acme", 10) == ["c", "b", "a"] and store.due_approvals("acme", 2) == ["c", "b"]
    put(store, one("c", version=2), due_us=0)
    put(store, one("b", version=2), due_us=now_us + HOUR_US)
    assert store.due_approvals("acme", 10) == ["a"]


def test_tenants_do_not_meet(store: Store) -> None:
    put(store, one("a", request_id="r"), events=(EVENT,))
    assert store.approval("globex", "a") is None
    assert store.approval_events("globex", "a") == []
    assert store.requested_approval("globex", "dev", "r") is None
    assert store.open_approval("globex", "dev", "call-a") is None
    assert listed(store, tenant="globex") == []
    with pytest.raises(StaleApproval):
        put(store, one("a", tenant="globex", version=2))
    put(store, one("a", tenant="globex"))  # an id is of one tenant
    kept = store.approval("acme", "a")
    assert kept is not None and kept.tenant == "acme"


def test_arguments_that_were_erased_are_gone(url: str, store: Store) -> None:
    put(store, one("a"))
    put(store, one("a", version=2, call=replace(FULL.call, sealed=None)))
    kept = store.approval("acme", "a")
    assert kept is not None and kept.call.sealed is None
    store.close()
    with sqlite3.connect(Path(url.removeprefix("sqlite:///"))) as raw:
        assert raw.execute("SELECT sealed, instr(body, 'sealed') FROM approval").fetchall() == [(None, 0)]
    raw.close()


def followed(store: Store, spool: str = "s-1") -> LogEntry:
    """The next entry of a spool."""
    kept = store.spool("acme", spool)
    assert kept is not None
    sequence = kept.committed_sequence + 1
    return entry(spool, sequence, kept.next_hash, kind=RecordKind.APPROVAL, decision=None, body=b"%d" % sequence)


def test_a_change_its_events_messages_and_records_are_one(store: Store) -> None:
    """What does not fit in with one of them leaves nothing of any."""
    store.open_spool(SpoolOpening("acme", "s-1", "", ""))
    store.put_webhook("acme", "https://hooks.example", b"s", [])
    whole: dict[str, Any] = {"events": (EVENT,), "messages": (Message("m", "{}"),)}
    put(store, one("a"), followed(store), **whole)
    seen = (listed(store), store.approval("acme", "a"), store.approval_events("acme", "a"), rest(store))
    gap = entry("s-1", 3, chain.FIRST, kind=RecordKind.APPROVAL, decision=None)
    for wrong in (gap, entry("unknown", kind=RecordKind.APPROVAL, decision=None)):
        for changed in (one("a", version=2, state=State.DENIED), one("b")):
            with pytest.raises(NotContiguous):
                put(store, changed, wrong, events=(EVENT,), messages=(Message("n", "{}"),))
    for stale in (one("a"), one("a", version=3), one("b", call_digest="call-a")):
        with pytest.raises(StoreError):
            put(store, stale, followed(store), events=(EVENT,), messages=(Message("n", "{}"),))
    with pytest.raises(StoreError):  # a message_id is used once
        put(store, one("b"), followed(store), **whole)
    assert seen == (listed(store), store.approval("acme", "a"), store.approval_events("acme", "a"), rest(store))
    put(store, one("a", version=2), followed(store), events=(EVENT, EVENT))
    assert len(store.approval_events("acme", "a")) == 3 and rest(store)[1] == 2


def rest(store: Store) -> tuple[list[str], int]:
    """Messages that wait, and how many records there are."""
    waiting = [delivery.message_id for delivery in store.due_deliveries("acme", 100)]
    return waiting, len(store.records("acme", RecordFilter(), None, 100))


def test_the_clock_of_the_database_does_not_stand_still(store: Store) -> None:
    first = store.now_us()
    while store.now_us() == first:
        pass
    assert store.now_us() > first
