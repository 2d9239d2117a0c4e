"""A whole sidecar between callers in a session and a scripted decision point."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold.serving import Refusal
from gatehold.v1 import decision_point_service_pb2 as wire
from gatehold.v1.decision_pb2 import DECISION_ALLOW, DECISION_BLOCK
from gatehold.v1.error_reason_pb2 import ErrorReason
from gatehold.v1.reason_code_pb2 import REASON_CODE_INVALID_RESPONSE, REASON_CODE_PDP_UNREACHABLE
from gatehold.v1.reuse_pb2 import Reuse
from sidecar.address import parse_address
from sidecar.listener import TcpDoor
from sidecar.sessions import Sessions
from sidecar.settings import Settings
from sidecar.wiring import _door
from tests.fakes.running_sidecar import KEY, running, settings, spooled
from tests.fakes.scripted_pdp import ScriptedPdp, always
from tests.integration.test_sidecar_agent_records import RAN, acknowledged, entry, opening
from tests.integration.test_sidecar_approvals import REQUESTS

NOBODY = "127.0.0.1:1"
OWN = "o" * 32
TOKEN = "ghs_0123456789abcdef_" + "t" * 43
IN_SESSION = (("authorization", f"Bearer {TOKEN}"),)
CALL = wire.EvaluateRequest(verb="p:refund")
BAD = wire.EvaluateRequest(verb="not a verb")


@pytest.fixture
async def pdp() -> AsyncIterator[ScriptedPdp]:
    scripted = ScriptedPdp()
    scripted.script = always(reuse=Reuse(session="s1"))
    await scripted.start()
    yield scripted
    await scripted.stop()


def over_tcp(folder: Path, pdp: str, **fields: Any) -> Settings:
    """A sidecar whose door is that of a TCP port, on a socket that no other test can take."""
    return dataclasses.replace(settings(folder, pdp), **{"token": OWN, **fields})


async def refused(call: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    assert TOKEN not in str(error.value)
    return error.value


async def unauthenticated(call: Any) -> bool:
    return (await refused(call)).code() is grpc.StatusCode.UNAUTHENTICATED


async def test_the_token_goes_beside_the_sidecars_own_credential_with_every_call(
    tmp_path: Path, pdp: ScriptedPdp
) -> None:
    async with running(settings(tmp_path, pdp.address)) as agent:
        await agent.Evaluate(CALL, metadata=(("authorization", f"bearer {TOKEN}"),))
        await agent.ListPermittedVerbs(wire.ListPermittedVerbsRequest(), metadata=IN_SESSION)
        for name, request in REQUESTS.items():
            await getattr(agent, name)(request, metadata=IN_SESSION)
        watch = agent.WatchApproval(wire.WatchApprovalRequest(), metadata=IN_SESSION)
        await pdp.until(lambda: pdp.approvals.watching)
        watch.cancel()
    received = [one.metadata for one in pdp.approvals.received]
    assert len(received) == len(REQUESTS) + 1
    for metadata in [*pdp.metadata, *pdp.list_metadata, *received]:
        assert metadata["authorization"] == f"Bearer {KEY}"
        assert metadata["gatehold-session"] == f"Bearer {TOKEN}"
        assert metadata["gatehold-agent"] == "dev"


async def test_outside_a_session_none_is_named(tmp_path: Path, pdp: ScriptedPdp) -> None:
    pdp.script = always()
    async with running(settings(tmp_path, pdp.address)) as agent:
        smuggled = (("gatehold-session", f"Bearer {TOKEN}"),)
        assert (await agent.Evaluate(CALL, metadata=smuggled)).decision == DECISION_ALLOW
    assert "gatehold-session" not in pdp.metadata[0]


async def test_a_list_of_a_session_is_neither_kept_nor_taken_from_what_is(tmp_path: Path, pdp: ScriptedPdp) -> None:
    async with running(settings(tmp_path, pdp.address)) as agent:
        await pdp.until(lambda: len(pdp.lease_requests) > 1)
        request = wire.ListPermittedVerbsRequest()
        for metadata in ((), (), IN_SESSION, IN_SESSION, ()):
            await agent.ListPermittedVerbs(request, metadata=metadata)
    assert pdp.lists == 3


async def test_a_decision_point_that_knows_no_sessions_lets_nothing_through(tmp_path: Path, pdp: ScriptedPdp) -> None:
    pdp.script = always()
    async with running(settings(tmp_path, pdp.address)) as agent:
        response = await agent.Evaluate(CALL, metadata=IN_SESSION)
        assert (response.decision, response.reason_code) == (DECISION_BLOCK, REASON_CODE_INVALID_RESPONSE)
        assert await unauthenticated(agent.RecordAudit(metadata=IN_SESSION, timeout=10).read())


async def test_a_block_of_the_sidecars_own_is_recorded_without_a_session(tmp_path: Path) -> None:
    async with running(settings(tmp_path, NOBODY)) as agent:
        response = await agent.Evaluate(CALL, metadata=IN_SESSION)
        assert (response.decision, response.reason_code) == (DECISION_BLOCK, REASON_CODE_PDP_UNREACHABLE)
    assert [record.session for record in await spooled(tmp_path)] == [""]


async def test_an_agents_record_needs_a_session_that_was_verified(tmp_path: Path, pdp: ScriptedPdp) -> None:
    pdp.taking = False
    async with running(settings(tmp_path, pdp.address)) as agent:
        error = await refused(agent.RecordAudit(metadata=IN_SESSION, timeout=10).read())
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED
        assert "has decided no call of this session through this sidecar yet" in (error.details() or "")
        await agent.Evaluate(CALL, metadata=IN_SESSION)
        stream = agent.RecordAudit(metadata=IN_SESSION, timeout=20)
        await stream.write(opening())
        await stream.read()
        await stream.write(entry(1))
        await stream.read()
        pdp.script = revoked
        assert await unauthenticated(agent.Evaluate(CALL, metadata=IN_SESSION))
        await stream.write(entry(2))
        assert await unauthenticated(stream.read())
        assert await acknowledged(agent, [opening()]) == ([1], grpc.StatusCode.OK)  # in no session
    (record,) = [one for one in await spooled(tmp_path) if one.agent_asserted]
    assert (record.session, record.execution.decision_id) == ("s1", RAN.execution.decision_id)


async def revoked(*_: Any) -> Any:
    raise Refusal(grpc.StatusCode.UNAUTHENTICATED, ErrorReason.ERROR_REASON_CREDENTIAL_INVALID, "no valid credential")


async def test_over_tcp_a_session_admits_instead_of_the_sidecars_token(tmp_path: Path, pdp: ScriptedPdp) -> None:
    async with running(over_tcp(tmp_path, pdp.address)) as agent:
        assert (await agent.Evaluate(CALL, metadata=IN_SESSION)).decision == DECISION_ALLOW
        assert await unauthenticated(agent.Evaluate(CALL))
        batch = wire.BatchEvaluateRequest(requests=[CALL, BAD])
        assert len((await agent.BatchEvaluate(batch, metadata=IN_SESSION)).responses) == 2
        pdp.script = revoked
        assert await unauthenticated(agent.Evaluate(CALL, metadata=IN_SESSION))
        assert await unauthenticated(agent.BatchEvaluate(batch, metadata=IN_SESSION))


async def test_over_tcp_a_stranger_puts_nothing_on_the_record(tmp_path: Path) -> None:
    async with running(over_tcp(tmp_path, NOBODY)) as agent:
        stopping = wire.BatchEvaluateRequest(requests=[BAD, CALL], mode=wire.BATCH_MODE_STOP_ON_FIRST_BLOCK)
        for call in (
            agent.Evaluate(CALL, metadata=IN_SESSION),
            agent.BatchEvaluate(wire.BatchEvaluateRequest(requests=[BAD]), metadata=IN_SESSION),
            agent.BatchEvaluate(stopping, metadata=IN_SESSION),
            agent.RecordAudit(metadata=IN_SESSION, timeout=10).read(),
        ):
            assert await unauthenticated(call)
    assert await spooled(tmp_path) == []


@pytest.mark.parametrize("token", ["", OWN])
async def test_where_sessions_are_required_no_other_call_gets_in(tmp_path: Path, pdp: ScriptedPdp, token: str) -> None:
    only = dataclasses.replace(settings(tmp_path, pdp.address), require_session=True, token=token)
    own = (("authorization", f"Bearer {OWN}"),)
    async with running(only) as agent:
        for metadata in ((), own):
            assert await unauthenticated(agent.Evaluate(CALL, metadata=metadata))
            batch = wire.BatchEvaluateRequest(requests=[CALL])
            assert await unauthenticated(agent.BatchEvaluate(batch, metadata=metadata))
            listing = wire.ListPermittedVerbsRequest()
            assert await unauthenticated(agent.ListPermittedVerbs(listing, metadata=metadata))
            for name, request in REQUESTS.items():
                assert await unauthenticated(getattr(agent, name)(request, metadata=metadata))
            watch = agent.WatchApproval(wire.WatchApprovalRequest(), metadata=metadata)
            assert await unauthenticated(watch.read())
            assert await unauthenticated(agent.RecordAudit(metadata=metadata, timeout=10).read())
        assert (await agent.Evaluate(CALL, metadata=IN_SESSION)).decision == DECISION_ALLOW
    assert len(pdp.requests) == 1 and not pdp.approvals.received and not pdp.lists


def test_an_address_on_tcp_has_the_door_of_one(tmp_path: Path) -> None:
    on_tcp = dataclasses.replace(settings(tmp_path, NOBODY), listen=parse_address("127.0.0.1:1", "listen"))
    for only in (dataclasses.replace(on_tcp, token=OWN), dataclasses.replace(on_tcp, require_session=True), on_tcp):
        assert isinstance(_door(only, Sessions()), TcpDoor)
