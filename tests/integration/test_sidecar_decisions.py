"""A whole sidecar between an agent and a scripted decision point: what is asked, reused, refused and recorded."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from gatehold.clock import boottime_ns
from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.v1.decision_pb2 import Decision, DecisionSource, RiskLevel
from gatehold.v1.decision_point_service_pb2 import (
    BatchEvaluateRequest,
    BatchMode,
    EvaluateRequest,
    EvaluateResponse,
    ListPermittedVerbsRequest,
    PermittedVerb,
)
from gatehold.v1.reason_code_pb2 import ReasonCode
from tests.fakes.running_sidecar import KEY, leased, running, settings, spooled
from tests.fakes.scripted_pdp import EPOCH, ScriptedPdp, always, answer, reusable

POLICY, CACHE = DecisionSource.DECISION_SOURCE_POLICY, DecisionSource.DECISION_SOURCE_CACHE


def refund(amount: object, **fields: object) -> EvaluateRequest:
    return EvaluateRequest(verb="stripe:create_refund", args_json=f'{{"amount": {amount}}}', **fields)  # type: ignore[arg-type]


@pytest.fixture
async def pdp() -> AsyncIterator[ScriptedPdp]:
    scripted = ScriptedPdp()
    await scripted.start()
    yield scripted
    await scripted.stop()


async def test_the_first_answer_is_the_decision_points_and_the_next_of_its_kind_the_caches(
    tmp_path: Path, pdp: ScriptedPdp
) -> None:
    pdp.script = always(reuse=reusable())
    async with leased(settings(tmp_path, pdp.address)) as agent:
        answers = [await agent.Evaluate(refund(amount)) for amount in (250, 101, 99)]
    assert [found.source for found in answers] == [POLICY, CACHE, POLICY]
    assert [request.args_json for request in pdp.requests] == ['{"amount": 250}', '{"amount": 99}']
    assert answers[1].valid_until_boottime_ns > boottime_ns() - 60_000_000_000
    assert not any(found.HasField("reuse") for found in answers)


async def test_the_credential_and_the_agent_go_along(tmp_path: Path, pdp: ScriptedPdp) -> None:
    async with running(settings(tmp_path, pdp.address)) as agent:
        await agent.Evaluate(refund(1))
    assert pdp.metadata[0]["authorization"] == f"Bearer {KEY}"
    assert pdp.metadata[0]["gatehold-agent"] == "dev"


async def test_every_answer_is_on_the_record_with_secrets_replaced(tmp_path: Path, pdp: ScriptedPdp) -> None:
    reuse = reusable()
    reuse.sensitive_args.append("card")
    pdp.script = always(reuse=reuse)
    async with leased(settings(tmp_path, pdp.address)) as agent:
        request = EvaluateRequest(verb="stripe:create_refund", args_json='{"amount": 250, "card": "4111"}')
        given = [await agent.Evaluate(request) for _ in range(2)]
        await pdp.until(lambda: {found.decision_id for found in given} <= decision_ids(pdp))
    records = [record for record in shipped(pdp) if record.verb == "stripe:create_refund"]
    assert [record.decision.source for record in records] == [POLICY, CACHE]
    assert all(record.args_json == '{"amount":250,"card":"[redacted]"}' for record in records)
    assert {record.args_digest for record in records} == {given[0].args_digest}


def shipped(pdp: ScriptedPdp) -> list[AuditRecord]:
    return [AuditRecord.FromString(entry.record) for entry in pdp.shipped.values()]


def decision_ids(pdp: ScriptedPdp) -> set[str]:
    return {record.decision.decision_id for record in shipped(pdp)}


async def test_an_explanation_is_always_the_decision_points(tmp_path: Path, pdp: ScriptedPdp) -> None:
    pdp.script = always(reuse=reusable(), trace={})
    async with leased(settings(tmp_path, pdp.address)) as agent:
        answers = [await agent.Evaluate(refund(250, explain=True)) for _ in range(2)]
    assert [found.source for found in answers] == [POLICY, POLICY]
    assert all(found.HasField("trace") for found in answers)


async def test_an_allow_on_a_high_verb_is_asked_for_every_time(tmp_path: Path, pdp: ScriptedPdp) -> None:
    pdp.script = always(reuse=reusable(), risk_level=RiskLevel.RISK_LEVEL_HIGH)
    async with leased(settings(tmp_path, pdp.address)) as agent:
        answers = [await agent.Evaluate(refund(250)) for _ in range(3)]
    assert [found.source for found in answers] == [POLICY] * 3


async def test_concurrent_equal_calls_reach_the_decision_point_once(tmp_path: Path, pdp: ScriptedPdp) -> None:
    both = asyncio.Event()

    async def slow(request: EvaluateRequest, revision: int) -> EvaluateResponse:
        await both.wait()
        return answer(request, revision, reuse=reusable())

    async with leased(settings(tmp_path, pdp.address)) as agent:
        pdp.script = slow
        calls = [asyncio.ensure_future(agent.Evaluate(refund(250))) for _ in range(20)]
        await pdp.until(lambda: pdp.requests)
        both.set()
        answers = await asyncio.gather(*calls)
    assert len(pdp.requests) == 1
    assert sorted(found.source for found in answers) == [POLICY] + [CACHE] * 19
    assert len({found.decision_id for found in answers}) == 20


async def test_a_batch_keeps_its_order_and_blocks_a_bad_item_alone(tmp_path: Path, pdp: ScriptedPdp) -> None:
    items = [refund(amount) for amount in range(50)]
    items[7] = EvaluateRequest(verb="not a verb", args_json='{"pin": 1234}')
    items[9] = EvaluateRequest(verb="a:b", args_json="{")
    async with running(settings(tmp_path, pdp.address)) as agent:
        responses = (await agent.BatchEvaluate(BatchEvaluateRequest(requests=items))).responses
        await pdp.stop()
    assert [index for index, found in enumerate(responses) if found.decision == Decision.DECISION_BLOCK] == [7, 9]
    assert responses[7].reason_code == responses[9].reason_code == ReasonCode.REASON_CODE_INVALID_ITEM
    assert "verb" in responses[7].reason and "args_json" in responses[9].reason
    expected = [answer(item, 1).args_digest if index not in (7, 9) else "" for index, item in enumerate(items)]
    assert [found.args_digest for found in responses] == expected
    recorded = {record.decision.decision_id for record in [*shipped(pdp), *await spooled(tmp_path)]}
    assert recorded == {found.decision_id for found in responses}


async def test_a_batch_can_stop_at_its_first_block(tmp_path: Path, pdp: ScriptedPdp) -> None:
    async def block_two(request: EvaluateRequest, revision: int) -> EvaluateResponse:
        two = request.args_json == '{"amount": 2}'
        return answer(request, revision, decision=Decision.DECISION_BLOCK if two else Decision.DECISION_ALLOW)

    pdp.script = block_two
    batch = BatchEvaluateRequest(
        requests=[refund(amount) for amount in range(5)], mode=BatchMode.BATCH_MODE_STOP_ON_FIRST_BLOCK
    )
    async with running(settings(tmp_path, pdp.address)) as agent:
        responses = (await agent.BatchEvaluate(batch)).responses
    assert [found.decision for found in responses] == [1, 1, 3, 3, 3]
    assert [found.reason_code for found in responses[3:]] == [ReasonCode.REASON_CODE_STOPPED_EARLY] * 2
    assert len(pdp.requests) == 3


@pytest.mark.parametrize("count", [0, 1001])
async def test_a_batch_holds_1_to_1000(tmp_path: Path, pdp: ScriptedPdp, count: int) -> None:
    async with running(settings(tmp_path, pdp.address)) as agent:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await agent.BatchEvaluate(BatchEvaluateRequest(requests=[refund(1)] * count))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (EvaluateRequest(), "verb"),
        (EvaluateRequest(verb="Stripe:x"), "verb"),
        (EvaluateRequest(verb="a:b", args_json='{"a":1,"a":2}'), "args_json.a"),
        (EvaluateRequest(verb="a:b", context_json="[]"), "context_json"),
        (EvaluateRequest(verb="a:b", on_behalf_of="a\u202e"), "on_behalf_of"),
        (EvaluateRequest(verb="a:b", request_id="r" * 129), "request_id"),
        (EvaluateRequest(verb="a:b", args_json='{"a":"' + "x" * 262_144 + '"}'), "args_json"),
    ],
)
async def test_a_malformed_request_is_refused_here_without_asking(
    tmp_path: Path, pdp: ScriptedPdp, request_: EvaluateRequest, field: str
) -> None:
    async with running(settings(tmp_path, pdp.address)) as agent:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await agent.Evaluate(request_)
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert (error.value.details() or "").startswith(f"{field}:")
    assert not pdp.requests


async def test_the_verbs_are_asked_for_once_under_a_lease(tmp_path: Path, pdp: ScriptedPdp) -> None:
    pdp.verbs.verbs.append(PermittedVerb(executable=True))
    async with leased(settings(tmp_path, pdp.address)) as agent:
        pages = [await agent.ListPermittedVerbs(ListPermittedVerbsRequest()) for _ in range(3)]
        await agent.ListPermittedVerbs(ListPermittedVerbsRequest(page_size=5))
    assert [len(page.verbs) for page in pages] == [1, 1, 1]
    assert pdp.lists == 2


@pytest.mark.parametrize("epoch", [0, EPOCH + 1])
async def test_verbs_of_another_store_are_asked_for_each_time(tmp_path: Path, pdp: ScriptedPdp, epoch: int) -> None:
    pdp.verbs.epoch = epoch
    async with leased(settings(tmp_path, pdp.address)) as agent:
        for _ in range(2):
            await agent.ListPermittedVerbs(ListPermittedVerbsRequest())
    assert pdp.lists == 2
