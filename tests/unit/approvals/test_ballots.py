"""What people do with approvals: who may, what they must have seen, and what becomes of the call."""

from collections.abc import Callable
from typing import Any

import pytest

from gatehold.invalid import InvalidInput
from gatehold.redaction import REDACTED
from gatehold.vocabulary import ApprovalState, Outcome
from pdp.approvals.ballots import Ballot, etag
from pdp.approvals.errors import (
    ApprovalError,
    ArgsChanged,
    NoSuchApproval,
    NotEligible,
    PolicyBlocks,
    RequirementUnmet,
    SelfApproval,
    StaleEtag,
    WrongState,
)
from pdp.store.approval import Approval
from tests.unit.approvals.world import ONCE, SECRET, World, gate

State = ApprovalState
OVER_100 = [{"field": "args.amount", "operator": "greater", "value": 100}]


def votes(world: World) -> dict[str, Callable[[Ballot], Any]]:
    """Every method, each with a ballot as its only argument."""
    return {
        "approve": world.ballots.approve,
        "edit": lambda ballot: world.ballots.edit(ballot, {"amount": 1}),
        "deny": world.ballots.deny,
        "cancel": world.ballots.cancel,
        "resolve": lambda ballot: world.ballots.resolve(ballot, Outcome.SUCCEEDED),
    }


METHODS = ("approve", "edit", "deny", "cancel", "resolve")


def refusal(world: World, approval: Approval, method: str, who: str, **fields: Any) -> type[ApprovalError]:
    """The error that a ballot ends in; the approval stays as it is."""
    before = world.approval(approval.tenant, approval.approval_id)
    with pytest.raises(ApprovalError) as refused:
        world.run(votes(world)[method](world.ballot(approval, who, **fields)))
    assert world.approval(before.tenant, before.approval_id) == before
    return refused.type


@pytest.mark.parametrize("method", METHODS)
def test_nobody_decides_on_their_own_call(world: World, method: str) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {})
    assert {refusal(world, approval, method, who) for who in ("dev", "DEV", " ｄｅｖ ")} == {SelfApproval}


@pytest.mark.parametrize("method", METHODS)
def test_the_person_the_agent_acts_for_does_not_decide_where_policy_separates(world: World, method: str) -> None:
    tenant = world.tenant(gate(ONCE, separation=True))
    approval = world.request(tenant, {}, on_behalf_of="Ann")
    assert refusal(world, approval, method, "ann") is SelfApproval
    assert world.approve(approval, "bob").state is State.APPROVED


def test_where_policy_does_not_separate_that_person_may(world: World) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {}, on_behalf_of="ann")
    assert world.approve(approval, "ann").state is State.APPROVED


@pytest.mark.parametrize("method", METHODS)
def test_only_those_whom_a_policy_asks_decide(world: World, method: str) -> None:
    approval = world.request(world.tenant(gate(ONCE, groups=["finance"])), {})
    assert refusal(world, approval, method, "cleo") is NotEligible


@pytest.mark.parametrize("method", METHODS)
def test_what_was_seen_must_be_what_is(world: World, method: str) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {})
    assert refusal(world, approval, method, "ann", etag="v2") is StaleEtag
    assert refusal(world, approval, method, "ann", etag="") is StaleEtag
    if method in ("approve", "edit", "deny"):
        assert refusal(world, approval, method, "ann", args_digest="0" * 64) is ArgsChanged
        assert refusal(world, approval, method, "ann", args_digest="") is ArgsChanged


@pytest.mark.parametrize("method", METHODS)
def test_another_tenants_approval_is_not_there(world: World, method: str) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {})
    assert refusal(world, approval, method, "ann", tenant=world.tenant(gate(ONCE))) is NoSuchApproval


def test_everybody_who_is_asked_must_approve(world: World) -> None:
    tenant = world.tenant(
        gate(ONCE, "money", groups=["finance"], count=2), {**gate(ONCE, "law", groups=["legal"]), "mandatory": True}
    )
    approval = world.request(tenant, {})
    after = [approval := world.approve(approval, who) for who in ("ann", "cleo")]
    assert [one.state for one in after] == [State.PENDING, State.PENDING]
    assert world.approve(approval, "bob").state is State.APPROVED


def test_the_same_vote_again_is_answered_as_the_first(world: World) -> None:
    approval = world.request(world.tenant(gate(ONCE, count=2)), {})
    voted = world.approve(approval)
    assert world.approve(approval) == world.approve(voted) == voted
    assert world.approve(approval, "ANN") == voted, "it is one person"
    approved = world.approve(voted, "bob")
    assert world.approve(approval) == approved


def test_the_same_denial_again_is_answered_as_the_first(world: World) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {})
    denied = world.deny(approval, reason="no")
    assert world.deny(approval, reason="no") == denied
    assert denied.end_reason == "no"
    assert refusal(world, approval, "deny", "bob") is StaleEtag
    assert refusal(world, denied, "deny", "bob") is WrongState


def test_one_who_approved_may_still_deny(world: World) -> None:
    approval = world.approve(world.request(world.tenant(gate(ONCE, count=2)), {}))
    denied = world.deny(approval)
    assert denied.state is State.DENIED and [vote.approve for vote in denied.votes] == [True, False]


def test_an_edit_restarts_voting_under_what_policy_asks_of_the_edited_call(world: World) -> None:
    low, high = gate(ONCE, "low", groups=["finance"]), gate(ONCE, "high", groups=["finance", "legal"], count=2)
    tenant = world.tenant(low, {**high, "conditions": OVER_100})
    approval = world.approve(world.request(tenant, {"amount": 250}))
    world.time.move_us(60_000_000)
    edited = world.edit(approval, {"amount": 200}, "bob")
    assert (edited.state, edited.edited, [vote.approver for vote in edited.votes]) == (State.PENDING, True, ["bob"])
    assert edited.votes[0].args_digest == edited.call.args_digest != approval.call.args_digest
    assert edited.decide_by_us == approval.decide_by_us + 60_000_000
    assert refusal(world, approval, "approve", "ann") is StaleEtag
    assert refusal(world, approval, "approve", "ann", etag=etag(edited)) is ArgsChanged
    again = world.edit(edited, {"amount": 50}, "ann")
    assert again.state is State.APPROVED, "for 50 policy asks one of finance"
    claimed = world.claim(again)
    assert claimed.frozen.args == {"amount": 50}
    assert [(one.event, one.actor) for one in world.store.approval_events(tenant, approval.approval_id)] == [
        ("requested", "dev"),
        ("voted", "ann"),
        ("edited", "bob"),
        ("voted", "bob"),
        ("edited", "ann"),
        ("voted", "ann"),
        ("approved", "ann"),
        ("claimed", "dev"),
    ]


def test_an_editor_of_another_group_does_not_count_for_the_edited_call(world: World) -> None:
    tenant = world.tenant(
        gate(ONCE, "law", groups=["legal"]), {**gate(ONCE, "money", groups=["finance"]), "conditions": OVER_100}
    )
    edited = world.edit(world.request(tenant, {"amount": 250}), {"amount": 50}, "ann")
    assert (edited.state, edited.call.requirements[0].groups) == (State.PENDING, ("legal",))
    assert world.approve(edited, "cleo").state is State.APPROVED


def test_an_edit_that_policy_allows_is_approved_by_its_editor(world: World) -> None:
    tenant = world.tenant(gate(ONCE, "free", type="allow"), {**gate(ONCE, count=3), "conditions": OVER_100})
    edited = world.edit(world.request(tenant, {"amount": 250}), {"amount": 50})
    assert (edited.state, [one.policy for one in edited.call.requirements]) == (State.APPROVED, ["free"])
    assert world.claim(edited).frozen.args == {"amount": 50}


@pytest.mark.parametrize("amount", [250, "50", None])
def test_an_edit_that_policy_blocks_changes_nothing(world: World, amount: object) -> None:
    tenant = world.tenant(gate(ONCE), {**gate(ONCE, "never", type="block"), "conditions": OVER_100})
    approval = world.request(tenant, {"amount": 50})
    stored = world.approval(tenant, approval.approval_id)
    with pytest.raises(PolicyBlocks):
        world.edit(approval, {"amount": amount})
    assert world.approval(tenant, approval.approval_id) == stored
    assert world.approve(approval).state is State.APPROVED


@pytest.mark.parametrize("asks", [{"separation": True}, {"justification": True}])
def test_an_edit_that_no_vote_could_carry_changes_nothing(world: World, asks: dict[str, object]) -> None:
    tenant = world.tenant(gate(ONCE), {**gate(ONCE, "strict", **asks), "conditions": OVER_100})
    approval = world.request(tenant, {"amount": 50})
    with pytest.raises(RequirementUnmet) as refused:
        world.edit(approval, {"amount": 250})
    assert refused.value.policy == "strict"
    assert world.approval(tenant, approval.approval_id).version == 1


def test_an_edit_into_a_policy_that_separates_is_not_for_the_person_it_keeps_apart(world: World) -> None:
    tenant = world.tenant(gate(ONCE), {**gate(ONCE, "apart", separation=True), "conditions": OVER_100})
    approval = world.request(tenant, {"amount": 50}, on_behalf_of="ann")
    with pytest.raises(SelfApproval):
        world.edit(approval, {"amount": 250}, "ann")
    assert world.edit(approval, {"amount": 250}, "bob").state is State.APPROVED


def test_what_an_editor_was_not_shown_stays(world: World) -> None:
    tenant = world.tenant(gate(ONCE))
    approval = world.request(tenant, {"amount": 250, "card": SECRET, "lines": [{"n": 1, "token": SECRET}]})
    assert SECRET not in approval.call.shown_args
    edited = world.edit(approval, {"amount": 90, "card": REDACTED, "lines": [{"n": 2, "token": REDACTED}]})
    assert SECRET not in edited.call.shown_args
    args = {"amount": 90, "card": SECRET, "lines": [{"n": 2, "token": SECRET}]}
    assert world.claim(edited).frozen.args == args


def test_a_secret_is_not_to_be_had_by_an_edit(world: World) -> None:
    tenant = world.tenant(gate(ONCE))
    approval = world.request(tenant, {"note": "n", "card": SECRET})
    for args in ({"note": REDACTED}, {"note": [REDACTED]}, {"card": [REDACTED]}, {"other": REDACTED}):
        with pytest.raises(InvalidInput) as refused:
            world.edit(approval, args)
        assert refused.value.field.startswith("edited_args_json.") and SECRET not in str(refused.value)


def test_an_edit_that_would_not_fit_when_it_is_handed_out_changes_nothing(world: World) -> None:
    approval = world.request(world.tenant(gate(ONCE)), {}, context={"note": "n" * 150_000})
    with pytest.raises(InvalidInput, match="canonical") as refused:
        world.edit(approval, {"note": "n" * 150_000})
    assert refused.value.field == "edited_args_json"
    assert world.approval(approval.tenant, approval.approval_id).version == 1


def test_what_became_longer_by_being_hidden_is_edited(world: World) -> None:
    lines = [{"token": 1}] * 1_000
    approval = world.request(world.tenant(gate(ONCE)), {"lines": lines, "more": ["x" * 100_000, "y" * 140_000]})
    assert len(approval.call.shown_args) > 256 * 1024 > len(str(lines)) + 240_000
    edited = world.edit(approval, {"lines": [{"token": REDACTED}] * 1_000})
    assert world.claim(edited).frozen.args == {"lines": lines}


def test_arguments_that_cannot_be_opened_cannot_be_edited(world: World) -> None:
    tenant = world.tenant(gate(ONCE))
    approval = world.request(tenant, {"card": SECRET})
    world.ballots._sealer = type(world.sealer)([b"another key of just 32 bytes now"])
    with pytest.raises(WrongState, match="cannot be opened"):
        world.edit(approval, {"card": REDACTED})


def test_a_person_says_how_a_run_ended(world: World) -> None:
    tenant = world.tenant(gate(ONCE))
    claimed = world.claim(world.approve(world.request(tenant, {}))).approval
    assert refusal(world, claimed, "resolve", "bob") is WrongState
    world.time.move_us(5 * 60 * 1_000_000)
    lapsed, _ = world.run(world.keeper.present(tenant, claimed.approval_id))
    assert lapsed.state is State.INDETERMINATE
    ballot = world.ballot(lapsed, "ann", reason="it is in the ledger")
    ended = world.run(world.ballots.resolve(ballot, Outcome.SUCCEEDED))
    assert (ended.state, ended.end_reason) == (State.SUCCEEDED, "it is in the ledger")
    assert refusal(world, ended, "resolve", "ann") is WrongState


@pytest.mark.parametrize("method", METHODS)
def test_what_has_ended_stays_so(world: World, method: str) -> None:
    tenant = world.tenant(gate(ONCE))
    denied = world.deny(world.request(tenant, {"amount": 1}))
    assert refusal(world, denied, method, "bob") is WrongState
    claimed = world.claim(world.approve(world.request(tenant, {"amount": 2}))).approval
    assert refusal(world, claimed, method, "bob") is WrongState


def test_an_approved_call_is_taken_back(world: World) -> None:
    approved = world.approve(world.request(world.tenant(gate(ONCE)), {}))
    cancelled = world.run(world.ballots.cancel(world.ballot(approved, "bob", reason="too much")))
    assert (cancelled.state, cancelled.end_reason) == (State.CANCELLED, "too much")
    with pytest.raises(WrongState):
        world.claim(cancelled)
