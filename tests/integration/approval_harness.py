"""Agents and approvers of a decision point in this process."""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gatehold.v1.approver_service_pb2 import (
    ApproveRequest,
    ApproverServiceGetApprovalRequest,
    CancelRequest,
    DenyRequest,
    ListApprovalsRequest,
    ResolveRequest,
)
from gatehold.v1.audit_record_pb2 import OUTCOME_SUCCEEDED
from gatehold.v1.decision_point_service_pb2 import (
    CancelApprovalRequest,
    ClaimApprovalRequest,
    CompleteApprovalRequest,
    GetApprovalRequest,
    RequestApprovalRequest,
)
from pdp.identity import Role
from tests.integration.pdp_harness import REFUND, REFUNDS, Pdp, running
from tests.keys import add_keys

APPROVERS: Mapping[str, Sequence[str]] = {
    "ann": ("finance",),
    "bob": ("finance", "legal"),
    "cleo": ("legal",),
    "dev": (),
}
LARGE = '{"amount": 250, "charge": "ch_1"}'


class Approvals:
    """Calls on approvals, by whom."""

    def __init__(self, pdp: Pdp) -> None:
        self.pdp = pdp

    async def agent(
        self, method: str, request: Any, role: str = "agent", agent: str = "dev", seconds: float = 10
    ) -> Any:
        metadata = self.pdp.metadata(role, *([agent] if role == "sidecar" else []))
        return await getattr(self.pdp.decisions, method)(request, metadata=metadata, timeout=seconds)

    async def person(self, method: str, request: Any, who: str = "ann", seconds: float = 10) -> Any:
        call = getattr(self.pdp.approvers, method)
        return await call(request, metadata=self.pdp.metadata(who), timeout=seconds)

    async def request(self, args_json: str = LARGE, verb: str = REFUND, how: Any = None, **fields: Any) -> Any:
        request = RequestApprovalRequest(verb=verb, args_json=args_json, **fields)
        return (await self.agent("RequestApproval", request, **(how or {}))).approval

    async def get(self, approval: Any, **how: Any) -> Any:
        return (await self.agent("GetApproval", GetApprovalRequest(approval_id=approval.approval_id), **how)).approval

    async def show(self, approval: Any, who: str = "ann") -> Any:
        return await self.person(
            "GetApproval", ApproverServiceGetApprovalRequest(approval_id=approval.approval_id), who
        )

    async def listed(self, who: str = "ann", **fields: Any) -> Any:
        return await self.person("ListApprovals", ListApprovalsRequest(**fields), who)

    async def approve(self, approval: Any, who: str = "ann", **fields: Any) -> Any:
        known = {"approval_id": approval.approval_id, "args_digest": approval.args_digest, "etag": approval.etag}
        return (await self.person("Approve", ApproveRequest(**known | fields), who)).approval

    async def deny(self, approval: Any, who: str = "ann", **fields: Any) -> Any:
        known = {"approval_id": approval.approval_id, "args_digest": approval.args_digest, "etag": approval.etag}
        return (await self.person("Deny", DenyRequest(**{"reason": "no"} | known | fields), who)).approval

    async def take_back(self, approval: Any, who: str = "ann", **fields: Any) -> Any:
        known = {"approval_id": approval.approval_id, "etag": approval.etag, "reason": "not any more"}
        return (await self.person("Cancel", CancelRequest(**known | fields), who)).approval

    async def resolve(self, approval: Any, who: str = "ann", **fields: Any) -> Any:
        known = {"approval_id": approval.approval_id, "etag": approval.etag, "reason": "seen in the ledger"}
        request = ResolveRequest(**{"outcome": OUTCOME_SUCCEEDED} | known | fields)
        return (await self.person("Resolve", request, who)).approval

    async def cancel(self, approval: Any, **fields: Any) -> Any:
        request = CancelApprovalRequest(approval_id=approval.approval_id, **fields)
        return (await self.agent("CancelApproval", request)).approval

    async def claim(self, approval: Any, claim_id: str = "", how: Any = None, **fields: Any) -> Any:
        request = ClaimApprovalRequest(
            approval_id=approval.approval_id, claim_id=claim_id or str(uuid.uuid4()), **fields
        )
        return await self.agent("ClaimApproval", request, **(how or {}))

    async def complete(self, claimed: Any, outcome: Any = OUTCOME_SUCCEEDED, **fields: Any) -> Any:
        known = {"approval_id": claimed.approval.approval_id, "claim_id": claimed.approval.claim_id}
        request = CompleteApprovalRequest(**{"outcome": outcome} | known | fields)
        return (await self.agent("CompleteApproval", request)).approval


@asynccontextmanager
async def approving(folder: Path, policies: str = REFUNDS, **fields: Any) -> AsyncIterator[Approvals]:
    """Runs a decision point with several approvers until the block ends."""
    if not (folder / "keys" / "ann.key").exists():
        add_keys(folder, Role.APPROVER, APPROVERS)
    async with running(folder, policies, **fields) as pdp:
        yield Approvals(pdp)
