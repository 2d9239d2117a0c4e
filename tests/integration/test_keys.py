"""Keys are made, shown once, revoked at once, and may be kept to networks."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold.v1.audit_record_pb2 import RECORD_KIND_CONFIG_CHANGE
from gatehold.v1.decision_pb2 import DECISION_ALLOW
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from gatehold.v1.key_pb2 import ROLE_ADMIN, ROLE_AGENT, ROLE_APPROVER, ROLE_PLATFORM_ADMIN, ROLE_SIDECAR, Role
from gatehold.v1.key_service_pb2 import CreateKeyRequest, ListKeysRequest, RevokeKeyRequest, SetAllowListRequest
from gatehold.v1.policy_service_pb2 import ListPoliciesRequest
from gatehold.v1.session_pb2 import Session
from gatehold.v1.session_service_pb2 import CreateSessionRequest
from tests.integration.pdp_harness import READ, Pdp, outcome, running


@pytest.fixture
async def pdp(tmp_path: Path) -> AsyncIterator[Pdp]:
    async with running(tmp_path) as pdp:
        yield pdp


def bearer(secret: str, *agents: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {secret}"), *(("gatehold-agent", agent) for agent in agents)]


async def create(pdp: Pdp, role: Role, principal: str, **fields: Any) -> Any:
    request = CreateKeyRequest(role=role, principal=principal, **fields)
    return await pdp.keys.CreateKey(request, metadata=pdp.metadata("administrator"), timeout=10)


async def revoke(pdp: Pdp, key_id: str) -> Any:
    request = RevokeKeyRequest(key_id=key_id, change_reason="lost")
    return await pdp.keys.RevokeKey(request, metadata=pdp.metadata("administrator"), timeout=20)


async def evaluate(pdp: Pdp, metadata: Any) -> Any:
    request = EvaluateRequest(verb=READ, args_json='{"path": "a"}')
    return await pdp.decisions.Evaluate(request, metadata=metadata, timeout=10)


async def refused(call: Any) -> tuple[str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    return outcome(error.value)


async def test_a_new_key_works_until_it_is_revoked(pdp: Pdp) -> None:
    made = await create(pdp, ROLE_AGENT, "billing")
    assert made.secret.startswith(f"gh_{made.key.key_id}_")
    assert (await evaluate(pdp, bearer(made.secret))).decision == DECISION_ALLOW
    before = (await evaluate(pdp, bearer(made.secret))).revision
    revoked = await revoke(pdp, made.key.key_id)
    assert revoked.key.HasField("revoke_time")
    assert await refused(evaluate(pdp, bearer(made.secret))) == ("UNAUTHENTICATED", "CREDENTIAL_INVALID")
    assert (await evaluate(pdp, pdp.metadata("agent"))).revision == before + 1
    changes = [record.change for record in await pdp.records(kind=RECORD_KIND_CONFIG_CHANGE)]
    mine = [change for change in changes if change.object == f"key/{made.key.key_id}"]
    assert [(bool(change.old_json), bool(change.new_json)) for change in mine] == [(True, False), (False, True)]
    assert all(made.secret not in record.SerializeToString().decode("latin-1") for record in await pdp.records())


async def test_a_revocation_outlives_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as pdp:
        made = await create(pdp, ROLE_AGENT, "billing")
        await revoke(pdp, made.key.key_id)
    async with running(tmp_path) as pdp:
        assert await refused(evaluate(pdp, bearer(made.secret))) == ("UNAUTHENTICATED", "CREDENTIAL_INVALID")
        listed = await pdp.keys.ListKeys(ListKeysRequest(), metadata=pdp.metadata("auditor"), timeout=10)
        assert [key.HasField("revoke_time") for key in listed.keys if key.key_id == made.key.key_id] == [True]


async def test_a_sidecars_key_speaks_for_its_agents_alone(pdp: Pdp) -> None:
    made = await create(pdp, ROLE_SIDECAR, "box", agents=["billing"])
    assert (await evaluate(pdp, bearer(made.secret, "billing"))).decision == DECISION_ALLOW
    assert await refused(evaluate(pdp, bearer(made.secret, "other"))) == ("PERMISSION_DENIED", "NOT_PERMITTED")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"role": ROLE_PLATFORM_ADMIN, "principal": "me"}, "role"),
        ({"role": 0, "principal": "me"}, "role"),
        ({"role": ROLE_AGENT, "principal": ""}, "principal"),
        ({"role": ROLE_AGENT, "principal": "a", "agents": ["b"]}, "agents"),
        ({"role": ROLE_AGENT, "principal": "a", "groups": ["b"]}, "groups"),
        ({"role": ROLE_APPROVER, "principal": "a", "certificate": True}, "certificate"),
        ({"role": ROLE_APPROVER, "principal": "a", "groups": ["\u202e"]}, "groups[0]"),
        ({"role": ROLE_AGENT, "principal": "a", "ttl": {"seconds": -1}}, "ttl"),
    ],
)
async def test_what_makes_no_key_is_refused(pdp: Pdp, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await create(pdp, **fields)
    assert outcome(error.value) == ("INVALID_ARGUMENT", "INVALID_FIELD")
    assert f"{field}" in (error.value.details() or "")


async def test_the_last_administrator_keeps_its_key(pdp: Pdp) -> None:
    listed = await pdp.keys.ListKeys(ListKeysRequest(), metadata=pdp.metadata("administrator"), timeout=10)
    (own,) = [key for key in listed.keys if key.role == ROLE_ADMIN]
    assert await refused(revoke(pdp, own.key_id)) == ("FAILED_PRECONDITION", "LOCKOUT")
    await create(pdp, ROLE_ADMIN, "second")
    assert (await revoke(pdp, own.key_id)).key.HasField("revoke_time")


async def test_two_administrators_can_not_both_end_the_others_key(pdp: Pdp) -> None:
    listed = await pdp.keys.ListKeys(ListKeysRequest(), metadata=pdp.metadata("administrator"), timeout=10)
    (own,) = [key for key in listed.keys if key.role == ROLE_ADMIN]
    second = await create(pdp, ROLE_ADMIN, "second")
    calls = [
        pdp.keys.RevokeKey(RevokeKeyRequest(key_id=second.key.key_id), metadata=pdp.metadata("administrator")),
        pdp.keys.RevokeKey(RevokeKeyRequest(key_id=own.key_id), metadata=bearer(second.secret)),
    ]
    ended = await asyncio.gather(*calls, return_exceptions=True)
    (error,) = [one for one in ended if isinstance(one, grpc.aio.AioRpcError)]
    assert outcome(error) in {("FAILED_PRECONDITION", "LOCKOUT"), ("UNAUTHENTICATED", "CREDENTIAL_INVALID")}


async def test_one_certificate_stands_for_a_sidecar(pdp: Pdp) -> None:
    wanted = [create(pdp, ROLE_SIDECAR, "box", agents=["*"], certificate=True) for _ in range(8)]
    made = await asyncio.gather(*wanted, return_exceptions=True)
    refused = [outcome(one) for one in made if isinstance(one, grpc.aio.AioRpcError)]
    assert refused == [("ALREADY_EXISTS", "ALREADY_EXISTS")] * 7


async def test_keys_work_from_the_networks_on_the_list_alone(pdp: Pdp) -> None:
    async def allow(*networks: str) -> Any:
        request = SetAllowListRequest(networks=networks)
        return await pdp.keys.SetAllowList(request, metadata=pdp.metadata("administrator"), timeout=10)

    assert await refused(allow("10.0.0.0/8")) == ("FAILED_PRECONDITION", "LOCKOUT")
    assert await refused(allow("10.0.0.1/8")) == ("INVALID_ARGUMENT", "INVALID_FIELD")
    await allow("127.0.0.0/8", "10.0.0.0/8")
    await pdp.policies.ListPolicies(ListPoliciesRequest(), metadata=pdp.metadata("administrator"), timeout=10)
    await allow()


async def test_a_stored_session_that_does_not_load_is_valid_no_more_and_stops_nobody(tmp_path: Path) -> None:
    async with running(tmp_path) as pdp:
        request = CreateSessionRequest(session=Session(verbs=["stripe:*"]))
        made = await pdp.sessions.CreateSession(request, metadata=pdp.metadata("agent"), timeout=10)
        assert (await evaluate(pdp, bearer(made.token))).revision
    with sqlite3.connect(tmp_path / "gatehold.db") as database:
        database.execute("UPDATE session SET body = replace(body, 'stripe:*', 'of a later release')")
    database.close()
    async with running(tmp_path) as pdp:
        assert await refused(evaluate(pdp, bearer(made.token))) == ("UNAUTHENTICATED", "CREDENTIAL_INVALID")
        assert (await evaluate(pdp, pdp.metadata("agent"))).decision == DECISION_ALLOW
