"""Every refused request gets its status, a published reason and the field; the server serves the next one."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from gatehold.invalid import InvalidInput
from gatehold.serving import Context, Limits, Refusal
from gatehold.v1 import decision_point_service_pb2 as wire
from gatehold.v1.error_reason_pb2 import ErrorReason
from tests.unit.serving.conftest import Serve

FINE = wire.EvaluateRequest(verb="stripe:create_refund", args_json="{}")
UNKNOWN_FIELD = b"\xf8\x3f\x01"  # field 1023, varint 1
UNKNOWN_INTENT = b"\x20\x63"  # field 4, intent 99


class Echo:
    """Answers what it was asked, or fails as the verb says."""

    async def Evaluate(self, request: wire.EvaluateRequest, context: Context) -> wire.EvaluateResponse:
        if request.verb == "invalid":
            raise InvalidInput("args_json.amount", "must be a number")
        if request.verb == "missing":
            raise Refusal(grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_NOT_FOUND, "no such thing")
        if request.verb == "slow":
            raise TimeoutError
        if request.verb == "crash":
            raise KeyError("the password is hunter2")
        return wire.EvaluateResponse(reason=request.verb)

    async def BatchEvaluate(self, request: wire.BatchEvaluateRequest, context: Context) -> wire.BatchEvaluateResponse:
        return wire.BatchEvaluateResponse(responses=[wire.EvaluateResponse() for _ in request.requests])

    async def RecordAudit(
        self, request: AsyncIterator[wire.RecordAuditRequest], context: Context
    ) -> AsyncIterator[wire.RecordAuditResponse]:
        yield wire.RecordAuditResponse(acknowledged_sequence=1)
        async for message in request:
            if message.WhichOneof("message") == "open":
                raise InvalidInput("open", "is not the first message")
            yield wire.RecordAuditResponse(acknowledged_sequence=2)


def info(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    status = rpc_status.from_call(error)
    assert status is not None and status.message == error.details()
    found = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(found)
    return found


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        (b"\xff\xff\xff", "INVALID_ARGUMENT", "MALFORMED_MESSAGE"),
        (b"\x0a\x02\xff\xfe", "INVALID_ARGUMENT", "MALFORMED_MESSAGE"),
        (FINE.SerializeToString() + UNKNOWN_FIELD, "INVALID_ARGUMENT", "MALFORMED_MESSAGE"),
        (FINE.SerializeToString() + UNKNOWN_INTENT, "INVALID_ARGUMENT", "MALFORMED_MESSAGE"),
        (wire.EvaluateRequest(verb="v" * 2_000).SerializeToString(), "RESOURCE_EXHAUSTED", "TOO_LARGE"),
        (wire.EvaluateRequest(verb="invalid").SerializeToString(), "INVALID_ARGUMENT", "INVALID_FIELD"),
        (wire.EvaluateRequest(verb="missing").SerializeToString(), "NOT_FOUND", "NOT_FOUND"),
        (wire.EvaluateRequest(verb="slow").SerializeToString(), "UNAVAILABLE", "STORAGE_FAILED"),
        (wire.EvaluateRequest(verb="crash").SerializeToString(), "INTERNAL", "INTERNAL"),
    ],
)
async def test_status_and_reason(serve: Serve, data: bytes, code: str, reason: str) -> None:
    client = await serve(Echo(), Limits(request_bytes=1_000))
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await client.raw("Evaluate", data)
    assert error.value.code().name == code
    assert (info(error.value).reason, info(error.value).domain) == (reason, "gatehold.dev")
    assert "hunter2" not in str(error.value)
    assert (await client.evaluate(FINE)).reason == FINE.verb
    assert client.log.calls == [("Evaluate", code), ("Evaluate", "OK")]
    assert [type(fault) for fault in client.log.faults] == ([KeyError] if code == "INTERNAL" else [])


async def test_a_refused_field_is_named_for_programs(serve: Serve) -> None:
    client = await serve(Echo())
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await client.evaluate(wire.EvaluateRequest(verb="invalid"))
    assert info(error.value).metadata == {"field": "args_json.amount"}
    status = rpc_status.from_call(error.value)
    assert status is not None
    bad = error_details_pb2.BadRequest()
    assert status.details[1].Unpack(bad)
    assert bad.field_violations[0].field == "args_json.amount"


async def test_a_stranger_deep_in_a_message_is_found(serve: Serve) -> None:
    client = await serve(Echo())
    item = FINE.SerializeToString() + UNKNOWN_INTENT
    batch = bytes([0x0A, len(item)]) + item
    with pytest.raises(grpc.aio.AioRpcError, match=r"requests: intent: 99 is not a gatehold\.v1\.Intent"):
        await client.raw("BatchEvaluate", batch)


async def test_a_servicer_may_check_items_itself(serve: Serve) -> None:
    client = await serve(Echo(), unchecked={"BatchEvaluate": {"requests"}})
    item = FINE.SerializeToString() + UNKNOWN_FIELD
    answer = await client.raw("BatchEvaluate", bytes([0x0A, len(item)]) + item)
    assert len(wire.BatchEvaluateResponse.FromString(answer).responses) == 1
    with pytest.raises(grpc.aio.AioRpcError, match="has no field number 1023"):
        await client.raw("BatchEvaluate", UNKNOWN_FIELD)


async def test_only_large_methods_take_large_messages(serve: Serve) -> None:
    client = await serve(Echo(), Limits(request_bytes=1_000, batch_bytes=5_000), large={"BatchEvaluate"})
    batch = wire.BatchEvaluateRequest(requests=[wire.EvaluateRequest(verb="v" * 2_000)])
    assert await client.raw("BatchEvaluate", batch.SerializeToString())
    batch.requests.append(wire.EvaluateRequest(verb="v" * 4_000))
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await client.raw("BatchEvaluate", batch.SerializeToString())
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_oversized_metadata_is_exhausted(serve: Serve) -> None:
    client = await serve(Echo())
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await client.evaluate(FINE, metadata=(("x", "y" * 20_000),))
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await client.evaluate(FINE)).reason == FINE.verb


async def test_a_compressed_bomb_is_exhausted(serve: Serve) -> None:
    client = await serve(Echo())
    bomb = wire.EvaluateRequest(args_json="0" * (32 * 1024 * 1024)).SerializeToString()
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await client.raw("Evaluate", bomb, compression=grpc.Compression.Gzip)
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await client.evaluate(FINE)).reason == FINE.verb


async def test_calls_over_the_cap_are_exhausted(serve: Serve) -> None:
    class Slow(Echo):
        entered = asyncio.Semaphore(0)
        gate = asyncio.Event()

        async def Evaluate(self, request: wire.EvaluateRequest, context: Context) -> wire.EvaluateResponse:
            self.entered.release()
            await self.gate.wait()
            return wire.EvaluateResponse()

    client = await serve(Slow(), Limits(concurrent_calls=2))
    held = [asyncio.ensure_future(client.evaluate(FINE)) for _ in range(2)]
    for _ in held:
        await Slow.entered.acquire()
    for _ in range(3):  # a refused call frees no place
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await client.evaluate(FINE)
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    Slow.gate.set()
    await asyncio.gather(*held)
    await client.evaluate(FINE)


async def test_a_method_that_is_not_served_is_unimplemented(serve: Serve) -> None:
    client = await serve(Echo())
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await client.raw("ListPermittedVerbs", b"")
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED
