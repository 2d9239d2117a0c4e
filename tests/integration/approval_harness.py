"""Agents and approvers of a decision point in this process."""

import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold.v1.approver_service_pb2 import (
    ApproveRequest,
    ApproverServiceGetApprovalRequest,
    CancelRequest,
    DenyRequest,
    ListApprovalsRequest,
    ResolveRequest,
    WatchApprovalsRequest,
)
from gatehold.v1.audit_record_pb2 import OUTCOME_SUCCEEDED
from gatehold.v1.catalog_service_pb2 import ApplyCatalogRequest
from gatehold.v1.decision_point_service_pb2 import (
    CancelApprovalRequest,
    ClaimApprovalRequest,
    CompleteApprovalRequest,
    GetApprovalRequest,
    RequestApprovalRequest,
    WatchApprovalRequest,
)
from gatehold.v1.policy_pb2 import SourceDocument
from gatehold.v1.policy_service_pb2 import ApplyPoliciesRequest
from pdp.identity import Role
from pdp.store.sqlite.clock import DatabaseClock
from tests.integration.pdp_harness import REFUND, REFUNDS, Pdp, info, outcome, running
from tests.keys import add_keys

APPROVERS: Mapping[str, Sequence[str]] = {
    "ann": ("finance",),
    "bob": ("finance", "legal"),
    "cleo": ("legal",),
    "dev": (),
}
LARGE = '{"amount": 250, "charge": "ch_1"}'
PAY, AGAIN = "t:pay", "t:again"
CATALOG = """\
- {verb: "t:pay", riskLevel: MEDIUM, sensitiveArgs: [card, "lines[*].token"]}
- {verb: "t:again", riskLevel: MEDIUM, idempotent: true}
"""


class Approvals:
    """Calls on approvals, by whom."""

    def __init__(self, pdp: Pdp) -> None:
        self.pdp = pdp

    async def apply(self, *policies: str) -> None:
        """Puts these policies, each in YAML, in the place of those in force."""
        documents = [SourceDocument(name=f"{at}.yaml", content=text) for at, text in enumerate(policies)]
        request = ApplyPoliciesRequest(documents=documents)
        await self.pdp.policies.ApplyPolicies(request, metadata=self.pdp.metadata("administrator"), timeout=10)

    async def tell(self, catalog: str = CATALOG) -> None:
        """Puts these entries in the place of the tenant's own."""
        documents = [SourceDocument(name="catalog.yaml", content=catalog)] if catalog else []
        request = ApplyCatalogRequest(documents=documents)
        await self.pdp.catalog.ApplyCatalog(request, metadata=self.pdp.metadata("administrator"), timeout=10)

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

    async def cancel(self, approval: Any, how: Any = None, **fields: Any) -> Any:
        request = CancelApprovalRequest(approval_id=approval.approval_id, **fields)
        return (await self.agent("CancelApproval", request, **(how or {}))).approval

    def watch(self, approval: Any, role: str = "agent", agent: str = "dev") -> Any:
        """The agent's stream on one approval."""
        metadata = self.pdp.metadata(role, *([agent] if role == "sidecar" else []))
        request = WatchApprovalRequest(approval_id=approval.approval_id)
        return self.pdp.decisions.WatchApproval(request, metadata=metadata, timeout=60)

    def watch_all(self, who: str = "ann") -> Any:
        """An approver's stream on all of the tenant's."""
        return self.pdp.approvers.WatchApprovals(WatchApprovalsRequest(), metadata=self.pdp.metadata(who), timeout=60)

    async def claim(self, approval: Any, claim_id: str = "", how: Any = None, **fields: Any) -> Any:
        request = ClaimApprovalRequest(
            approval_id=approval.approval_id, claim_id=claim_id or str(uuid.uuid4()), **fields
        )
        return await self.agent("ClaimApproval", request, **(how or {}))

    async def approved(self, args_json: str = LARGE, verb: str = REFUND, **fields: Any) -> Any:
        """A call that ann has approved."""
        return await self.approve(await self.request(args_json, verb, **fields))

    async def complete(self, claimed: Any, outcome: Any = OUTCOME_SUCCEEDED, how: Any = None, **fields: Any) -> Any:
        """`claimed`: what a claim was answered with."""
        known = {"approval_id": claimed.approval.approval_id, "claim_id": claimed.approval.claim_id}
        request = CompleteApprovalRequest(**{"outcome": outcome} | known | fields)
        return (await self.agent("CompleteApproval", request, **(how or {}))).approval


@asynccontextmanager
async def approving(folder: Path, policies: str = REFUNDS, **fields: Any) -> AsyncIterator[Approvals]:
    """Runs a decision point with several approvers until the block ends."""
    if not (folder / "keys" / "ann.key").exists():
        add_keys(folder, Role.APPROVER, APPROVERS)
    async with running(folder, policies, **fields) as pdp:
        yield Approvals(pdp)


def gate(name: str, verb: str = PAY, over: int | None = None, **action: Any) -> str:
    """A policy that asks for approval, or what `type` says, of a verb."""
    policy: dict[str, Any] = {"id": name, "verbMatchers": [{"type": "verb", "value": verb}]}
    if over is not None:
        policy["conditions"] = [{"field": "args.amount", "operator": "greater", "value": over}]
    return json.dumps({**policy, "action": {"type": "require_approval", **action}})


async def refusal(call: Awaitable[Any]) -> tuple[str, str]:
    """Status and reason of what must not succeed."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return outcome(refused.value)


async def detail(call: Awaitable[Any], name: str) -> str:
    """What the ErrorInfo of a refusal says of `name`."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return str(info(refused.value).metadata[name])


class Later:
    """Moves the clocks of all databases in this process on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._us = 0
        now_us = DatabaseClock.now_us
        monkeypatch.setattr(DatabaseClock, "now_us", lambda clock: now_us(clock) + self._us)

    def __call__(self, seconds: float) -> None:
        self._us += int(seconds * 1_000_000)
