"""A call is frozen, a person approves it, and it runs once."""

import asyncio
import json
from pathlib import Path

import grpc
import pytest

from gatehold.v1 import approval_pb2
from gatehold.v1.audit_record_pb2 import OUTCOME_FAILED, RECORD_KIND_APPROVAL
from tests.integration.approval_harness import LARGE, approving
from tests.integration.pdp_harness import REFUND, outcome

State = approval_pb2.ApprovalState


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
