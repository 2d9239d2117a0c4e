"""What is handed out at a claim is the call that was approved, and what policy asks of it at that moment."""

import json
from pathlib import Path
from typing import Any

import pytest

from gatehold.digest import digest
from gatehold.v1 import approval_pb2
from gatehold.v1.agent_pb2 import Agent, AgentMode
from gatehold.v1.agent_service_pb2 import UpdateAgentRequest
from gatehold.v1.approval_pb2 import Approval
from gatehold.v1.decision_point_service_pb2 import ClaimApprovalResponse
from pdp.identity import Role
from pdp.store.opening import open_store
from tests.integration.approval_harness import AGAIN, PAY, Later, approving, detail, gate, refusal
from tests.integration.pdp_harness import REFUND
from tests.keys import add_keys

State = approval_pb2.ApprovalState
ARGS = {"amount": 250, "card": "4242"}
CALL: dict[str, Any] = {"args_json": json.dumps(ARGS), "verb": PAY, "context_json": '{"ticket": 7}'}
CLAIM = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
CHANGED = {
    "APPROVAL_ARGS_CHANGED": {"args_digest": digest({"amount": 251, "card": "4242"})},
    "APPROVAL_CONTEXT_CHANGED": {"context_digest": digest({"ticket": 8})},
    "APPROVAL_TOOL_CHANGED": {"tool_definition_digest": "cd" * 32},
}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)


async def test_the_claimant_gets_what_was_approved_whole(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        await approvals.tell()
        approved = await approvals.approved(**CALL, tool_definition_digest="ab" * 32)
        same = {"args_digest": digest(ARGS), "context_digest": digest({"ticket": 7})}
        claimed = await approvals.claim(approved, tool_definition_digest="ab" * 32, **same)
        assert json.loads(claimed.approval.args_json) == ARGS
        assert json.loads(claimed.approval.context_json) == {"ticket": 7}
        assert claimed.approval.args_digest == digest(ARGS)
        assert claimed.claim_expire_time == claimed.approval.claim_expire_time
        shown = (await approvals.get(approved), (await approvals.show(approved)).approval)
        assert {one.args_json for one in shown} == {'{"amount":250,"card":"[redacted]"}'}


async def test_another_call_is_refused_with_a_reason_of_its_own_and_changes_nothing(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        await approvals.tell()
        approved = await approvals.approved(**CALL)
        for reason, fields in CHANGED.items():
            assert await refusal(approvals.claim(approved, **fields)) == ("FAILED_PRECONDITION", reason)
        present = await approvals.get(approved)
        assert (present.state, present.claim_id) == (State.APPROVAL_STATE_APPROVED, "")
        pinned = await approvals.approved(**{**CALL, "context_json": ""}, tool_definition_digest="ab" * 32)
        for other in ("", "AB" * 32, "ab" * 31):
            refused = await refusal(approvals.claim(pinned, tool_definition_digest=other))
            assert refused == ("FAILED_PRECONDITION", "APPROVAL_TOOL_CHANGED")
        history = [event.event for event in (await approvals.show(approved)).history]
        assert history == ["requested", "voted", "approved", *["claim_refused"] * 3]
        assert (await approvals.claim(approved)).approval.state == State.APPROVAL_STATE_CLAIMED


async def test_nobody_else_has_the_approval(tmp_path: Path) -> None:
    """Fault 45: another agent's, another tenant's and unknown ids are all alike."""
    (tmp_path / "data").mkdir(mode=0o700)
    folder = tmp_path / "data"
    store = open_store(f"sqlite:///{folder}/gatehold.db")
    store.create_tenant("globex", "[]", '{"bundles":[],"entries":[]}', "[]")
    store.close()
    add_keys(folder, Role.AGENT, {"dev-of-globex": ()}, tenant="globex")
    add_keys(folder, Role.APPROVER, {"ann-of-globex": ("finance",)}, tenant="globex")
    async with approving(folder) as approvals:
        approved = await approvals.approved()
        claim = ClaimApprovalResponse(approval=Approval(approval_id=approved.approval_id, claim_id=CLAIM))
        for how in ({"role": "sidecar", "agent": "ops"}, {"role": "dev-of-globex"}):
            for call in (
                approvals.get(approved, **how),
                approvals.claim(approved, how=how),
                approvals.cancel(approved, how),
                approvals.complete(claim, how=how),
                approvals.watch(approved, **how).read(),
            ):
                assert await refusal(call) == ("NOT_FOUND", "NOT_FOUND")
        who = "ann-of-globex"
        for call in (
            approvals.show(approved, who),
            approvals.approve(approved, who),
            approvals.deny(approved, who),
            approvals.take_back(approved, who),
            approvals.resolve(approved, who),
        ):
            assert await refusal(call) == ("NOT_FOUND", "NOT_FOUND")
        assert not (await approvals.listed(who, states=[State.APPROVAL_STATE_APPROVED])).approvals
        assert (await approvals.claim(approved)).approval.state == State.APPROVAL_STATE_CLAIMED


async def test_policy_decides_again_at_the_claim(tmp_path: Path) -> None:
    async with approving(tmp_path, gate("gate")) as approvals:
        await approvals.tell()
        approved = await approvals.approved(**CALL, on_behalf_of="ann")
        for block in (gate("gate", type="block"), gate("gate", type="off"), gate("gate", over=200, type="block")):
            await approvals.apply(block)
            assert await refusal(approvals.claim(approved)) == ("FAILED_PRECONDITION", "APPROVAL_POLICY_BLOCKS")
        more: list[dict[str, Any]] = [
            {"count": 2},
            {"groups": ["legal"]},
            {"justification": True},
            {"separation": True},
        ]
        for asks in more:
            await approvals.apply(gate("stricter", **asks))
            refused = await refusal(approvals.claim(approved))
            assert refused == ("FAILED_PRECONDITION", "APPROVAL_REQUIREMENT_UNMET")
            assert await detail(approvals.claim(approved), "policy") == "stricter"
        await approvals.tell("")
        assert await refusal(approvals.claim(approved)) == ("FAILED_PRECONDITION", "APPROVAL_POLICY_BLOCKS")
        await approvals.tell()
        await approvals.apply(gate("free", type="allow"))
        claimed = await approvals.claim(approved)
        assert claimed.approval.state == State.APPROVAL_STATE_CLAIMED


async def test_what_was_asked_for_without_naming_a_person_is_not_run_where_policy_now_separates(
    tmp_path: Path,
) -> None:
    async with approving(tmp_path, gate("gate")) as approvals:
        await approvals.tell()
        approved = await approvals.approved(**CALL)
        await approvals.apply(gate("gate", separation=True))
        assert await refusal(approvals.claim(approved)) == ("FAILED_PRECONDITION", "APPROVAL_REQUIREMENT_UNMET")


async def test_obligations_are_those_of_the_claim(tmp_path: Path) -> None:
    async with approving(tmp_path, gate("gate")) as approvals:
        await approvals.tell()
        approved = await approvals.approved(**CALL)
        tell = json.loads(gate("tell", type="notify", properties={"channel": "#money"})) | {"mandatory": True}
        await approvals.apply(gate("gate"), json.dumps(tell))
        (owed,) = (await approvals.claim(approved)).obligations
        assert (owed.type, json.loads(owed.properties_json)) == ("notification", {"channel": "#money"})


async def test_an_approval_is_used_once(tmp_path: Path, later: Later) -> None:
    """Fault 47: consumed, expired, denied and cancelled ones run nothing."""
    async with approving(tmp_path) as approvals:
        used = await approvals.claim(await approvals.approved())
        await approvals.complete(used)
        denied = await approvals.deny(await approvals.request('{"amount": 300}'))
        cancelled = await approvals.cancel(await approvals.approved('{"amount": 400}'))
        pending = await approvals.request('{"amount": 500}')
        expired = await approvals.approved('{"amount": 600}')
        later(600)
        for approval, state in (
            (used.approval, "succeeded"),
            (denied, "denied"),
            (cancelled, "cancelled"),
            (pending, "pending"),
            (expired, "expired"),
        ):
            assert await refusal(approvals.claim(approval)) == ("FAILED_PRECONDITION", "APPROVAL_STATE")
            assert await detail(approvals.claim(approval, used.approval.claim_id), "state") == state
        again = await approvals.request()
        assert again.approval_id != used.approval.approval_id


async def test_an_agent_whose_mode_became_stricter_runs_nothing(tmp_path: Path) -> None:
    async with approving(tmp_path, gate("gate", AGAIN)) as approvals:
        await approvals.tell()
        approved = await approvals.approved("{}", AGAIN)
        request = UpdateAgentRequest(agent=Agent(agent_id="dev", mode=AgentMode.AGENT_MODE_CHAT_ONLY))
        await approvals.pdp.agents.UpdateAgent(request, metadata=approvals.pdp.metadata("administrator"), timeout=10)
        assert await refusal(approvals.claim(approved)) == ("FAILED_PRECONDITION", "APPROVAL_POLICY_BLOCKS")


async def test_a_refund_approved_for_one_amount_is_that_refund(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        approved = await approvals.approved('{"amount": 250, "charge": "ch_1"}', REFUND)
        smaller = digest({"amount": 101, "charge": "ch_1"})
        refused = await refusal(approvals.claim(approved, args_digest=smaller))
        assert refused == ("FAILED_PRECONDITION", "APPROVAL_ARGS_CHANGED")
