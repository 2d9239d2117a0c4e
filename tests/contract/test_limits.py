"""What is too large or too much: RESOURCE_EXHAUSTED, and the server serves the next call."""

import asyncio

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from gatehold.v1 import decision_pb2
from gatehold.v1.decision_point_service_pb2 import (
    BatchEvaluateRequest,
    BatchEvaluateResponse,
    EvaluateRequest,
    RecordAuditRequest,
    RecordAuditResponse,
)
from tests.contract.conftest import GOOD, Endpoint, beside, direct, refused
from tests.stack import Stack

BATCH = "/gatehold.v1.DecisionPointService/BatchEvaluate"
RECORD = "/gatehold.v1.DecisionPointService/RecordAudit"
WATCH = "/grpc.health.v1.Health/Watch"
VERB = "stripe:create_refund"
MOST_OF_A_TENANT = 1_500  # of 2,000 streams
MOST_WATCHES = 100
MOST_RECORD_STREAMS = 16


def test_33_a_message_over_1_mib(endpoint: Endpoint) -> None:
    code, text, info = refused(endpoint, EvaluateRequest(verb=VERB, args_json="x" * (1024 * 1024)))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED and info.reason == "TOO_LARGE", text
    assert endpoint.healthy()


def test_33_a_message_over_the_transports_limit(endpoint: Endpoint) -> None:
    code, *_ = refused(endpoint, EvaluateRequest(verb=VERB, args_json="x" * (5 * 1024 * 1024)))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert endpoint.healthy()


def test_34_a_gzip_bomb(endpoint: Endpoint) -> None:
    bomb = EvaluateRequest(verb=VERB, args_json=" " * (64 * 1024 * 1024))
    code, *_ = refused(endpoint, bomb, compression=grpc.Compression.Gzip)
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert endpoint.healthy()


def test_35_metadata_over_16_kib(endpoint: Endpoint) -> None:
    message = EvaluateRequest(verb=VERB, args_json=GOOD)
    code, *_ = refused(endpoint, message, metadata=[("x-much", "a" * 20_000)])
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert endpoint.healthy()


def channels(endpoint: Endpoint, count: int) -> list[grpc.aio.Channel]:
    options = [("grpc.use_local_subchannel_pool", 1)]
    return [grpc.aio.insecure_channel(endpoint.address, options=options) for _ in range(count)]


async def test_36_more_streams_than_a_tenant_may_have_at_once_take_no_place_from_calls(stack: Stack) -> None:
    """Fills the tenant's share with record streams that say nothing; the next is refused, and calls go on."""
    endpoint = direct(stack)
    first, second, third = channels(endpoint, 3)

    def record(channel: grpc.aio.Channel) -> grpc.aio.StreamStreamCall:
        call = channel.stream_stream(RECORD, RecordAuditRequest.SerializeToString, RecordAuditResponse.FromString)
        return call(metadata=endpoint.metadata)

    streams = [record(channel) for channel in (first, second) for _ in range(MOST_OF_A_TENANT // 2)]
    more: list[grpc.aio.StreamStreamCall] = []
    while not any(stream.done() for stream in more):  # the first ones arrive one by one
        more.append(record(third))
        assert await asyncio.to_thread(endpoint.healthy)
    (ended,) = {await stream.code() for stream in (*streams, *more) if stream.done()}
    assert ended is grpc.StatusCode.RESOURCE_EXHAUSTED
    for stream in (*streams, *more):
        stream.cancel()
    for channel in (first, second, third):
        await channel.close()
    await healthy_again(endpoint)


async def test_37_a_sidecars_agent_has_few_record_streams_and_the_rest_is_free(stack: Stack) -> None:
    (channel,) = channels(beside(stack), 1)
    record = channel.stream_stream(RECORD, RecordAuditRequest.SerializeToString, RecordAuditResponse.FromString)
    streams = [record() for _ in range(MOST_RECORD_STREAMS + 8)]
    ended, _ = await asyncio.wait([asyncio.ensure_future(s.code()) for s in streams], timeout=2)
    assert [task.result() for task in ended] == [grpc.StatusCode.RESOURCE_EXHAUSTED] * 8
    assert await asyncio.to_thread(beside(stack).healthy)
    for stream in streams:
        stream.cancel()
    await channel.close()


async def test_36_watches_without_a_credential_take_no_place_from_agents(endpoint: Endpoint) -> None:
    (channel,) = channels(endpoint, 1)
    watch = channel.unary_stream(WATCH, HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString)
    streams = [watch(HealthCheckRequest()) for _ in range(MOST_WATCHES + 20)]
    heard = await asyncio.gather(*[stream.read() for stream in streams], return_exceptions=True)
    refused_ones = [error for error in heard if isinstance(error, grpc.aio.AioRpcError)]
    assert len(refused_ones) == 20
    assert {error.code() for error in refused_ones} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert await asyncio.to_thread(endpoint.healthy)
    for stream in streams:
        stream.cancel()
    await channel.close()


async def healthy_again(endpoint: Endpoint) -> None:
    """Returns once the streams that were cancelled have left."""
    while True:
        try:
            assert await asyncio.to_thread(endpoint.healthy)
            return
        except grpc.RpcError:
            await asyncio.sleep(0.05)


def batch(endpoint: Endpoint, request: BatchEvaluateRequest) -> BatchEvaluateResponse:
    with endpoint.channel() as channel:
        call = channel.unary_unary(BATCH, BatchEvaluateRequest.SerializeToString, BatchEvaluateResponse.FromString)
        response: BatchEvaluateResponse = call(request, timeout=30, metadata=endpoint.metadata, wait_for_ready=True)
        return response


def test_a_batch_keeps_order_and_blocks_a_bad_item_alone(endpoint: Endpoint) -> None:
    good = EvaluateRequest(verb=VERB, args_json=GOOD)
    bad = [
        EvaluateRequest(verb="No Verb", args_json=GOOD),
        EvaluateRequest(verb=VERB, args_json="{"),
        EvaluateRequest(verb=VERB, args_json=GOOD, intent=77),  # type: ignore[arg-type]
        EvaluateRequest.FromString(good.SerializeToString() + b"\x9a\x06\x01x"),
    ]
    items = [item for broken in bad for item in (good, broken)]
    responses = batch(endpoint, BatchEvaluateRequest(requests=items)).responses
    assert [r.decision for r in responses] == [decision_pb2.DECISION_ALLOW, decision_pb2.DECISION_BLOCK] * len(bad)
    assert all(r.decision_id for r in responses)


def test_a_batch_stops_on_the_first_block_when_asked(endpoint: Endpoint) -> None:
    good = EvaluateRequest(verb=VERB, args_json=GOOD)
    request = BatchEvaluateRequest(requests=[good, EvaluateRequest(verb="acme:none"), good], mode=2)
    first, second, third = batch(endpoint, request).responses
    assert first.decision == decision_pb2.DECISION_ALLOW
    assert second.decision == third.decision == decision_pb2.DECISION_BLOCK
    assert third.reason_code != second.reason_code


@pytest.mark.parametrize("count", [0, 1_001])
def test_a_batch_has_1_to_1000_items(endpoint: Endpoint, count: int) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        batch(endpoint, BatchEvaluateRequest(requests=[EvaluateRequest(verb=VERB)] * count))
    assert raised.value.code() in (  # type: ignore[attr-defined]
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    )
    assert endpoint.healthy()


def test_a_batch_explains_at_most_32_items(endpoint: Endpoint) -> None:
    explained = EvaluateRequest(verb=VERB, args_json=GOOD, explain=True)
    assert all(r.trace.candidates for r in batch(endpoint, BatchEvaluateRequest(requests=[explained] * 32)).responses)
    with pytest.raises(grpc.RpcError) as raised:
        batch(endpoint, BatchEvaluateRequest(requests=[explained] * 33))
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT  # type: ignore[attr-defined]
    assert endpoint.healthy()


def test_a_batch_of_1000_is_answered_whole(endpoint: Endpoint) -> None:
    responses = batch(endpoint, BatchEvaluateRequest(requests=[EvaluateRequest(verb=VERB, args_json=GOOD)] * 1_000))
    assert {r.decision for r in responses.responses} == {decision_pb2.DECISION_ALLOW}
    assert len({r.decision_id for r in responses.responses}) == 1_000


def test_51_an_unknown_method(endpoint: Endpoint) -> None:
    with endpoint.channel() as channel, pytest.raises(grpc.RpcError) as raised:
        call = channel.unary_unary("/gatehold.v1.DecisionPointService/AllowEverything")
        call(b"", timeout=10, metadata=endpoint.metadata)
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED  # type: ignore[attr-defined]
