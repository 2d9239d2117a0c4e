"""Who may call what, and how each call that may not ends."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from gatehold.v1 import approver_service_pb2 as people
from gatehold.v1 import decision_point_service_pb2 as calls
from tests.integration.approval_harness import Approvals, approving, refusal

ID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
AGENT: dict[str, Message] = {
    "RequestApproval": calls.RequestApprovalRequest(verb="a:b"),
    "GetApproval": calls.GetApprovalRequest(approval_id=ID),
    "ListApprovals": calls.DecisionPointServiceListApprovalsRequest(),
    "WatchApproval": calls.WatchApprovalRequest(approval_id=ID),
    "CancelApproval": calls.CancelApprovalRequest(approval_id=ID),
    "ClaimApproval": calls.ClaimApprovalRequest(approval_id=ID, claim_id=ID),
    "CompleteApproval": calls.CompleteApprovalRequest(approval_id=ID, claim_id=ID, outcome=1),
}
READING: dict[str, Message] = {
    "ListApprovals": people.ListApprovalsRequest(),
    "GetApproval": people.ApproverServiceGetApprovalRequest(approval_id=ID),
    "WatchApprovals": people.WatchApprovalsRequest(),
}
DECIDING: dict[str, Message] = {
    "Approve": people.ApproveRequest(approval_id=ID, args_digest="a", etag="v1"),
    "Deny": people.DenyRequest(approval_id=ID, args_digest="a", etag="v1", reason="r"),
    "Cancel": people.CancelRequest(approval_id=ID, etag="v1", reason="r"),
    "Resolve": people.ResolveRequest(approval_id=ID, etag="v1", reason="r", outcome=1),
}
NOT_PERMITTED = ("PERMISSION_DENIED", "NOT_PERMITTED")


def test_every_method_is_here() -> None:
    named = {method.name for method in people.DESCRIPTOR.services_by_name["ApproverService"].methods}
    assert named == READING.keys() | DECIDING.keys()
    of_agents = {method.name for method in calls.DESCRIPTOR.services_by_name["DecisionPointService"].methods}
    assert {name for name in of_agents if "Approval" in name} == set(AGENT)


async def one(stub: Any, method: str, request: Message, metadata: Any) -> Any:
    """Makes the call, of a stream up to its first message."""
    call = getattr(stub, method)(request, metadata=metadata, timeout=10)
    return await (call.read() if isinstance(call, grpc.aio.UnaryStreamCall) else call)


async def refusals(approvals: Approvals, stub: Any, methods: dict[str, Message], role: str) -> set[tuple[str, str]]:
    metadata = approvals.pdp.metadata(role, *(["dev"] if role == "sidecar" else []))
    return {await refusal(one(stub, method, request, metadata)) for method, request in methods.items()}


async def test_roles(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        decisions, approvers = approvals.pdp.decisions, approvals.pdp.approvers
        for role in ("administrator", "approver", "auditor", "ann"):
            assert await refusals(approvals, decisions, AGENT, role) == {NOT_PERMITTED}
        for role in ("agent", "sidecar"):
            assert await refusals(approvals, approvers, READING | DECIDING, role) == {NOT_PERMITTED}
        for role in ("administrator", "auditor"):
            assert await refusals(approvals, approvers, DECIDING, role) == {NOT_PERMITTED}
        for role in ("administrator", "auditor", "approver"):
            await approvals.listed(role)
        assert await refusals(approvals, approvers, DECIDING, "approver") == {("NOT_FOUND", "NOT_FOUND")}


@pytest.mark.parametrize("credential", [[], [("authorization", "Bearer gh_0123456789abcdef_" + "k" * 43)]])
async def test_nobody_calls_without_a_credential(tmp_path: Path, credential: Any) -> None:
    async with approving(tmp_path) as approvals:
        for stub, methods in ((approvals.pdp.decisions, AGENT), (approvals.pdp.approvers, READING | DECIDING)):
            for method, request in methods.items():
                refused = await refusal(one(stub, method, request, credential))
                assert refused == ("UNAUTHENTICATED", "CREDENTIAL_INVALID")


async def test_a_sidecar_names_the_one_agent_that_it_speaks_for(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        metadata = approvals.pdp.metadata("sidecar")
        for method, request in AGENT.items():
            refused = await refusal(one(approvals.pdp.decisions, method, request, metadata))
            assert refused == ("INVALID_ARGUMENT", "INVALID_FIELD")
