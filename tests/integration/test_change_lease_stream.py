"""The lease stream: whom it serves, what it refuses, and what administrators see of it."""

import uuid
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold.v1.fleet_service_pb2 import ListSidecarsRequest
from pdp.identity import Role
from pdp.store.errors import Unavailable
from pdp.transport import lease_stream
from tests.integration.change_harness import HOLD_NS, DecisionPoint, ScriptedSidecar, decision_point


async def refused(sidecar: ScriptedSidecar) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        while True:
            await sidecar.hear()
    return error.value.code(), str(error.value.details())


async def listed(pdp: DecisionPoint, **fields: Any) -> list[Any]:
    response = await pdp.fleet.ListSidecars(ListSidecarsRequest(**fields), metadata=pdp.metadata(Role.AUDITOR))
    return list(response.sidecars)


async def test_a_grant_answers_its_request(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = pdp.sidecar()
        for seq in (1, 2):
            await sidecar.ask()
            grant = (await sidecar.hear()).lease_grant
            assert (grant.nonce, grant.seq, grant.revision) == (sidecar.nonce, seq, 1)
            assert grant.ttl.ToNanoseconds() == 5_000_000_000


@pytest.mark.parametrize("version", [0, 2])
async def test_another_protocol_version_is_refused(tmp_path: Path, version: int) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = pdp.sidecar()
        await sidecar.ask(protocol_version=version, nonce="laid out otherwise")
        code, message = await refused(sidecar)
        assert code is grpc.StatusCode.FAILED_PRECONDITION
        assert "version 1" in message


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"nonce": "one"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"spool_id": ""}, "spool_id"),
        ({"spool_id": str(uuid.uuid4()).upper()}, "spool_id"),
        ({"last_sequence": 2**63}, "last_sequence"),
        ({"version": "1\x1b[2J"}, "version"),
    ],
)
async def test_a_malformed_request_ends_the_stream(tmp_path: Path, fields: dict[str, object], field: str) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = pdp.sidecar()
        await sidecar.ask(**fields)
        code, message = await refused(sidecar)
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert field in message
        assert await pdp.sidecar().leased() == 1


async def test_an_acknowledgement_does_not_open_a_stream(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = pdp.sidecar()
        await sidecar.acknowledge(2)
        assert (await refused(sidecar))[0] is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_stream_is_of_one_process(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = pdp.sidecar()
        assert await sidecar.leased() == 1
        sidecar.nonce = str(uuid.uuid4())
        await sidecar.acknowledge(2)
        assert (await refused(sidecar))[0] is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.AGENT])
async def test_only_sidecars_hold_leases(tmp_path: Path, role: Role) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = ScriptedSidecar(pdp.fleet.HoldLease(metadata=pdp.metadata(role, "dev")))
        assert (await refused(sidecar))[0] is grpc.StatusCode.PERMISSION_DENIED


async def test_a_stream_ends_with_its_key(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = pdp.sidecar()
        assert await sidecar.leased() == 1
        pdp.keyring.replace([])
        await sidecar.ask()
        assert (await refused(sidecar))[0] is grpc.StatusCode.UNAUTHENTICATED


async def test_a_process_may_not_open_streams_without_end(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        streams = [pdp.sidecar() for _ in range(5)]
        for sidecar in streams[:4]:
            sidecar.nonce = streams[0].nonce
            assert await sidecar.leased() == 1
        streams[4].nonce = streams[0].nonce
        await streams[4].ask()
        assert (await refused(streams[4]))[0] is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_silent_stream_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_stream, "SILENCE_SECONDS", 0.05)
    async with decision_point(tmp_path) as pdp:
        sidecar = pdp.sidecar()
        assert await sidecar.leased() == 1
        assert (await refused(sidecar))[0] is grpc.StatusCode.OK


async def test_no_lease_is_granted_while_nothing_can_be_recorded(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecar = pdp.sidecar()
        assert await sidecar.leased() == 1
        pdp.audit.gate.shut(Unavailable("the disk is full"))
        await sidecar.ask(version="while shut")
        while (await listed(pdp))[0].version != "while shut":
            pass
        pdp.audit.gate.reopen()
        await sidecar.ask()
        assert (await sidecar.hear()).lease_grant.seq == 3


async def test_administrators_see_sidecars(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        sidecars = {agent: pdp.sidecar(agent) for agent in ("b", "a")}
        for sidecar in sidecars.values():
            await sidecar.ask(version="1.2.3", last_sequence=7)
            assert (await sidecar.hear()).lease_grant.revision == 1
        found = await listed(pdp)
        assert [(one.agent, one.name, one.version) for one in found] == [
            ("a", "sidecar", "1.2.3"),
            ("b", "sidecar", "1.2.3"),
        ]
        first = found[0]
        assert (first.nonce, first.spool_id) == (sidecars["a"].nonce, sidecars["a"].spool_id)
        assert (first.leased_revision, first.lease_live) == (1, True)
        assert (first.last_sequence, first.committed_sequence) == (7, 0)
        assert first.last_seen_time.seconds > 0

        page = await pdp.fleet.ListSidecars(ListSidecarsRequest(page_size=1), metadata=pdp.metadata())
        assert [one.agent for one in page.sidecars] == ["a"]
        rest = ListSidecarsRequest(page_token=page.next_page_token)
        response = await pdp.fleet.ListSidecars(rest, metadata=pdp.metadata())
        assert ([one.agent for one in response.sidecars], response.next_page_token) == (["b"], "")

        pdp.clock.now_ns += HOLD_NS
        assert [(one.leased_revision, one.lease_live) for one in await listed(pdp)] == [(0, False)] * 2
