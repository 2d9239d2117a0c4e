"""Tenants are made by the platform administrator, work at once, and see nothing of each other."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold.v1.agent_pb2 import AGENT_MODE_AUTONOMOUS, Agent
from gatehold.v1.agent_service_pb2 import CreateAgentRequest, ListAgentsRequest
from gatehold.v1.audit_service_pb2 import ListAuditRecordsRequest
from gatehold.v1.decision_pb2 import DECISION_ALLOW, DECISION_REQUIRE_APPROVAL
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from gatehold.v1.fleet_service_pb2 import ListSidecarsRequest
from gatehold.v1.key_pb2 import ROLE_AGENT, ROLE_SIDECAR
from gatehold.v1.key_service_pb2 import CreateKeyRequest, ListKeysRequest, RevokeKeyRequest
from gatehold.v1.policy_pb2 import SourceDocument
from gatehold.v1.policy_service_pb2 import ApplyPoliciesRequest, ListPoliciesRequest
from gatehold.v1.session_pb2 import Session
from gatehold.v1.session_service_pb2 import CreateSessionRequest, ListSessionsRequest, RevokeSessionRequest
from gatehold.v1.tenant_service_pb2 import CreateTenantRequest, ListTenantsRequest
from pdp.fleet.seeding import open_tenant
from pdp.store.opening import open_store
from tests.integration.pdp_harness import REFUND, Pdp, outcome, running
from tests.stack import Stack, until

GATE = f'[{{"id": "gate", "verb": "{REFUND}", "action": "require_approval"}}]'
ROLES = ("agent", "sidecar", "approver", "administrator", "auditor")


@pytest.fixture
async def pdp(tmp_path: Path) -> AsyncIterator[Pdp]:
    async with running(tmp_path, None) as pdp:
        yield pdp


def bearer(secret: str, *agents: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {secret}"), *(("gatehold-agent", agent) for agent in agents)]


async def created(pdp: Pdp, name: str = "acme", role: str = "platform") -> Any:
    return await pdp.tenants.CreateTenant(CreateTenantRequest(tenant_id=name), metadata=pdp.metadata(role), timeout=10)


async def names(pdp: Pdp) -> list[str]:
    listed = await pdp.tenants.ListTenants(ListTenantsRequest(), metadata=pdp.metadata("platform"), timeout=10)
    return [tenant.tenant_id for tenant in listed.tenants]


async def refused(call: Any) -> tuple[str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    return outcome(error.value)


async def test_a_tenants_first_key_works_at_once(pdp: Pdp) -> None:
    made = await created(pdp)
    assert made.tenant.tenant_id == "acme" and made.tenant.HasField("create_time")
    admin = bearer(made.admin_secret)
    document = SourceDocument(name="policies.json", content=GATE)
    await pdp.policies.ApplyPolicies(ApplyPoliciesRequest(documents=[document]), metadata=admin, timeout=10)
    key = await pdp.keys.CreateKey(CreateKeyRequest(role=ROLE_AGENT, principal="bot"), metadata=admin, timeout=10)
    call = EvaluateRequest(verb=REFUND, args_json='{"amount": 1}')
    answer = await pdp.decisions.Evaluate(call, metadata=bearer(key.secret), timeout=10)
    assert (answer.decision, answer.policy_matched) == (DECISION_REQUIRE_APPROVAL, "gate")
    assert await names(pdp) == ["acme", "default"]


async def test_tenants_see_nothing_of_each_other(pdp: Pdp) -> None:
    acme, default = bearer((await created(pdp)).admin_secret), pdp.metadata("administrator")
    document = SourceDocument(name="policies.json", content=GATE)
    await pdp.policies.ApplyPolicies(ApplyPoliciesRequest(documents=[document]), metadata=acme, timeout=10)
    agent = Agent(agent_id="bot", mode=AGENT_MODE_AUTONOMOUS)
    await pdp.agents.CreateAgent(CreateAgentRequest(agent=agent), metadata=acme, timeout=10)
    request = CreateSessionRequest(session=Session(agent="bot"))
    session = (await pdp.sessions.CreateSession(request, metadata=acme, timeout=10)).session
    key = await pdp.keys.CreateKey(CreateKeyRequest(role=ROLE_AGENT, principal="bot"), metadata=acme, timeout=10)

    async def seen(metadata: Any) -> list[set[str]]:
        policies = await pdp.policies.ListPolicies(ListPoliciesRequest(page_size=1_000), metadata=metadata)
        agents = await pdp.agents.ListAgents(ListAgentsRequest(), metadata=metadata)
        keys = await pdp.keys.ListKeys(ListKeysRequest(), metadata=metadata)
        sessions = await pdp.sessions.ListSessions(ListSessionsRequest(), metadata=metadata)
        records = await pdp.audit.ListAuditRecords(ListAuditRecordsRequest(page_size=1_000), metadata=metadata)
        return [
            {one.id for one in policies.policies if not one.built_in},
            {one.agent_id for one in agents.agents},
            {one.key_id for one in keys.keys},
            {one.session_id for one in sessions.sessions},
            {one.record_id for one in records.records},
            {one.tenant for one in records.records},
        ]

    own, others = await seen(acme), await seen(default)
    assert own[0] == {"gate"} and own[1] == {"bot"} and key.key.key_id in own[2] and own[3] == {session.session_id}
    assert len(own[4]) >= 4 and own[5] == {"acme"}
    assert all(mine.isdisjoint(theirs) for mine, theirs in zip(own, others, strict=True))
    for ending in (
        pdp.keys.RevokeKey(RevokeKeyRequest(key_id=key.key.key_id), metadata=default),
        pdp.sessions.RevokeSession(RevokeSessionRequest(session_id=session.session_id), metadata=default),
    ):
        assert await refused(ending) == ("NOT_FOUND", "NOT_FOUND")


async def test_nobody_but_the_platform_administrator_makes_or_lists_tenants(pdp: Pdp) -> None:
    for role in ROLES:
        assert await refused(created(pdp, role=role)) == ("PERMISSION_DENIED", "NOT_PERMITTED"), role
        listing = pdp.tenants.ListTenants(ListTenantsRequest(), metadata=pdp.metadata(role), timeout=10)
        assert await refused(listing) == ("PERMISSION_DENIED", "NOT_PERMITTED"), role
    assert await names(pdp) == ["default"]


async def test_the_platform_administrator_sees_into_none(pdp: Pdp) -> None:
    metadata = pdp.metadata("platform")
    for call in (
        pdp.policies.ListPolicies(ListPoliciesRequest(), metadata=metadata),
        pdp.keys.ListKeys(ListKeysRequest(), metadata=metadata),
        pdp.audit.ListAuditRecords(ListAuditRecordsRequest(), metadata=metadata),
        pdp.decisions.Evaluate(EvaluateRequest(verb=REFUND), metadata=metadata),
    ):
        assert await refused(call) == ("PERMISSION_DENIED", "NOT_PERMITTED")


async def test_what_is_no_name_makes_no_tenant(pdp: Pdp) -> None:
    for name in ("", "A", "a_b", "-a", "a-", "a.b", "a/b", "a b", "é", "a" * 65, "a\n", "\x00"):
        assert await refused(created(pdp, name)) == ("INVALID_ARGUMENT", "INVALID_FIELD"), name
    assert await names(pdp) == ["default"]
    for name in ("a", "7", "a-b", "a" * 64):
        await created(pdp, name)
    assert await names(pdp) == sorted(["7", "a", "a-b", "a" * 64, "default"])


async def test_a_tenant_is_made_once(pdp: Pdp) -> None:
    await created(pdp)
    for name in ("acme", "default"):
        assert await refused(created(pdp, name)) == ("ALREADY_EXISTS", "ALREADY_EXISTS")


async def test_one_that_was_left_half_made_is_finished(tmp_path: Path) -> None:
    async with running(tmp_path, None):
        pass
    store = open_store(f"sqlite:///{tmp_path}/gatehold.db")
    open_tenant(store, "acme")  # as a process does that dies before it has made the key
    store.close()
    async with running(tmp_path, None) as pdp:
        made = await created(pdp)
        listed = await pdp.keys.ListKeys(ListKeysRequest(), metadata=bearer(made.admin_secret), timeout=10)
        assert [key.principal for key in listed.keys] == ["administrator"]


async def test_tenants_are_listed_by_page(pdp: Pdp) -> None:
    for name in ("b", "c", "a"):
        await created(pdp, name)
    found, token = [], ""
    while True:
        request = ListTenantsRequest(page_size=3, page_token=token)
        page = await pdp.tenants.ListTenants(request, metadata=pdp.metadata("platform"), timeout=10)
        found += [tenant.tenant_id for tenant in page.tenants]
        if not (token := page.next_page_token):
            break
    assert found == ["a", "b", "c", "default"]


def test_a_sidecar_of_a_new_tenant_leases_and_serves(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:
        stack.start_pdp()
        made = stack.call("tenants", "CreateTenant", CreateTenantRequest(tenant_id="acme"), role="platform")
        keep(stack, "acme", made.admin_secret)
        box = CreateKeyRequest(role=ROLE_SIDECAR, principal="box", agents=["bot"])
        keep(stack, "box", stack.call("keys", "CreateKey", box, role="acme").secret)
        stack.start_sidecar("bot", "--key-file", str(stack.folder / "keys" / "box.key"))
        until(lambda: [one for one in sidecars(stack, "acme") if one.lease_live])
        assert [one.agent for one in sidecars(stack, "acme")] == ["bot"] and not sidecars(stack, "administrator")
        answer = stack.guard("bot").evaluate("filesystem:read_text_file", {"path": "a"})
        assert answer.allowed
        request = ListAuditRecordsRequest(page_size=1_000)
        told = until(lambda: [one for one in decisions(stack, request, "acme") if one.agent == "bot"])
        assert (told[0].tenant, told[0].decision.decision) == ("acme", DECISION_ALLOW)
        assert not decisions(stack, request, "administrator")


def keep(stack: Stack, name: str, secret: str) -> None:
    path = stack.folder / "keys" / f"{name}.key"
    path.write_text(secret)
    path.chmod(0o600)


def sidecars(stack: Stack, role: str) -> list[Any]:
    return list(stack.call("fleet", "ListSidecars", ListSidecarsRequest(), role=role).sidecars)


def decisions(stack: Stack, request: Any, role: str) -> list[Any]:
    listed = stack.call("audit", "ListAuditRecords", request, role=role).records
    return [record for record in listed if record.HasField("decision")]
