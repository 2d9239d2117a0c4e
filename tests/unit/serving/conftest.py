"""A real server on a real socket, whose servicer a test supplies."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest

from gatehold.serving import Capacity, Limits, Refusal, register, server_options
from gatehold.v1 import decision_point_service_pb2 as wire
from gatehold.v1.error_reason_pb2 import ErrorReason

SERVICE = wire.DESCRIPTOR.services_by_name["DecisionPointService"]


class Log:
    """Everything that happened around the calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.ended: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.faults: list[BaseException] = []

    def finished(self, method: str, code: str, seconds: float) -> None:
        assert seconds >= 0
        self.calls.append((method.rsplit("/", 1)[-1], code))
        self.ended.put_nowait(self.calls[-1])

    def failed(self, method: str, error: BaseException) -> None:
        self.faults.append(error)

    def refusal(self, error: Exception) -> Refusal | None:
        if isinstance(error, TimeoutError):
            return Refusal(grpc.StatusCode.UNAVAILABLE, ErrorReason.ERROR_REASON_STORAGE_FAILED, "too slow")
        return None


class Client:
    """Sends bytes, so that a test can send what no message class would write."""

    def __init__(self, channel: grpc.aio.Channel, log: Log) -> None:
        self.channel = channel
        self.log = log

    async def raw(self, method: str, data: bytes, **options: Any) -> bytes:
        call = self.channel.unary_unary(f"/{SERVICE.full_name}/{method}", None, None)
        return await call(data, timeout=10, **options)

    async def evaluate(self, request: wire.EvaluateRequest, **options: Any) -> wire.EvaluateResponse:
        return wire.EvaluateResponse.FromString(await self.raw("Evaluate", request.SerializeToString(), **options))


Serve = Callable[..., Coroutine[Any, Any, Client]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def start(servicer: object, limits: Limits | None = None, **options: Any) -> Client:
            limits, log = limits or Limits(), Log()
            server = grpc.aio.server(options=server_options(limits))
            register(server, SERVICE, servicer, log, limits, Capacity.of(limits), **options)
            port = server.add_insecure_port("127.0.0.1:0")
            await server.start()
            stack.push_async_callback(server.stop, None)
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{port}"))
            return Client(channel, log)

        yield start
