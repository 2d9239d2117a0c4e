"""What one batch may ask for and take: explanations, bytes of its response, and the time of others."""

import asyncio
import json
from itertools import count, pairwise

import grpc
import pytest

from gatehold.v1.decision_pb2 import Decision
from gatehold.v1.decision_point_service_pb2 import BatchEvaluateRequest, EvaluateRequest
from pdp.transport import decision_point
from pdp.transport.decisions import Decisions
from tests.integration.pdp_harness import READ, REFUND, Pdp, info, outcome, running

TALKATIVE = json.dumps(
    [
        {
            "id": f"note-{n}",
            "verb": READ,
            "action": "notify",
            "conditions": [{"field": f"args.f{at}", "operator": "greater", "value": n} for at in range(8)],
        }
        for n in range(400)
    ]
)


async def batch(pdp: Pdp, *items: EvaluateRequest):
    answer = await pdp.decisions.BatchEvaluate(
        BatchEvaluateRequest(requests=items), metadata=pdp.metadata(), timeout=60
    )
    return answer.responses


def refund(explain: bool = False) -> EvaluateRequest:
    return EvaluateRequest(verb=REFUND, args_json='{"amount": 101}', explain=explain)


async def test_32_items_may_ask_to_explain(tmp_path) -> None:
    async with running(tmp_path / "data") as pdp:
        answers = await batch(pdp, *[refund(explain=True)] * 32, *[refund()] * 32)
        assert [answer.HasField("trace") for answer in answers] == [True] * 32 + [False] * 32
        with pytest.raises(grpc.aio.AioRpcError, match=r"requests\.explain: must be set on at most 32 items") as error:
            await batch(pdp, *[refund(explain=True)] * 33)
        assert outcome(error.value) == ("INVALID_ARGUMENT", "INVALID_FIELD")


async def test_a_response_that_no_client_takes_is_refused_and_leaves_no_record(tmp_path) -> None:
    async with running(tmp_path / "data", TALKATIVE) as pdp:
        explained = EvaluateRequest(verb=READ, explain=True)
        (answer,) = await batch(pdp, explained)
        fits = decision_point.MAX_BATCH_RESPONSE // (answer.ByteSize() + 5)
        assert 1 < fits < 32, "the policies do not make the traces large enough"
        assert len(await batch(pdp, *[explained] * fits)) == fits
        before = len(await pdp.records(kind=1))
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await batch(pdp, *[explained] * (fits + 1))
        assert outcome(error.value) == ("RESOURCE_EXHAUSTED", "TOO_LARGE")
        assert info(error.value).metadata["limit"] == str(4 * 1024 * 1024)
        assert len(await pdp.records(kind=1)) == before
        assert (await pdp.evaluate(READ)).decision != Decision.DECISION_UNSPECIFIED


async def test_others_get_their_turn_when_the_items_of_a_batch_take_long(tmp_path, monkeypatch) -> None:
    turns, seen = count(), []

    async def take_turns() -> None:
        while True:
            next(turns)
            await asyncio.sleep(0)

    decide = Decisions.decide

    def watched(*arguments):
        seen.append(next(turns))
        return decide(*arguments)

    monkeypatch.setattr(Decisions, "decide", watched)
    monkeypatch.setattr(decision_point, "perf_counter", count().__next__)  # each look is a second later
    async with running(tmp_path / "data") as pdp:
        other = asyncio.create_task(take_turns())
        await batch(pdp, *[refund()] * 10)
        other.cancel()
    assert len(seen) == 10
    assert all(later > earlier + 1 for earlier, later in pairwise(seen)), seen
