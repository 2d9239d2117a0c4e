"""A call is frozen, a person approves it, and it runs once."""

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold.v1 import approval_pb2
from gatehold.v1.audit_record_pb2 import (
    OUTCOME_FAILED,
    OUTCOME_INDETERMINATE,
    RECORD_KIND_APPROVAL,
)
from tests.integration.approval_harness import AGAIN, LARGE, Approvals, Later, approving, gate, refusal
from tests.integration.pdp_harness import REFUND, outcome

State = approval_pb2.ApprovalState
MINUTE = 60


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)


async def test_an_approved_call_is_claimed_once_and_completed(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        asked = await approvals.request()
        assert (asked.state, asked.verb, json.loads(asked.args_json)) == (
            State.APPROVAL_STATE_PENDING,
            REFUND,
            json.loads(LARGE),
        )
        approved = await approvals.approve(asked)
        assert approved.state == State.APPROVAL_STATE_APPROVED
        claimed = await approvals.claim(asked, args_digest=asked.args_digest)
        assert claimed.approval.state == State.APPROVAL_STATE_CLAIMED
        ended = await approvals.complete(claimed)
        assert ended.state == State.APPROVAL_STATE_SUCCEEDED
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await approvals.claim(asked)
        assert outcome(refused.value) == ("FAILED_PRECONDITION", "APPROVAL_STATE")
        shown = await approvals.show(asked)
        assert [event.event for event in shown.history] == ["requested", "voted", "approved", "claimed", "completed"]
        records = await approvals.pdp.records(kind=RECORD_KIND_APPROVAL)
        assert [record.approval.event for record in reversed(records)] == [event.event for event in shown.history]


CONFLICT = ("ABORTED", "CLAIM_CONFLICT")
WRONG_STATE = ("FAILED_PRECONDITION", "APPROVAL_STATE")


async def test_the_same_claim_is_answered_the_same_and_renewed(tmp_path: Path, later: Later) -> None:
    async with approving(tmp_path) as approvals:
        approved = await approvals.approved()
        claim_id = str(uuid.uuid4())
        first = await approvals.claim(approved, claim_id)
        assert 290 <= first.approval.time_left.ToTimedelta().total_seconds() <= 300
        assert await refusal(approvals.claim(approved)) == CONFLICT
        later(4 * MINUTE)
        again = await approvals.claim(approved, claim_id)
        assert again.approval.args_json == first.approval.args_json
        assert again.approval.claim_id == first.approval.claim_id == claim_id
        later(4 * MINUTE)
        assert (await approvals.get(approved)).state == State.APPROVAL_STATE_CLAIMED
        assert await refusal(approvals.claim(approved)) == CONFLICT
        history = [event.event for event in (await approvals.show(approved)).history]
        assert history == ["requested", "voted", "approved", "claimed"]


async def test_of_many_claims_at_once_one_holds(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        approved = await approvals.approved()
        answers = await asyncio.gather(*(approvals.claim(approved) for _ in range(20)), return_exceptions=True)
        (won,) = [one for one in answers if not isinstance(one, BaseException)]
        lost = {outcome(one) for one in answers if isinstance(one, grpc.aio.AioRpcError)}
        assert lost == {CONFLICT}
        assert (await approvals.get(approved)).claim_id == won.approval.claim_id


async def test_a_completion_is_taken_once_and_from_the_claimant(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        approved = await approvals.approved()
        claimed = await approvals.claim(approved)
        assert await refusal(approvals.complete(claimed, claim_id=str(uuid.uuid4()))) == CONFLICT
        failed = await approvals.complete(claimed, OUTCOME_FAILED, error="no such charge")
        assert (failed.state, failed.end_reason) == (State.APPROVAL_STATE_FAILED, "no such charge")
        again = await approvals.complete(claimed, OUTCOME_FAILED, error="no such charge")
        assert (again.etag, again.end_time.seconds) == (failed.etag, failed.end_time.seconds)
        assert await refusal(approvals.complete(claimed)) == WRONG_STATE
        assert await refusal(approvals.claim(approved, claimed.approval.claim_id)) == WRONG_STATE


async def lapsed(approvals: Approvals, later: Later, *call: str) -> Any:
    """A claim that ended without a word."""
    claimed = await approvals.claim(await approvals.approved(*call))
    later(5 * MINUTE)
    assert (await approvals.get(claimed.approval)).state == State.APPROVAL_STATE_INDETERMINATE
    return claimed


async def test_nobody_runs_again_what_may_have_run(tmp_path: Path, later: Later) -> None:
    async with approving(tmp_path) as approvals:
        claimed = await lapsed(approvals, later)
        for claim_id in (claimed.approval.claim_id, str(uuid.uuid4())):
            assert await refusal(approvals.claim(claimed.approval, claim_id)) == WRONG_STATE
        open_end = await approvals.get(claimed.approval)
        assert not open_end.reclaimable and not open_end.HasField("time_left")
        for act in (approvals.approve, approvals.deny, approvals.take_back):
            assert await refusal(act(open_end, "bob")) == WRONG_STATE
        assert await refusal(approvals.cancel(open_end)) == WRONG_STATE


async def test_a_person_says_how_it_ended(tmp_path: Path, later: Later) -> None:
    async with approving(tmp_path) as approvals:
        claimed = await lapsed(approvals, later)
        open_end = await approvals.get(claimed.approval)
        for wrong in (OUTCOME_INDETERMINATE, 0):
            assert await refusal(approvals.resolve(open_end, outcome=wrong)) == ("INVALID_ARGUMENT", "INVALID_FIELD")
        ended = await approvals.resolve(open_end, outcome=OUTCOME_FAILED, reason="not in the ledger")
        assert (ended.state, ended.end_reason) == (State.APPROVAL_STATE_FAILED, "not in the ledger")
        assert await refusal(approvals.complete(claimed)) == WRONG_STATE
        assert await refusal(approvals.resolve(ended)) == WRONG_STATE
        shown = await approvals.show(ended)
        assert [(event.event, event.actor) for event in shown.history[-2:]] == [("lapsed", ""), ("resolved", "ann")]


async def test_a_late_claimant_says_how_it_ended(tmp_path: Path, later: Later) -> None:
    async with approving(tmp_path) as approvals:
        claimed = await lapsed(approvals, later)
        assert (await approvals.complete(claimed, OUTCOME_INDETERMINATE)).state == State.APPROVAL_STATE_INDETERMINATE
        assert (await approvals.complete(claimed)).state == State.APPROVAL_STATE_SUCCEEDED


async def test_a_call_that_may_run_again_is_claimed_again(tmp_path: Path, later: Later) -> None:
    async with approving(tmp_path, gate("gate", AGAIN)) as approvals:
        await approvals.tell()
        first = await lapsed(approvals, later, "{}", AGAIN)
        assert (await approvals.get(first.approval)).reclaimable
        second = await approvals.claim(first.approval)
        assert second.approval.approval_id == first.approval.approval_id
        assert second.approval.args_json == first.approval.args_json
        assert await refusal(approvals.complete(first)) == CONFLICT
        assert await refusal(approvals.claim(first.approval, first.approval.claim_id)) == CONFLICT
        assert (await approvals.complete(second)).state == State.APPROVAL_STATE_SUCCEEDED


async def test_deadlines_of_people_and_claimants(tmp_path: Path, later: Later) -> None:
    async with approving(tmp_path) as approvals:
        asked = await approvals.request()
        assert 1_790 <= asked.time_left.ToTimedelta().total_seconds() <= 1_800
        later(29 * MINUTE)
        approved = await approvals.approve(asked)
        assert 590 <= approved.time_left.ToTimedelta().total_seconds() <= 600
        late = await approvals.request('{"amount": 300}')
        later(10 * MINUTE)
        assert (await approvals.get(approved)).state == State.APPROVAL_STATE_EXPIRED
        assert await refusal(approvals.claim(approved)) == WRONG_STATE
        later(20 * MINUTE)
        for act in (approvals.approve, approvals.deny):
            assert await refusal(act(late)) == ("ABORTED", "STALE_REVISION")
        expired = await approvals.get(late)
        assert expired.state == State.APPROVAL_STATE_EXPIRED and expired.end_reason
        for act in (approvals.approve, approvals.deny, approvals.take_back):
            assert await refusal(act(expired)) == WRONG_STATE


async def test_the_shortest_term_of_the_policies_that_ask_holds(tmp_path: Path, later: Later) -> None:
    policies = [
        json.loads(gate("a", AGAIN, decideBy="20m")),
        json.loads(gate("b", AGAIN, decideBy="10m")) | {"mandatory": True},
    ]
    async with approving(tmp_path, json.dumps(policies)) as approvals:
        await approvals.tell()
        asked = await approvals.request("{}", AGAIN)
        assert 590 <= asked.time_left.ToTimedelta().total_seconds() <= 600


async def test_arguments_are_erased_a_day_after_the_end(tmp_path: Path, later: Later) -> None:
    async with approving(tmp_path, gate("gate", AGAIN)) as approvals:
        await approvals.tell()
        claimed = await lapsed(approvals, later, "{}", AGAIN)
        later(24 * 60 * MINUTE)
        erased = await approvals.get(claimed.approval)
        assert not erased.reclaimable
        assert await refusal(approvals.claim(erased)) == WRONG_STATE
        assert (await approvals.complete(claimed)).state == State.APPROVAL_STATE_SUCCEEDED


async def test_an_agent_takes_back_what_nobody_has_claimed(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        pending, approved = await approvals.request(), await approvals.approved('{"amount": 300}')
        for one in (pending, approved):
            cancelled = await approvals.cancel(one, reason="not needed")
            assert (cancelled.state, cancelled.end_reason) == (State.APPROVAL_STATE_CANCELLED, "not needed")
            assert await refusal(approvals.cancel(one)) == WRONG_STATE
        claimed = await approvals.claim(await approvals.approved('{"amount": 400}'))
        assert await refusal(approvals.cancel(claimed.approval)) == WRONG_STATE
        assert await refusal(approvals.take_back(claimed.approval)) == WRONG_STATE
