"""A whole decision point in this process: real database, real sockets, the keys that a first start writes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from gatehold.v1.agent_service_pb2_grpc import AgentServiceStub
from gatehold.v1.approver_service_pb2_grpc import ApproverServiceStub
from gatehold.v1.audit_service_pb2 import AuditFilter, ListAuditRecordsRequest
from gatehold.v1.audit_service_pb2_grpc import AuditServiceStub
from gatehold.v1.catalog_service_pb2_grpc import CatalogServiceStub
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from gatehold.v1.fleet_service_pb2_grpc import FleetServiceStub
from gatehold.v1.key_service_pb2_grpc import KeyServiceStub
from gatehold.v1.policy_service_pb2_grpc import PolicyServiceStub
from gatehold.v1.session_service_pb2_grpc import SessionServiceStub
from gatehold.v1.tenant_service_pb2_grpc import TenantServiceStub
from gatehold.v1.webhook_service_pb2_grpc import WebhookServiceStub
from pdp.settings import HostPort, Settings
from pdp.wiring import serve

ANY_PORT = HostPort("127.0.0.1", 0)

REFUNDS = """\
- id: small-refunds
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions: [{field: args.amount, operator: less_or_equal, value: 100}]
  action: {type: allow, reason: Refunds up to $100 need nobody}
- id: large-refund-gate
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions: [{field: args.amount, operator: greater, value: 100}]
  action: {type: require_approval, reason: Refund exceeds $100 threshold}
"""
REFUND = "stripe:create_refund"
READ = "filesystem:read_text_file"


@dataclass
class Pdp:
    """What a test sees of a running decision point."""

    folder: Path
    channel: grpc.aio.Channel

    def __post_init__(self) -> None:
        self.decisions: Any = DecisionPointServiceStub(self.channel)
        self.audit: Any = AuditServiceStub(self.channel)
        self.fleet: Any = FleetServiceStub(self.channel)
        self.policies: Any = PolicyServiceStub(self.channel)
        self.catalog: Any = CatalogServiceStub(self.channel)
        self.agents: Any = AgentServiceStub(self.channel)
        self.approvers: Any = ApproverServiceStub(self.channel)
        self.webhooks: Any = WebhookServiceStub(self.channel)
        self.keys: Any = KeyServiceStub(self.channel)
        self.sessions: Any = SessionServiceStub(self.channel)
        self.tenants: Any = TenantServiceStub(self.channel)

    def metadata(self, role: str = "agent", *agents: str) -> list[tuple[str, str]]:
        key = (self.folder / "keys" / f"{role}.key").read_text().strip()
        return [("authorization", f"Bearer {key}"), *(("gatehold-agent", agent) for agent in agents)]

    async def evaluate(self, verb: str, args_json: str = "", role: str = "agent", **fields: Any) -> Any:
        agents = ["dev"] if role == "sidecar" else []
        request = EvaluateRequest(verb=verb, args_json=args_json, **fields)
        return await self.decisions.Evaluate(request, metadata=self.metadata(role, *agents), timeout=10)

    async def records(self, **where: Any) -> list[Any]:
        request = ListAuditRecordsRequest(filter=AuditFilter(**where), page_size=1_000)
        answer = await self.audit.ListAuditRecords(request, metadata=self.metadata("auditor"), timeout=10)
        return list(answer.records)


def settings(folder: Path, policies: str | None = REFUNDS, **fields: Any) -> Settings:
    """A decision point on a directory, on any free port."""
    folder.mkdir(mode=0o700, exist_ok=True)
    texts = None if policies is None else [(policies, "policies.yaml")]
    known = {"listen": ANY_PORT, "database": f"sqlite:///{folder}/gatehold.db", "data_dir": folder, "policies": texts}
    return Settings(**known | fields)


@asynccontextmanager
async def running(folder: Path, policies: str | None = REFUNDS, **fields: Any) -> AsyncIterator[Pdp]:
    """Runs a decision point on a directory until the block ends."""
    stop, address = asyncio.Event(), asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(settings(folder, policies, **fields), address.set_result, stop))
    await asyncio.wait([task, address], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    async with grpc.aio.insecure_channel(str(address.result())) as channel:
        try:
            yield Pdp(folder, channel)
        finally:
            stop.set()
            await task


def info(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    """The published reason of an error status."""
    status = rpc_status.from_call(error)
    assert status is not None
    found = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(found)
    return found


def outcome(error: grpc.aio.AioRpcError) -> tuple[str, str]:
    """Status and reason of an error."""
    return error.code().name, info(error).reason
