"""Streams: refusals end them with status and reason, and a client that goes away ends the servicer."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from gatehold.serving import Context, Limits
from gatehold.v1 import decision_point_service_pb2 as wire
from tests.unit.serving.conftest import SERVICE, Client, Serve
from tests.unit.serving.test_refusals import FINE, UNKNOWN_FIELD, Echo, info

RECORD = wire.RecordAuditRequest(agent_record=wire.AgentRecord(sequence=1)).SerializeToString()
OPEN = wire.RecordAuditRequest(open=wire.AuditStream(stream_id="s")).SerializeToString()


def record_audit(client: Client) -> grpc.aio.StreamStreamCall:
    return client.channel.stream_stream(f"/{SERVICE.full_name}/RecordAudit", None, None)(timeout=10)


async def test_messages_flow_both_ways(serve: Serve) -> None:
    client = await serve(Echo())
    call = record_audit(client)
    assert await call.read() == b"\x08\x01"
    await call.write(RECORD)
    assert await call.read() == b"\x08\x02"
    await call.done_writing()
    assert await call.read() == grpc.aio.EOF
    assert await call.code() is grpc.StatusCode.OK
    assert client.log.calls == [("RecordAudit", "OK")]


@pytest.mark.parametrize(
    ("message", "reason"),
    [(OPEN, "INVALID_FIELD"), (UNKNOWN_FIELD, "MALFORMED_MESSAGE"), (b"\xff", "MALFORMED_MESSAGE")],
)
async def test_a_refused_message_ends_the_stream(serve: Serve, message: bytes, reason: str) -> None:
    client = await serve(Echo())
    call = record_audit(client)
    await call.read()
    await call.write(message)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call.read()
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert info(error.value).reason == reason
    assert client.log.calls == [("RecordAudit", "INVALID_ARGUMENT")]


async def test_a_client_that_goes_away_ends_the_servicer(serve: Serve) -> None:
    class Endless(Echo):
        ended = asyncio.Event()

        async def RecordAudit(
            self, request: AsyncIterator[wire.RecordAuditRequest], context: Context
        ) -> AsyncIterator[wire.RecordAuditResponse]:
            try:
                yield wire.RecordAuditResponse()
                async for _ in request:
                    pass
            finally:
                self.ended.set()

    client = await serve(Endless())
    call = record_audit(client)
    await call.read()
    call.cancel()
    await asyncio.wait_for(Endless.ended.wait(), 10)
    assert (await asyncio.wait_for(client.log.ended.get(), 10))[0] == "RecordAudit"


async def test_streams_take_no_place_from_calls(serve: Serve) -> None:
    client = await serve(Echo(), Limits(concurrent_calls=1, concurrent_streams=2))
    held = [record_audit(client) for _ in range(2)]
    for call in held:
        await call.read()
    more = record_audit(client)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await more.read()
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    await client.evaluate(FINE)


async def test_a_connection_that_is_too_old_ends_with_its_streams_and_the_next_call_opens_another(serve: Serve) -> None:
    client = await serve(Echo(), Limits(connection_age_seconds=1, connection_grace_seconds=1))
    call = record_audit(client)
    await call.read()
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call.read()  # nothing more would ever come
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    await client.evaluate(FINE)
