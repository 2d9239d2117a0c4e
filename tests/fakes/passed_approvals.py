"""The part of a scripted decision point that sidecars pass calls about approvals on to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.message import Message

from gatehold.serving import Refusal, abort
from gatehold.v1 import decision_point_service_pb2 as wire

Context = grpc.aio.ServicerContext[Any, Any]
Tell = Callable[[], Awaitable[None]]
_SERVICE = wire.DESCRIPTOR.services_by_name["DecisionPointService"]
UNARY = tuple(m.name for m in _SERVICE.methods if "Approval" in m.name and not m.server_streaming)


class Received:
    """One call that came: its method, message, metadata, and the seconds that its caller still waited."""

    def __init__(self, method: str, request: Message, context: Context) -> None:
        self.method, self.request = method, request
        self.metadata = dict(context.invocation_metadata() or ())
        self.seconds_left = context.time_remaining()


class PassedApprovals:
    """Answers every unary method with `script`, and keeps a watch open for whoever asks.

    Attributes:
        script: from a call to its response. A `Refusal` that it raises becomes the status.
        received: every call that came.
        watching: how many watches are open.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.script: Callable[[Received], Awaitable[Message]] = empty
        self.received: list[Received] = []
        self.watching = 0
        self._outboxes: list[asyncio.Queue[wire.WatchApprovalResponse | Refusal | None]] = []

    def send(self, message: wire.WatchApprovalResponse | Refusal | None) -> None:
        """Sends a message on every open watch; a Refusal or None ends it."""
        for outbox in self._outboxes:
            outbox.put_nowait(message)

    def handlers(self) -> dict[str, Any]:
        """What to serve, by name of method."""
        made: dict[str, Any] = {name: self._unary(name) for name in UNARY}
        read, write = wire.WatchApprovalRequest.FromString, wire.WatchApprovalResponse.SerializeToString
        made["WatchApproval"] = grpc.unary_stream_rpc_method_handler(self.WatchApproval, read, write)
        return made

    def _unary(self, name: str) -> Any:
        method = _SERVICE.methods_by_name[name]
        read = message_factory.GetMessageClass(method.input_type).FromString
        write = message_factory.GetMessageClass(method.output_type).SerializeToString

        async def handle(request: Message, context: Context) -> Message:
            self.received.append(Received(name, request, context))
            await self._tell()
            try:
                return await self.script(self.received[-1])
            except Refusal as refusal:
                await abort(context, refusal)

        return grpc.unary_unary_rpc_method_handler(handle, read, write)

    async def WatchApproval(
        self, request: wire.WatchApprovalRequest, context: Context
    ) -> AsyncIterator[wire.WatchApprovalResponse]:
        outbox: asyncio.Queue[wire.WatchApprovalResponse | Refusal | None] = asyncio.Queue()
        self._outboxes.append(outbox)
        self.received.append(Received("WatchApproval", request, context))
        self.watching += 1
        await self._tell()
        try:
            while isinstance(message := await outbox.get(), wire.WatchApprovalResponse):
                yield message
            if isinstance(message, Refusal):
                await abort(context, message)
        finally:
            self._outboxes.remove(outbox)
            self.watching -= 1
            await asyncio.shield(self._tell())


async def empty(received: Received) -> Message:
    """A script that answers with nothing in it."""
    return message_factory.GetMessageClass(_SERVICE.methods_by_name[received.method].output_type)()
