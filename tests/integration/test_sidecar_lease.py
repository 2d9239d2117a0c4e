"""The lease over a real connection: asked for, used, taken back, lost."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatehold.v1.decision_pb2 import Decision, DecisionSource
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from gatehold.v1.reason_code_pb2 import ReasonCode
from tests.fakes.fault_proxy import FaultProxy
from tests.fakes.running_sidecar import healthy, leased, running, settings
from tests.fakes.scripted_pdp import EPOCH, ScriptedPdp, always, reusable

POLICY, CACHE = DecisionSource.DECISION_SOURCE_POLICY, DecisionSource.DECISION_SOURCE_CACHE
FAIL_CLOSED = DecisionSource.DECISION_SOURCE_FAIL_CLOSED
READ = EvaluateRequest(verb="files:read", args_json='{"amount": 250}')


@pytest.fixture
async def pdp() -> AsyncIterator[ScriptedPdp]:
    scripted = ScriptedPdp()
    scripted.script = always(reuse=reusable())
    await scripted.start()
    yield scripted
    await scripted.stop()


async def test_a_lease_is_asked_for_as_the_protocol_says(tmp_path: Path, pdp: ScriptedPdp) -> None:
    async with leased(settings(tmp_path, pdp.address)) as agent:
        await agent.Evaluate(READ)
        await pdp.until(lambda: pdp.lease_requests[-1].last_sequence == 1)
    requests = pdp.lease_requests
    assert uuid.UUID(requests[0].nonce) and {request.nonce for request in requests} == {requests[0].nonce}
    assert [request.seq for request in requests] == list(range(1, len(requests) + 1))
    assert {request.protocol_version for request in requests} == {1}
    assert uuid.UUID(requests[0].spool_id)
    assert requests[0].version == "test"


async def test_another_process_is_another_nonce_and_another_spool(tmp_path: Path, pdp: ScriptedPdp) -> None:
    for _ in range(2):
        async with leased(settings(tmp_path, pdp.address)):
            pass
    assert len({request.nonce for request in pdp.lease_requests}) == 2
    assert len({request.spool_id for request in pdp.lease_requests}) == 2


async def test_while_a_change_is_pending_every_answer_is_the_decision_points(tmp_path: Path, pdp: ScriptedPdp) -> None:
    async with leased(settings(tmp_path, pdp.address)) as agent:
        assert [(await agent.Evaluate(READ)).source for _ in range(2)] == [POLICY, CACHE]
        await pdp.prepare(2)
        await pdp.until(lambda: 2 in pdp.acked.values())
        assert [(await agent.Evaluate(READ)).source for _ in range(3)] == [POLICY] * 3
        pdp.flip()
        asked = len(pdp.lease_requests)
        await pdp.until(lambda: len(pdp.lease_requests) > asked + 1)
        answers = [await agent.Evaluate(READ) for _ in range(3)]
    assert [found.revision for found in answers] == [2, 2, 2]
    assert answers[-1].source == CACHE


async def test_a_repeated_invalidation_is_acknowledged_again(tmp_path: Path, pdp: ScriptedPdp) -> None:
    async with leased(settings(tmp_path, pdp.address)):
        await pdp.prepare(2)
        await pdp.until(lambda: pdp.acks == 1)
        await pdp.prepare(2)
        await pdp.until(lambda: pdp.acks >= 2)


@pytest.mark.parametrize("ttl", [0.5, 61.0, 0.0])
async def test_a_lease_of_a_length_out_of_bounds_is_none(tmp_path: Path, pdp: ScriptedPdp, ttl: float) -> None:
    pdp.ttl = ttl
    async with leased(settings(tmp_path, pdp.address)) as agent:
        assert [(await agent.Evaluate(READ)).source for _ in range(3)] == [POLICY] * 3


async def test_without_a_lease_nothing_is_reused(tmp_path: Path, pdp: ScriptedPdp) -> None:
    pdp.granting = False
    async with running(settings(tmp_path, pdp.address)) as agent:
        await pdp.until(lambda: len(pdp.lease_requests) > 1)
        assert [(await agent.Evaluate(READ)).source for _ in range(3)] == [POLICY] * 3


@pytest.mark.parametrize("epoch", [0, EPOCH + 1])
async def test_an_answer_of_another_store_than_the_leases_is_not_reused(
    tmp_path: Path, pdp: ScriptedPdp, epoch: int
) -> None:
    pdp.script = always(reuse=reusable(epoch=epoch))
    async with leased(settings(tmp_path, pdp.address)) as agent:
        assert [(await agent.Evaluate(READ)).source for _ in range(3)] == [POLICY] * 3


async def test_a_change_in_another_store_is_acknowledged_and_takes_the_lease_back(
    tmp_path: Path, pdp: ScriptedPdp
) -> None:
    pdp.revision = 9
    async with leased(settings(tmp_path, pdp.address)) as agent:
        assert [(await agent.Evaluate(READ)).source for _ in range(2)] == [POLICY, CACHE]
        pdp.epoch, pdp.revision = EPOCH + 1, 1
        await pdp.prepare(2)
        await pdp.until(lambda: 2 in pdp.acked.values())
        assert (await agent.Evaluate(READ)).source == POLICY


async def test_when_the_decision_point_is_gone_the_lease_is_used_up_and_then_calls_are_blocked(
    tmp_path: Path, pdp: ScriptedPdp
) -> None:
    pdp.ttl = 2.0
    sidecar = settings(tmp_path, pdp.address)
    async with leased(sidecar) as agent:
        await agent.Evaluate(READ)
        await pdp.stop()
        assert (await agent.Evaluate(READ)).source == CACHE
        await healthy(sidecar, "gatehold.upstream", serving=False)
        await healthy(sidecar, "gatehold.v1.DecisionPointService", serving=False)
        await healthy(sidecar, "", serving=False)
        blocked = await agent.Evaluate(READ)
        assert (blocked.decision, blocked.source) == (Decision.DECISION_BLOCK, FAIL_CLOSED)
        assert (blocked.reason_code, blocked.revision) == (ReasonCode.REASON_CODE_PDP_UNREACHABLE, 0)
        await pdp.start()
        await healthy(sidecar, "")
        assert (await agent.Evaluate(READ)).source in (POLICY, CACHE)


async def test_a_connection_that_went_silent_is_replaced(tmp_path: Path, pdp: ScriptedPdp) -> None:
    with FaultProxy(pdp.address) as path:
        async with leased(settings(tmp_path, path.address)) as agent:
            path.strand()
            asked = len(pdp.lease_requests)
            await pdp.until(lambda: len(pdp.lease_requests) > asked)
            assert (await asyncio.wait_for(agent.Evaluate(READ), 5)).decision == Decision.DECISION_ALLOW
