"""All calls of a guard for asyncio, save its stream of records."""

import asyncio
import functools
from collections.abc import Collection
from typing import Any

import grpc
from google.protobuf.message import Message

from gatehold.guard import reading
from gatehold.guard.answer import Answer
from gatehold.guard.request import Prepared
from gatehold.guard.steps import APPROVAL_SECONDS, Call, Reply, Watch
from gatehold.guard.target import Target, channel_options
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub


class AsyncConnection:
    """`Connection` for asyncio. No call raises, save for the task's own cancellation."""

    def __init__(self, target: Target, deadline: float, known_obligations: Collection[str]) -> None:
        self._target = target
        self._deadline = deadline
        self._known = known_obligations
        self._closing = asyncio.Event()
        self._streams: set[Any] = set()

    # A channel belongs to the loop it is opened on, and a guard is often made where a module is loaded, before any.
    @functools.cached_property
    def _channel(self) -> grpc.aio.Channel:
        return grpc.aio.insecure_channel(self._target.address, options=channel_options())

    @functools.cached_property
    def stub(self) -> Any:
        """Of the DecisionPointService."""
        return DecisionPointServiceStub(self._channel)

    async def ask(self, prepared: Prepared) -> Answer:
        """Evaluates."""
        reply = await self._unary(self.stub.Evaluate, prepared.message, self._deadline)
        return reading.from_reply(reply, prepared.args_digest, self._known)

    async def call(self, call: Call) -> Reply:
        """Carries out one call about an approval."""
        return await self._unary(getattr(self.stub, call.method), call.request, APPROVAL_SECONDS)

    async def _unary(self, method: Any, request: Message, seconds: float) -> Reply:
        try:
            if why := self._target.distrust():
                return Reply(code=grpc.StatusCode.UNAVAILABLE, details=why)
            return Reply(await method(request, timeout=seconds, metadata=self._target.metadata))
        except asyncio.CancelledError:
            if task_cancelled():
                raise
            return Reply(code=grpc.StatusCode.CANCELLED, details="the connection was lost")
        except Exception as error:  # also UsageError, from a channel that is closed
            return Reply.failed(error)

    async def watch(self, watch: Watch) -> Reply:
        """Reads one stream."""
        last, stream = None, None
        try:
            if self._closing.is_set():
                return Reply(code=grpc.StatusCode.CANCELLED, closed=True)
            if why := self._target.distrust():
                return Reply(code=grpc.StatusCode.UNAVAILABLE, details=why)
            stream = self.stub.WatchApproval(watch.request, timeout=watch.seconds, metadata=self._target.metadata)
            self._streams.add(stream)
            async for last in stream:
                if watch.wanted(last):
                    break
            return Reply(last)
        except asyncio.CancelledError:
            if task_cancelled():
                raise
            return Reply(last, grpc.StatusCode.CANCELLED, "the connection was lost", closed=self._closing.is_set())
        except Exception as error:
            return Reply.failed(error, last, self._closing.is_set())
        finally:
            if stream is not None:
                self._streams.discard(stream)
                stream.cancel()

    async def pause(self, seconds: float) -> None:
        """Waits; less when the connection is closed meanwhile."""
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return

    def end_waits(self) -> None:
        """Lets nobody wait any more."""
        self._closing.set()
        for stream in self._streams:  # a channel that is closed leaves the streams of other tasks open
            stream.cancel()

    async def close(self) -> None:
        """Ends every stream, and closes the channel."""
        self.end_waits()
        await self._channel.close()


def task_cancelled() -> bool:
    """Whether a CancelledError is the task's own: gRPC tells so too of a call that ended with its connection."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
