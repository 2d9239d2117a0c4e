"""What agents do with approvals: ask, and run what was approved, once, and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gatehold.digest import digest
from gatehold.invalid import InvalidInput
from gatehold.vocabulary import ApprovalState, Outcome
from pdp.approvals.ballots import etag
from pdp.approvals.errors import (
    ApprovalError,
    ArgsChanged,
    ClaimConflict,
    ContextChanged,
    NoSuchApproval,
    NotRequired,
    PolicyBlocks,
    RequirementUnmet,
    ToolChanged,
    WrongState,
)
from pdp.approvals.lifecycle import CLAIM_LEASE_US, KEPT_US
from pdp.catalog.model import CatalogEntry
from pdp.sealing import Sealer
from pdp.store.approval import Approval
from pdp.store.errors import RequestIdReused
from tests.unit.approvals.world import AGAIN, ENTRIES, ONCE, SECRET, World, gate

State = ApprovalState
CALL: Mapping[str, Any] = {"args": {"amount": 250, "card": SECRET}, "on_behalf_of": "zoe", "context": {"ticket": 1}}
OTHER_CALLS: list[dict[str, Any]] = [
    {"args": {"amount": 251, "card": SECRET}},
    {"args": {"amount": 250, "card": "other"}},
    {"context": {"ticket": 2}},
    {"on_behalf_of": "yan"},
    {"on_behalf_of": ""},
    {"tool_definition_digest": "ab"},
    {"verb": AGAIN},
    {"agent": "ops"},
]


def asked(world: World, tenant: str, **fields: Any) -> Approval:
    return world.request(tenant, **{**CALL, **fields})


@pytest.fixture
def tenant(world: World) -> str:
    return world.tenant(gate(ONCE), gate(AGAIN, "again"))


@pytest.fixture
def approved(world: World, tenant: str) -> Approval:
    return world.approve(asked(world, tenant))


def test_the_same_call_while_it_is_open_is_the_same_approval(world: World, tenant: str) -> None:
    approval = asked(world, tenant)
    assert asked(world, tenant, justification="other words").approval_id == approval.approval_id
    assert asked(world, tenant, args={"card": SECRET, "amount": 250.0}).approval_id == approval.approval_id
    world.approve(approval)
    assert asked(world, tenant).approval_id == approval.approval_id
    world.claim(approval)
    assert asked(world, tenant).approval_id != approval.approval_id


@pytest.mark.parametrize("other", OTHER_CALLS, ids=str)
def test_another_call_is_another_approval(world: World, tenant: str, other: dict[str, Any]) -> None:
    assert asked(world, tenant, **other).approval_id != asked(world, tenant).approval_id


def test_a_request_id_stands_for_one_request_for_ever(world: World, tenant: str) -> None:
    approval = asked(world, tenant, request_id="r")
    world.deny(approval)
    assert asked(world, tenant, request_id="r").state is State.DENIED
    for other in ({**OTHER_CALLS[0]}, {"justification": "j"}, {"verb": AGAIN}):
        with pytest.raises(RequestIdReused):
            asked(world, tenant, request_id="r", **other)
    assert asked(world, tenant, request_id="r", agent="ops").agent == "ops"
    assert asked(world, world.tenant(gate(ONCE)), request_id="r").state is State.PENDING
    assert asked(world, tenant).approval_id != approval.approval_id


def test_only_what_policy_wants_approved_is_asked_for(world: World) -> None:
    allowed = world.tenant(gate(ONCE, "free", type="allow"))
    blocked = world.tenant(gate(ONCE, "never", type="block"))
    for tenant, decision in ((allowed, "allow"), (blocked, "block")):
        with pytest.raises(NotRequired) as refused:
            asked(world, tenant)
        assert refused.value.decision == decision
    with pytest.raises(NotRequired):
        asked(world, allowed, verb="pay:unknown")
    assert world.store.approvals(allowed, list(State), None, 0, 10) == []


@pytest.mark.parametrize(
    ("asks", "field", "said"),
    [
        ({"justification": True}, "justification", {"justification": "because"}),
        ({"justification": True}, "justification", {"justification": "because", "on_behalf_of": ""}),
        ({"separation": True}, "on_behalf_of", {"on_behalf_of": "zoe"}),
    ],
)
def test_what_policy_wants_said_is_said(
    world: World, asks: dict[str, object], field: str, said: dict[str, str]
) -> None:
    tenant = world.tenant(gate(ONCE, **asks))
    for silence in {"justification": ("", " \n"), "on_behalf_of": ("",)}[field]:
        with pytest.raises(InvalidInput) as refused:
            asked(world, tenant, **said | {field: silence})
        assert refused.value.field == field
    assert asked(world, tenant, **said).state is State.PENDING


def test_a_call_that_would_not_fit_when_it_is_handed_out_is_not_asked_for(world: World, tenant: str) -> None:
    rows = [[1e15] * 1_000] * 15  # 5 bytes each as JSON text, 17 in canonical form
    largest = asked(world, tenant, args={"rows": rows})
    assert world.claim(world.approve(largest)).frozen.args == {"rows": rows}
    for grown in ({"args": {"rows": rows + rows[:1]}}, {"args": {"rows": rows}, "context": {"note": "n" * 10_000}}):
        with pytest.raises(InvalidInput, match="canonical") as refused:
            asked(world, tenant, **grown)
        assert refused.value.field == "args_json"


def refused_claim(world: World, approval: Approval, why: type[ApprovalError], **fields: Any) -> None:
    with pytest.raises(ApprovalError) as refused:
        world.claim(approval, **fields)
    assert refused.type is why
    stored = world.approval(approval.tenant, approval.approval_id)
    assert (stored.state, stored.claim_id, stored.votes) == (approval.state, approval.claim_id, approval.votes)


BROKEN = [
    ({"args_digest": digest({"amount": 251})}, ArgsChanged),
    ({"args_digest": "x"}, ArgsChanged),
    ({"context_digest": digest({})}, ContextChanged),
    ({"tool_definition_digest": "ab"}, ToolChanged),
    ({"agent": "ops"}, NoSuchApproval),
]


@pytest.mark.parametrize(("fields", "why"), BROKEN)
def test_another_call_than_the_approved_one_is_not_handed_out(
    world: World, approved: Approval, fields: dict[str, str], why: type[ApprovalError]
) -> None:
    refused_claim(world, approved, why, **fields)
    claimed = world.claim(approved, args_digest=digest(CALL["args"]), context_digest=digest(CALL["context"]))
    assert (claimed.frozen.args, claimed.frozen.context) == (CALL["args"], CALL["context"])
    with pytest.raises(why):
        world.claim(approved, **fields)  # nor to one who has it already


def test_a_tools_definition_must_be_stated_where_one_was(world: World, tenant: str) -> None:
    approved = world.approve(asked(world, tenant, tool_definition_digest="ab"))
    refused_claim(world, approved, ToolChanged)
    refused_claim(world, approved, ToolChanged, tool_definition_digest="AB")
    assert world.claim(approved, tool_definition_digest="ab").approval.state is State.CLAIMED


def test_a_pin_that_changed_meanwhile_blocks(world: World, tenant: str) -> None:
    approved = world.approve(asked(world, tenant, tool_definition_digest="ab" * 32))
    pinned = CatalogEntry(**{**ENTRIES[0].model_dump(), "definition_digest": "cd" * 32})
    world.apply(tenant, gate(ONCE), entries=[pinned])
    refused_claim(world, approved, PolicyBlocks, tool_definition_digest="ab" * 32)


def test_a_verb_that_left_the_catalog_blocks(world: World, tenant: str, approved: Approval) -> None:
    world.apply(tenant, gate(ONCE), entries=ENTRIES[1:])
    refused_claim(world, approved, PolicyBlocks)


def test_policy_of_now_decides_at_the_claim(world: World, tenant: str, approved: Approval) -> None:
    world.apply(tenant, gate(ONCE, "never", type="block"))
    refused_claim(world, approved, PolicyBlocks)
    world.apply(tenant, gate(ONCE, "never", type="off"))
    refused_claim(world, approved, PolicyBlocks)
    more: list[dict[str, object]] = [{"count": 2}, {"groups": ["legal"]}, {"justification": True}]
    for asks in more:
        world.apply(tenant, gate(ONCE, "more", **asks))
        refused_claim(world, approved, RequirementUnmet)
    world.apply(tenant, gate(ONCE, "free", type="allow"))
    assert world.claim(approved).approval.state is State.CLAIMED


@pytest.mark.parametrize(("person", "unmet"), [("ann", True), ("", True), ("zoe", False)])
def test_separation_that_is_asked_for_at_the_claim(world: World, tenant: str, person: str, unmet: bool) -> None:
    approved = world.approve(asked(world, tenant, on_behalf_of=person))
    world.apply(tenant, gate(ONCE, separation=True))
    if unmet:
        refused_claim(world, approved, RequirementUnmet)
    else:
        assert world.claim(approved).approval.state is State.CLAIMED


def test_obligations_are_those_of_the_claim(world: World, tenant: str, approved: Approval) -> None:
    world.apply(tenant, gate(ONCE), {**gate(ONCE, "tell", type="notify"), "mandatory": True})
    assert [one.type for one in world.claim(approved).obligations] == ["notification"]


def test_one_claim_at_a_time(world: World, approved: Approval) -> None:
    first = world.claim(approved, "c1")
    with pytest.raises(ClaimConflict):
        world.claim(approved, "c2")
    world.time.move_us(CLAIM_LEASE_US - 1)
    again = world.claim(approved, "c1")
    assert (again.frozen, again.obligations) == (first.frozen, first.obligations)
    assert again.approval.claim_until_us == first.approval.claim_until_us + CLAIM_LEASE_US - 1
    with pytest.raises(ClaimConflict):
        world.claim(approved, "c2")


def test_a_lapsed_claim_is_not_taken_again(world: World, approved: Approval) -> None:
    world.claim(approved, "c1")
    world.time.move_us(CLAIM_LEASE_US)
    for claim_id in ("c1", "c2"):
        with pytest.raises(WrongState) as refused:
            world.claim(approved, claim_id)
        assert refused.value.state is State.INDETERMINATE


def test_a_lapsed_claim_of_an_idempotent_verb_is_taken_again(world: World, tenant: str) -> None:
    approved = world.approve(asked(world, tenant, verb=AGAIN))
    world.claim(approved, "c1")
    world.time.move_us(CLAIM_LEASE_US)
    world.apply(tenant, gate(AGAIN, "never", type="block"))
    with pytest.raises(PolicyBlocks):
        world.claim(approved, "c2")
    world.apply(tenant, gate(AGAIN))
    assert world.claim(approved, "c2").approval.claim_id == "c2"
    with pytest.raises(ClaimConflict):
        complete(world, approved, "c1")
    assert complete(world, approved, "c2").state is State.SUCCEEDED


def complete(world: World, approval: Approval, claim_id: str = "c1", agent: str = "dev", **how: Any) -> Approval:
    outcome, error = how.get("outcome", Outcome.SUCCEEDED), how.get("error", "")
    return world.run(world.requests.complete(approval.tenant, agent, approval.approval_id, claim_id, outcome, error))


def test_a_run_ends_once(world: World, approved: Approval) -> None:
    with pytest.raises(WrongState):
        complete(world, approved)
    world.claim(approved)
    for wrong in ({"claim_id": "c2"}, {"claim_id": ""}):
        with pytest.raises(ClaimConflict):
            complete(world, approved, **wrong)
    with pytest.raises(NoSuchApproval):
        complete(world, approved, agent="ops")
    ended = complete(world, approved, outcome=Outcome.FAILED, error="boom")
    assert (ended.state, ended.end_reason) == (State.FAILED, "boom")
    assert complete(world, approved, outcome=Outcome.FAILED, error="other words") == replace(ended, position=1)
    with pytest.raises(WrongState):
        complete(world, approved)
    with pytest.raises(ClaimConflict):
        complete(world, approved, "c2", outcome=Outcome.FAILED)
    with pytest.raises(WrongState):
        world.claim(approved)


def test_a_late_claimant_says_how_it_ended(world: World, approved: Approval) -> None:
    world.claim(approved)
    world.time.move_us(CLAIM_LEASE_US)
    assert complete(world, approved, outcome=Outcome.INDETERMINATE).state is State.INDETERMINATE
    with pytest.raises(ClaimConflict):
        complete(world, approved, "c2")
    assert complete(world, approved).state is State.SUCCEEDED


def test_nothing_is_claimed_once_its_arguments_are_erased(world: World, tenant: str) -> None:
    approved = world.approve(asked(world, tenant, verb=AGAIN))
    world.claim(approved)
    world.time.move_us(CLAIM_LEASE_US)
    world.run(world.keeper.catch_up(tenant))
    world.time.move_us(KEPT_US)
    with pytest.raises(WrongState, match="erased"):
        world.claim(approved)


def test_nothing_is_claimed_that_cannot_be_opened(world: World, approved: Approval) -> None:
    world.requests._sealer = Sealer([b"another key of just 32 bytes now"])
    with pytest.raises(WrongState, match="cannot be opened"):
        world.claim(approved)
    assert world.approval(approved.tenant, approved.approval_id).state is State.APPROVED


def test_a_refused_claim_is_told_once_for_each_reason_and_revision(
    world: World, tenant: str, approved: Approval
) -> None:
    for number in range(10):
        for fields, why in BROKEN[:4]:
            with pytest.raises(why):
                world.claim(approved, f"c{number}", **fields)
    told = [one for one in world.store.approval_events(tenant, approved.approval_id) if one.event == "claim_refused"]
    assert [one.claim_id for one in told] == ["c0"] * 3
    moved = etag(world.approval(tenant, approved.approval_id))
    refused_claim(world, approved, ArgsChanged, args_digest="x")
    assert etag(world.approval(tenant, approved.approval_id)) == moved, "nobody can be kept from cancelling"
    world.apply(tenant, gate(ONCE))
    refused_claim(world, approved, ArgsChanged, args_digest="x")
    assert len(world.store.approval_events(tenant, approved.approval_id)) == 3 + len(told) + 1


def test_another_agents_approval_is_not_there(world: World, approved: Approval) -> None:
    key = (approved.tenant, "ops", approved.approval_id)
    for call in (world.requests.own(*key), world.requests.cancel(*key, "")):
        with pytest.raises(NoSuchApproval):
            world.run(call)
