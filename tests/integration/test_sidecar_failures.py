"""A sidecar whose decision point, or disk, fails it: nothing turns into an allow."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from gatehold.serving import Refusal
from gatehold.v1.decision_pb2 import Decision, DecisionSource, Obligation
from gatehold.v1.decision_point_service_pb2 import (
    BatchEvaluateRequest,
    EvaluateRequest,
    EvaluateResponse,
    ListPermittedVerbsRequest,
)
from gatehold.v1.error_reason_pb2 import ErrorReason
from gatehold.v1.reason_code_pb2 import ReasonCode
from tests.fakes.running_sidecar import running, settings, spooled
from tests.fakes.scripted_pdp import ScriptedPdp, always

CALL = EvaluateRequest(
    verb="stripe:create_refund", args_json='{"amount": 250, "note": "4111"}', context_json='{"k":"s3"}'
)


@pytest.fixture
async def pdp() -> AsyncIterator[ScriptedPdp]:
    scripted = ScriptedPdp()
    await scripted.start()
    yield scripted
    await scripted.stop()


def is_blocked(response: EvaluateResponse, reason_code: ReasonCode) -> bool:
    return (response.decision, response.source, response.reason_code) == (
        Decision.DECISION_BLOCK,
        DecisionSource.DECISION_SOURCE_FAIL_CLOSED,
        reason_code,
    )


async def test_without_a_decision_point_a_call_is_blocked_and_recorded_without_its_arguments(
    tmp_path: Path, pdp: ScriptedPdp
) -> None:
    await pdp.stop()
    async with running(settings(tmp_path, pdp.address)) as agent:
        response = await agent.Evaluate(CALL)
    assert is_blocked(response, ReasonCode.REASON_CODE_PDP_UNREACHABLE)
    (record,) = await spooled(tmp_path)
    assert record.decision.decision_id == response.decision_id
    assert json.loads(record.args_json) == {"amount": "[redacted]", "note": "[redacted]"}
    assert "s3" not in record.context_json


async def test_an_answer_after_the_deadline_is_none(tmp_path: Path, pdp: ScriptedPdp) -> None:
    over = asyncio.Event()

    async def never(request: EvaluateRequest, revision: int) -> EvaluateResponse:
        await over.wait()
        raise AssertionError

    pdp.script = never
    async with running(settings(tmp_path, pdp.address)) as agent:
        assert is_blocked(await agent.Evaluate(CALL), ReasonCode.REASON_CODE_PDP_UNREACHABLE)


@pytest.mark.parametrize(
    "garbage",
    [
        {"decision": 0},
        {"decision": 9},
        {"risk_level": 0},
        {"revision": 0},
        {"decision_id": ""},
        {"args_digest": "0" * 64},
        {"source": 0},
        {"obligations": [Obligation(id="a")]},
    ],
)
async def test_garbage_is_a_block(tmp_path: Path, pdp: ScriptedPdp, garbage: dict[str, Any]) -> None:
    pdp.script = always(**garbage)
    async with running(settings(tmp_path, pdp.address)) as agent:
        assert is_blocked(await agent.Evaluate(CALL), ReasonCode.REASON_CODE_INVALID_RESPONSE)


def refusing(code: grpc.StatusCode, reason: ErrorReason = ErrorReason.ERROR_REASON_TOO_LARGE) -> Any:
    async def script(request: EvaluateRequest, revision: int) -> EvaluateResponse:
        raise Refusal(code, reason, "the decision point says no", {"limit": "7"})

    return script


@pytest.mark.parametrize("name", ["INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "UNAUTHENTICATED", "PERMISSION_DENIED"])
async def test_a_refusal_is_passed_on_as_it_came(tmp_path: Path, pdp: ScriptedPdp, name: str) -> None:
    pdp.script = refusing(grpc.StatusCode[name])
    async with running(settings(tmp_path, pdp.address)) as agent:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await agent.Evaluate(CALL)
    assert (error.value.code().name, error.value.details()) == (name, "the decision point says no")
    info = error_info(error.value)
    assert (info.reason, info.domain, dict(info.metadata)) == ("TOO_LARGE", "gatehold.dev", {"limit": "7"})


def error_info(error: grpc.aio.AioRpcError) -> Any:
    (details,) = [value for key, value in error.trailing_metadata() or () if key == "grpc-status-details-bin"]
    info = error_details_pb2.ErrorInfo()
    assert any(detail.Unpack(info) for detail in status_pb2.Status.FromString(details).details)
    return info


@pytest.mark.parametrize("name", ["UNAVAILABLE", "INTERNAL", "UNKNOWN", "UNIMPLEMENTED", "ABORTED", "NOT_FOUND"])
async def test_every_other_status_is_a_block(tmp_path: Path, pdp: ScriptedPdp, name: str) -> None:
    pdp.script = refusing(grpc.StatusCode[name])
    async with running(settings(tmp_path, pdp.address)) as agent:
        assert is_blocked(await agent.Evaluate(CALL), ReasonCode.REASON_CODE_PDP_UNREACHABLE)


async def test_in_a_batch_a_malformed_item_is_blocked_and_a_refused_credential_ends_all(
    tmp_path: Path, pdp: ScriptedPdp
) -> None:
    batch = BatchEvaluateRequest(requests=[CALL, CALL])
    async with running(settings(tmp_path, pdp.address)) as agent:
        pdp.script = refusing(grpc.StatusCode.INVALID_ARGUMENT)
        codes = [found.reason_code for found in (await agent.BatchEvaluate(batch)).responses]
        pdp.script = refusing(grpc.StatusCode.UNAUTHENTICATED)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await agent.BatchEvaluate(batch)
    assert codes == [ReasonCode.REASON_CODE_INVALID_ITEM] * 2
    assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_the_list_of_verbs_needs_a_decision_point(tmp_path: Path, pdp: ScriptedPdp) -> None:
    await pdp.stop()
    async with running(settings(tmp_path, pdp.address)) as agent:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await agent.ListPermittedVerbs(ListPermittedVerbsRequest())
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    assert error_info(error.value).reason == "PDP_UNREACHABLE"


async def test_a_full_spool_answers_nothing_until_records_were_taken(tmp_path: Path, pdp: ScriptedPdp) -> None:
    small = dataclasses.replace(settings(tmp_path, pdp.address), spool_bytes=256 * 1024)
    pdp.taking = False
    padded = EvaluateRequest(verb="a:b", args_json=json.dumps({"text": "x" * 50_000}))
    async with running(small) as agent:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            for _ in range(100):
                response = await agent.Evaluate(padded)
                assert response.decision == Decision.DECISION_ALLOW
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert error_info(error.value).reason == "SPOOL_FULL"
        with pytest.raises(grpc.aio.AioRpcError):
            await agent.BatchEvaluate(BatchEvaluateRequest(requests=[padded]))
