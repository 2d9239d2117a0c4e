"""Turns a service and the object that serves it into gRPC handlers.

Wrapping happens once, here, instead of in interceptors: an asyncio interceptor costs every call a coroutine of its own.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import aclosing
from time import perf_counter
from typing import Any, Protocol

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from gatehold.invalid import InvalidInput
from gatehold.serving.errors import Context, Refusal, abort
from gatehold.serving.limits import Limits
from gatehold.serving.places import Capacity, Places
from gatehold.serving.strict import strict_deserializer
from gatehold.serving.term import TERM
from gatehold.v1.error_reason_pb2 import ErrorReason

_EXPIRED = Refusal(
    grpc.StatusCode.UNAUTHENTICATED,
    ErrorReason.ERROR_REASON_CREDENTIAL_INVALID,
    "the credential that the stream was opened with has expired",
)

Unary = Callable[[Any, Context], Awaitable[Any]]
Stream = Callable[[Any, Context], AsyncGenerator[Any, None]]

_NONE: Mapping[str, Collection[str]] = {}


class Handling(Protocol):
    """What a server does around every call."""

    def finished(self, method: str, code: str, seconds: float) -> None:
        """Counts a call, before its end leaves. `code` is the gRPC status name; `seconds` its duration."""

    def failed(self, method: str, error: BaseException) -> None:
        """Logs an exception that no handler meant to raise. It must not log the message's content."""

    def refusal(self, error: Exception) -> Refusal | None:
        """The status that a room's own error ends a call with; None for one that no handler meant to raise."""


def register(
    server: grpc.aio.Server,
    service: ServiceDescriptor,
    servicer: object,
    handling: Handling,
    limits: Limits,
    capacity: Capacity,
    *,
    large: Collection[str] = (),
    unchecked: Mapping[str, Collection[str]] = _NONE,
) -> None:
    """Serves every method of `service` that `servicer` has; the others stay UNIMPLEMENTED.

    A servicer's method is named as in the proto. Unary: `async def M(self, request, context) -> response`. Server
    streaming: `async def M(self, request, context)` as an async generator; with client streaming too, `request` is an
    async iterator of messages. It raises `InvalidInput` or `Refusal`; anything else becomes INTERNAL.

    Args:
        capacity: of the server, shared by all its services; a call that finds no place ends with RESOURCE_EXHAUSTED.
        large: names of methods whose requests may take `limits.batch_bytes`.
        unchecked: by method name, the fields of its request whose own messages the servicer checks, with `stranger`.
    """
    handlers = {}
    for method in service.methods:
        behaviour = getattr(servicer, method.name, None)
        if behaviour is None:
            continue
        streams = method.client_streaming or method.server_streaming
        max_bytes = limits.batch_bytes if streams or method.name in large else limits.request_bytes
        message = message_factory.GetMessageClass(method.input_type)
        read = strict_deserializer(message, max_bytes, unchecked.get(method.name, ()))
        handlers[method.name] = _handler(method, behaviour, handling, capacity, read)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))


def _handler(
    method: MethodDescriptor, behaviour: Any, handling: Handling, capacity: Capacity, read: Callable[[bytes], object]
) -> "grpc.RpcMethodHandler[Any, Any]":
    write = message_factory.GetMessageClass(method.output_type).SerializeToString
    name = f"/{method.containing_service.full_name}/{method.name}"
    if method.client_streaming and method.server_streaming:
        return grpc.stream_stream_rpc_method_handler(_stream(name, behaviour, handling, capacity.streams), read, write)
    if method.server_streaming:
        return grpc.unary_stream_rpc_method_handler(_stream(name, behaviour, handling, capacity.streams), read, write)
    return grpc.unary_unary_rpc_method_handler(_unary(name, behaviour, handling, capacity.calls), read, write)


def _unary(name: str, behaviour: Unary, handling: Handling, places: Places) -> Unary:
    async def handle(request: Any, context: Context) -> Any:
        began = perf_counter()
        try:
            with places:
                response = await behaviour(_checked(request), context)
        except asyncio.CancelledError:
            handling.finished(name, "CANCELLED", perf_counter() - began)
            raise
        except Exception as error:
            refusal = _refusal(name, error, handling)
            handling.finished(name, refusal.code.name, perf_counter() - began)
            await abort(context, refusal)
        handling.finished(name, "OK", perf_counter() - began)
        return response

    return handle


def _stream(name: str, behaviour: Stream, handling: Handling, places: Places) -> Stream:
    async def handle(request: Any, context: Context) -> AsyncGenerator[Any, None]:
        began, term = perf_counter(), asyncio.timeout(None)
        try:
            messages = _checked_messages(request) if isinstance(request, AsyncIterator) else _checked(request)
            with places:
                async with term:
                    TERM.set(term)
                    async with aclosing(behaviour(messages, context)) as responses:
                        async for response in responses:
                            yield response
        except (asyncio.CancelledError, GeneratorExit):
            handling.finished(name, "CANCELLED", perf_counter() - began)
            raise
        except Exception as error:
            refusal = _refusal(name, _EXPIRED if term.expired() else error, handling)
            handling.finished(name, refusal.code.name, perf_counter() - began)
            await abort(context, refusal)
        handling.finished(name, "OK", perf_counter() - began)

    return handle


def _checked(request: Any) -> Any:
    if isinstance(request, Refusal):
        raise request
    return request


async def _checked_messages(messages: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for message in messages:
        yield _checked(message)


def _refusal(name: str, error: Exception, handling: Handling) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, InvalidInput):
        return Refusal.invalid(error)
    refusal = handling.refusal(error)
    if refusal is None:
        handling.failed(name, error)
        refusal = Refusal.internal()
    return refusal
