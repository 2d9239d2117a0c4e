"""Who decides, on what they have seen, and what an edit makes of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gatehold.digest import digest
from gatehold.redaction import REDACTED
from gatehold.v1 import approval_pb2
from tests.integration.approval_harness import PAY, Approvals, approving, detail, gate, refusal

State = approval_pb2.ApprovalState
PENDING, APPROVED, DENIED = (getattr(State, f"APPROVAL_STATE_{name}") for name in ("PENDING", "APPROVED", "DENIED"))
SMALL, LARGE, HUGE = ({"amount": amount, "card": "4242"} for amount in (50, 250, 900))
STALE = ("ABORTED", "STALE_REVISION")
SELF = ("PERMISSION_DENIED", "SELF_APPROVAL")
NOT_ELIGIBLE = ("PERMISSION_DENIED", "NOT_ELIGIBLE")

Act = Callable[..., Awaitable[Any]]


def acts(approvals: Approvals) -> list[Act]:
    """Everything that a person does to an approval."""

    async def edit(approval: Any, who: str = "ann", **fields: Any) -> Any:
        return await approvals.approve(approval, who, edited_args_json='{"amount": 60}', **fields)

    return [approvals.approve, edit, approvals.deny, approvals.take_back, approvals.resolve]


async def test_nobody_decides_on_their_own_call(tmp_path: Path) -> None:
    """Input 43: an approver named like the agent; and, where policy separates, the person it acts for."""
    async with approving(tmp_path, gate("gate")) as approvals:
        await approvals.tell()
        asked = await approvals.request("{}", PAY, on_behalf_of="ann")
        assert [await refusal(act(asked, "dev")) for act in acts(approvals)] == [SELF] * 5
        assert (await approvals.get(asked)).etag == asked.etag
        assert (await approvals.approve(asked, "ann")).state == APPROVED, "policy does not separate"
        await approvals.apply(gate("gate", separation=True))
        apart = await approvals.request('{"n": 1}', PAY, on_behalf_of="Ann")
        assert [await refusal(act(apart, "ann")) for act in acts(approvals)] == [SELF] * 5
        assert (await approvals.approve(apart, "bob")).state == APPROVED


async def test_only_those_who_are_asked_decide(tmp_path: Path) -> None:
    async with approving(tmp_path, gate("gate", groups=["finance"])) as approvals:
        await approvals.tell()
        asked = await approvals.request("{}", PAY)
        assert [await refusal(act(asked, "cleo")) for act in acts(approvals)] == [NOT_ELIGIBLE] * 5
        (requirement,) = (await approvals.get(asked)).requirements
        assert (list(requirement.groups), requirement.count, requirement.met) == (["finance"], 1, False)
        approved = await approvals.approve(asked, "bob")
        assert approved.state == APPROVED and approved.requirements[0].met
        (vote,) = approved.votes
        assert (vote.approver, vote.approve, list(vote.groups)) == ("bob", True, ["finance", "legal"])
        assert vote.args_digest == asked.args_digest


async def test_what_was_seen_must_be_what_is(tmp_path: Path) -> None:
    """Input 48, and a digest of other arguments."""
    async with approving(tmp_path, gate("gate", count=2)) as approvals:
        await approvals.tell()
        asked = await approvals.request("{}", PAY)
        await approvals.approve(asked, "ann")
        assert [await refusal(act(asked, "bob")) for act in acts(approvals)] == [STALE] * 5
        now = await approvals.get(asked)
        other = {"args_digest": digest({"amount": 1})}
        for act in acts(approvals)[:3]:
            assert await refusal(act(now, "bob", **other)) == ("FAILED_PRECONDITION", "APPROVAL_ARGS_CHANGED")
        assert (await approvals.get(asked)).etag == now.etag


async def test_the_same_vote_again_is_answered_as_the_first(tmp_path: Path) -> None:
    async with approving(tmp_path, gate("gate", count=2)) as approvals:
        await approvals.tell()
        first, second = await approvals.request("{}", PAY), await approvals.request('{"n": 2}', PAY)
        voted, denied = await approvals.approve(first), await approvals.deny(second, reason="no")
        assert (await approvals.approve(first)).etag == voted.etag
        again = await approvals.deny(second, reason="no")
        assert (again.etag, again.state, again.end_reason) == (denied.etag, DENIED, "no")
        history = [event.event for event in (await approvals.show(first)).history]
        assert history == ["requested", "voted"], "one person counts once"


async def test_a_denial_says_why(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        asked = await approvals.request()
        for silence in ("", " \n"):
            for act in (approvals.deny, approvals.take_back, approvals.resolve):
                assert await refusal(act(asked, reason=silence)) == ("INVALID_ARGUMENT", "INVALID_FIELD")
                assert await detail(act(asked, reason=silence), "field") == "reason"
        assert (await approvals.deny(asked, reason="too much")).end_reason == "too much"
        assert (await approvals.get(asked)).votes[0].reason == "too much"


async def test_so_many_of_each_group_that_is_asked(tmp_path: Path) -> None:
    law = json.loads(gate("law", groups=["legal"])) | {"mandatory": True}
    async with approving(
        tmp_path, json.dumps([json.loads(gate("money", groups=["finance"], count=2)), law])
    ) as approvals:
        await approvals.tell()
        asked = await approvals.request("{}", PAY)
        one = await approvals.approve(asked, "ann")
        two = await approvals.approve(one, "cleo")
        assert [one.met for one in two.requirements] == [True, False] and two.state == PENDING
        assert (await approvals.approve(two, "bob")).state == APPROVED


async def test_two_approvers_at_once_make_one_step_each(tmp_path: Path) -> None:
    """Fault 26, in one process."""
    async with approving(tmp_path, gate("gate", count=2)) as approvals:
        await approvals.tell()
        for number in range(10):
            asked = await approvals.request(json.dumps({"n": number}), PAY)
            both = await asyncio.gather(
                approvals.approve(asked, "ann"), approvals.approve(asked, "bob"), return_exceptions=True
            )
            assert sorted(isinstance(one, BaseException) for one in both) == [False, True]
            now = await approvals.get(asked)
            assert (now.state, now.etag, len(now.votes)) == (PENDING, "v2", 1)
            loser = "bob" if now.votes[0].approver == "ann" else "ann"
            assert (await approvals.approve(now, loser)).state == APPROVED


async def test_an_approval_and_a_denial_at_once(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        for amount in range(200, 210):
            asked = await approvals.request(json.dumps({"amount": amount}))
            both = await asyncio.gather(
                approvals.approve(asked, "ann"), approvals.deny(asked, "bob"), return_exceptions=True
            )
            (won,) = [one for one in both if not isinstance(one, BaseException)]
            assert (await approvals.get(asked)).state == won.state
            assert [event.event for event in (await approvals.show(asked)).history][-1] == (
                "approved" if won.state == APPROVED else "denied"
            )


POLICIES = json.dumps(
    [
        json.loads(gate("small", type="allow")),
        json.loads(gate("large", over=100, groups=["finance", "legal"], count=2)),
        json.loads(gate("huge", over=500, type="block")),
    ]
)


async def test_an_edit_runs_policy_again(tmp_path: Path) -> None:
    async with approving(tmp_path, POLICIES) as approvals:
        await approvals.tell()
        asked = await approvals.request(json.dumps(LARGE), PAY)
        voted = await approvals.approve(asked, "ann")
        for blocked in (HUGE, {**LARGE, "amount": "50"}, {"card": "4242"}):
            refused = await refusal(approvals.approve(voted, "bob", edited_args_json=json.dumps(blocked)))
            assert refused == ("FAILED_PRECONDITION", "APPROVAL_POLICY_BLOCKS")
        assert (await approvals.get(asked)).etag == voted.etag, "nothing has changed"
        edited = await approvals.approve(voted, "bob", edited_args_json=json.dumps({**LARGE, "amount": 300}))
        assert (edited.state, edited.edited, [vote.approver for vote in edited.votes]) == (PENDING, True, ["bob"])
        assert edited.args_digest == digest({**LARGE, "amount": 300})
        assert await refusal(approvals.approve(voted, "ann")) == STALE
        approved = await approvals.approve(edited, "cleo")
        assert approved.state == APPROVED
        claimed = await approvals.claim(approved, args_digest=edited.args_digest)
        assert json.loads(claimed.approval.args_json) == {**LARGE, "amount": 300} and claimed.approval.edited
        shown = await approvals.show(asked)
        words = ["requested", "voted", "edited", "voted", "voted", "approved", "claimed"]
        assert [event.event for event in shown.history] == words
        assert {one.policy for one in shown.trace.candidates} >= {"small", "large", "huge"}


async def test_an_edit_that_policy_allows_needs_its_editor_alone(tmp_path: Path) -> None:
    async with approving(tmp_path, POLICIES) as approvals:
        await approvals.tell()
        asked = await approvals.request(json.dumps(LARGE), PAY)
        edited = await approvals.approve(asked, "cleo", edited_args_json=json.dumps(SMALL))
        assert edited.state == APPROVED
        refused = await refusal(approvals.claim(asked, args_digest=asked.args_digest))
        assert refused == ("FAILED_PRECONDITION", "APPROVAL_ARGS_CHANGED"), "the first arguments run no more"
        assert json.loads((await approvals.claim(edited)).approval.args_json) == SMALL


async def test_an_edit_that_asks_other_people(tmp_path: Path) -> None:
    policies = [json.loads(gate("money", groups=["finance"])), json.loads(gate("law", over=100, groups=["legal"]))]
    async with approving(tmp_path, json.dumps(policies)) as approvals:
        await approvals.tell()
        asked = await approvals.request(json.dumps(SMALL), PAY)
        edited = await approvals.approve(asked, "ann", edited_args_json=json.dumps(LARGE))
        assert edited.state == PENDING and [one.policy for one in edited.requirements] == ["law"]
        assert await refusal(approvals.approve(edited, "ann", reason="again")) == NOT_ELIGIBLE
        assert (await approvals.approve(edited, "cleo")).state == APPROVED


async def test_what_was_hidden_stays_through_an_edit(tmp_path: Path) -> None:
    args = {"amount": 250, "card": "4242", "lines": [{"token": "t1", "n": 1}, {"token": "t2", "n": 2}]}
    async with approving(tmp_path, gate("gate", count=2)) as approvals:
        await approvals.tell()
        asked = await approvals.request(json.dumps(args), PAY)
        shown = json.loads(asked.args_json)
        assert shown["card"] == shown["lines"][0]["token"] == REDACTED
        for wrong in ({**shown, "amount": REDACTED}, {**shown, "lines": shown["lines"][:1]}, {"other": REDACTED}):
            call = approvals.approve(asked, edited_args_json=json.dumps(wrong))
            assert await refusal(call) == ("INVALID_ARGUMENT", "INVALID_FIELD")
        edited = await approvals.approve(asked, edited_args_json=json.dumps({**shown, "amount": 90}))
        assert json.loads(edited.args_json) == {**shown, "amount": 90}
        approved = await approvals.approve(edited, "bob")
        assert json.loads((await approvals.claim(approved)).approval.args_json) == {**args, "amount": 90}


async def test_edited_arguments_are_read_strictly(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        asked = await approvals.request()
        for edited in ('{"a": 1, "a": 2}', "[]", "{", '{"a": NaN}', '{"a": 1e999}', "null", " ", "[" * 1_000):
            call = approvals.approve(asked, edited_args_json=edited)
            assert await refusal(call) == ("INVALID_ARGUMENT", "INVALID_FIELD")
            field = await detail(approvals.approve(asked, edited_args_json=edited), "field")
            assert field.startswith("edited_args_json")
        assert (await approvals.get(asked)).etag == asked.etag
