"""Load on a gRPC server from this process. It sends bytes made beforehand and reads none, to cost the least it can."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from types import TracebackType

import grpc
import psutil

IN_FLIGHT = 32
EVALUATE = "/gatehold.v1.DecisionPointService/Evaluate"


@dataclass(frozen=True, slots=True)
class Sample:
    """One burst of calls.

    Attributes:
        throughput: calls per second.
        cpu: the server's processor time for each call, in µs.
        busy: share of the time in which the server was on a processor; near 1, it is what bounds the throughput.
    """

    throughput: float
    cpu: float
    busy: float


class Load:
    """A client of one server.

    Args:
        loop: what the calls run on.
        pid: the server's process.
        address: where it listens.
        method: what is called.
        metadata: sent with every call.
    """

    def __init__(
        self, loop: asyncio.Runner, pid: int, address: str, method: str, metadata: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._loop = loop
        self._server = psutil.Process(pid)
        self._address = address
        self._method = method
        self._metadata = tuple(metadata)

    def __enter__(self) -> "Load":
        self._loop.run(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._channel.close())

    async def _open(self) -> None:
        # Channels to one address share their connection otherwise.
        self._channel = grpc.aio.insecure_channel(self._address, [("grpc.use_local_subchannel_pool", 1)])
        self._call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(self._method)

    def answer(self, request: bytes) -> bytes:
        """The answer to one call."""
        return self._loop.run(self._ask(request))

    def burst(self, requests: Sequence[bytes], in_flight: int = IN_FLIGHT) -> Sample:
        """Makes the calls, so many at a time."""
        return self._loop.run(self._burst(requests, in_flight))

    def latency(self, requests: Sequence[bytes]) -> float:
        """Median time of a call, in µs, one call at a time."""
        return self._loop.run(self._one_by_one(requests))

    async def _ask(self, request: bytes) -> bytes:
        response: bytes = await self._call(request, metadata=self._metadata)
        return response

    async def _burst(self, requests: Sequence[bytes], in_flight: int) -> Sample:
        waiting = iter(requests)

        async def work() -> None:
            for request in waiting:
                await self._ask(request)

        cpu, began = self._cpu(), time.perf_counter()
        await asyncio.gather(*(work() for _ in range(in_flight)))
        seconds, cpu = time.perf_counter() - began, self._cpu() - cpu
        return Sample(len(requests) / seconds, cpu / len(requests) * 1e6, cpu / seconds)

    async def _one_by_one(self, requests: Sequence[bytes]) -> float:
        times = []
        for request in requests:
            began = time.perf_counter()
            await self._ask(request)
            times.append(time.perf_counter() - began)
        return median(times) * 1e6

    def _cpu(self) -> float:
        times = self._server.cpu_times()
        return times.user + times.system
