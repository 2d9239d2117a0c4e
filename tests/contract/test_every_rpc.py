"""Every method of the contract, called as every role of the wrong kind and of another tenant.

The methods come from the contract itself, so one that is added fails until `permissions.py` names it.
"""

import asyncio
import importlib
import pkgutil
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

import gatehold.v1
from gatehold.v1.agent_pb2 import AGENT_MODE_AUTONOMOUS, Agent
from gatehold.v1.agent_service_pb2 import CreateAgentRequest
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, RequestApprovalRequest
from gatehold.v1.key_pb2 import Role
from gatehold.v1.key_service_pb2 import CreateKeyRequest
from gatehold.v1.policy_pb2 import SourceDocument
from gatehold.v1.policy_service_pb2 import ApplyPoliciesRequest
from gatehold.v1.session_pb2 import Session
from gatehold.v1.session_service_pb2 import CreateSessionRequest
from gatehold.v1.tenant_service_pb2 import CreateTenantRequest
from gatehold.v1.webhook_service_pb2 import SetWebhookRequest
from tests.contract.permissions import ADMIN, MAY, PLATFORM, ROLES, SESSION, SIDECAR, UNIMPLEMENTED
from tests.integration.pdp_harness import REFUND, Pdp, running

SECRET = "zz9secret"
"""In what the first tenant keeps, and in no call of the second: it must be in nothing that the second is told."""

POLICIES = f"""
- id: first-gate
  description: {SECRET}
  verbMatchers: [{{type: verb, value: "stripe:create_refund"}}]
  action: {{type: require_approval, reason: {SECRET}}}
"""


def methods() -> list[MethodDescriptor]:
    found = []
    for module in pkgutil.iter_modules(gatehold.v1.__path__):
        if module.name.endswith("_service_pb2"):
            file = importlib.import_module(f"gatehold.v1.{module.name}").DESCRIPTOR
            found += [method for service in file.services_by_name.values() for method in service.methods]
    return found


METHODS = methods()
SERVED = [method for method in METHODS if (method.containing_service.name, method.name) not in UNIMPLEMENTED]


def name_of(method: MethodDescriptor) -> str:
    return f"{method.containing_service.name}.{method.name}"


@dataclass
class World:
    """Two tenants on one decision point, each with a key for each role, and what the first one owns."""

    pdp: Pdp
    first: Mapping[str, str]
    second: Mapping[str, str]
    owned: Mapping[str, str]

    async def call(self, method: MethodDescriptor, secret: str, role: str, values: Mapping[str, str]) -> "Told":
        metadata = [("authorization", f"Bearer {secret}")] if secret else []
        if role == SIDECAR:
            metadata.append(("gatehold-agent", values.get("agent_id", "someone")))
        request = filled(message_factory.GetMessageClass(method.input_type)(), values)
        return await told(self.pdp.channel, method, request, metadata)


@dataclass
class Told:
    """What a caller learns: a status, a reason, and every byte that came along."""

    status: str
    reason: str
    content: bytes


async def told(channel: grpc.aio.Channel, method: MethodDescriptor, request: Message, metadata: Any) -> Told:
    path = f"/{method.containing_service.full_name}/{method.name}"
    write, read = type(request).SerializeToString, bytes
    try:
        if method.client_streaming:
            call = channel.stream_stream(path, write, read)(iter([request]), metadata=metadata, timeout=5)
        elif method.server_streaming:
            call = channel.unary_stream(path, write, read)(request, metadata=metadata, timeout=5)
        else:
            return Told("OK", "", await channel.unary_unary(path, write, read)(request, metadata=metadata, timeout=10))
        content = b""
        try:
            async with asyncio.timeout(0.3):
                async for message in call:
                    content += message
        except TimeoutError:
            call.cancel()
        return Told("OK", "", content)
    except grpc.aio.AioRpcError as error:
        return Told(error.code().name, reason_of(error), (error.details() or "").encode())


def reason_of(error: grpc.aio.AioRpcError) -> str:
    status, info = rpc_status.from_call(error), error_details_pb2.ErrorInfo()
    return info.reason if status and status.details and status.details[0].Unpack(info) else ""


def filled(message: Message, values: Mapping[str, str], depth: int = 0) -> Any:
    """The request with every field set whose name says what belongs there, so that it gets past the first checks."""
    for field in message.DESCRIPTOR.fields:
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            if depth < 3 and not field.is_repeated and field.containing_oneof is None:
                filled(getattr(message, field.name), values, depth + 1)
        elif field.name in values and field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated:
            setattr(message, field.name, values[field.name])
        elif field.name == "outcome":
            setattr(message, field.name, 1)
    return message


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running(tmp_path, None) as pdp:
        platform = pdp.metadata("platform")
        made = [
            await pdp.tenants.CreateTenant(CreateTenantRequest(tenant_id=name), metadata=platform, timeout=10)
            for name in ("first", "second")
        ]
        first, second = [await credentials(pdp, one.tenant.tenant_id, one.admin_secret) for one in made]
        secret = (tmp_path / "keys" / "platform.key").read_text().strip()
        owned = await furnish(pdp, first)
        yield World(pdp, {**first, PLATFORM: secret}, {**second, PLATFORM: secret}, owned)


def bearer(secret: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {secret}")]


async def credentials(pdp: Pdp, tenant: str, admin: str) -> dict[str, str]:
    secrets = {ADMIN: admin}
    for role in ("agent", "approver", "auditor", "sidecar"):
        agents = ["*"] if role == "sidecar" else []
        request = CreateKeyRequest(role=Role.Value(f"ROLE_{role.upper()}"), principal=f"{tenant}-{role}", agents=agents)
        secrets[role] = (await pdp.keys.CreateKey(request, metadata=bearer(admin), timeout=10)).secret
    request = CreateSessionRequest(session=Session(agent=f"{tenant}-agent"))
    secrets[SESSION] = (await pdp.sessions.CreateSession(request, metadata=bearer(admin), timeout=10)).token
    return secrets


async def furnish(pdp: Pdp, keys: Mapping[str, str]) -> dict[str, str]:
    """Gives the first tenant one of everything, and returns what each is called, by the name of its field."""
    admin, agent = bearer(keys[ADMIN]), bearer(keys["agent"])
    document = SourceDocument(name="policies.yaml", content=POLICIES)
    await pdp.policies.ApplyPolicies(ApplyPoliciesRequest(documents=[document]), metadata=admin, timeout=20)
    registered = Agent(agent_id="first-agent", mode=AGENT_MODE_AUTONOMOUS, owner=SECRET)
    await pdp.agents.CreateAgent(CreateAgentRequest(agent=registered), metadata=admin, timeout=20)
    await pdp.webhooks.SetWebhook(SetWebhookRequest(url=f"http://127.0.0.1:9/{SECRET}"), metadata=admin, timeout=10)
    call = {"verb": REFUND, "args_json": f'{{"note": "{SECRET}"}}'}
    await pdp.decisions.Evaluate(EvaluateRequest(**call), metadata=agent, timeout=10)
    asked = await pdp.decisions.RequestApproval(RequestApprovalRequest(**call), metadata=agent, timeout=10)
    session = CreateSessionRequest(session=Session(agent="first-agent", on_behalf_of=SECRET))
    minted = await pdp.sessions.CreateSession(session, metadata=admin, timeout=10)
    key = CreateKeyRequest(role=Role.ROLE_AUDITOR, principal=SECRET)
    made = await pdp.keys.CreateKey(key, metadata=admin, timeout=10)
    return {
        "approval_id": asked.approval.approval_id,
        "args_digest": asked.approval.args_digest,
        "etag": asked.approval.etag,
        "session_id": minted.session.session_id,
        "key_id": made.key.key_id,
        "id": "first-gate",
        "agent_id": "first-agent",
        "agent": "first-agent",
        "verb": REFUND,
        "claim_id": str(uuid.uuid4()),
        "reason": "because",
    }


def test_the_table_names_every_method() -> None:
    named = {(service, method) for service, of in MAY.items() for method in of} | UNIMPLEMENTED
    assert named == {(method.containing_service.name, method.name) for method in METHODS}


def wrong() -> Iterator[Any]:
    for method in SERVED:
        may = MAY[method.containing_service.name][method.name]
        yield from ((method, role) for role in ROLES if role not in may)


async def test_a_wrong_role_is_refused_before_anything_is_looked_at(world: World) -> None:
    for method, role in wrong():
        answer = await world.call(method, world.first[role], role, world.owned)
        assert (answer.status, answer.reason) == ("PERMISSION_DENIED", "NOT_PERMITTED"), f"{name_of(method)} as {role}"


async def test_without_a_valid_credential_nothing_is_told(world: World) -> None:
    for method in SERVED:
        for secret in ("", "gh_0123456789abcdef_" + "A" * 43, "ghs_0123456789abcdef_" + "A" * 43):
            answer = await world.call(method, secret, ADMIN, world.owned)
            assert (answer.status, answer.reason) == ("UNAUTHENTICATED", "CREDENTIAL_INVALID"), name_of(method)


async def test_another_tenant_sees_and_changes_nothing(world: World) -> None:
    before = await everything(world)
    assert all(SECRET.encode() in content for content in before.values())  # the check below can fail
    for method in SERVED:
        for role in MAY[method.containing_service.name][method.name] - {PLATFORM}:
            answer = await world.call(method, world.second[role], role, world.owned)
            where = f"{name_of(method)} as {role} of another tenant: {answer}"
            assert SECRET.encode() not in answer.content, where
            assert answer.status not in ("INTERNAL", "UNKNOWN"), where
            if OWNED & {field.name for field in method.input_type.fields}:
                assert (answer.status, answer.reason) == ("NOT_FOUND", "NOT_FOUND"), where
    assert await everything(world) == before


OWNED = {"approval_id", "session_id", "key_id", "id"}
LISTS = (
    "PolicyService.ListPolicies",
    "AgentService.ListAgents",
    "KeyService.ListKeys",
    "SessionService.ListSessions",
    "ApproverService.ListApprovals",
    "WebhookService.GetWebhook",
)


async def everything(world: World) -> dict[str, bytes]:
    """What the first tenant's administrator is told of all that it has, without what moves by itself."""
    told_of = {}
    for method in METHODS:
        if name_of(method) in LISTS:
            answer = await world.call(method, world.first[ADMIN], ADMIN, {})
            assert answer.status == "OK", name_of(method)
            told_of[name_of(method)] = settled(method, answer.content)
    return told_of


def settled(method: MethodDescriptor, content: bytes) -> bytes:
    message: Any = message_factory.GetMessageClass(method.output_type).FromString(content)
    for approval in getattr(message, "approvals", ()):
        for field in ("time_left", "request_time", "decide_by_time"):
            approval.ClearField(field)
    if hasattr(message, "webhook"):
        for field in ("create_time", "last_attempt_time", "last_error"):
            message.webhook.ClearField(field)
    return bytes(message.SerializeToString(deterministic=True))
