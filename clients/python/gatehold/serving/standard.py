"""The standard services that every server has: health (grpc.health.v1) and reflection (grpc.reflection.v1alpha).

They need no credential, so their streams have places of their own: whoever opens many of them takes none from agents.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from gatehold.serving.errors import Context, Refusal, abort
from gatehold.serving.limits import Limits
from gatehold.serving.places import Places

_HEALTH = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name


class _Symbols:
    """Every name of the default pool, methods too, which the pool itself does not find and ghz asks for."""

    def __init__(self) -> None:
        self._pool = descriptor_pool.Default()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptor:
        """The file that a name is defined in. Raises KeyError."""
        try:
            return self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            service, _, method = symbol.rpartition(".")
            found = self._pool.FindServiceByName(service)
            if method not in found.methods_by_name:
                raise
            return found.file


def register_standard(server: grpc.aio.Server, health: Any, services: Sequence[str], limits: Limits) -> None:
    """Serves health and reflection.

    Args:
        health: the asyncio health servicer.
        services: full names that reflection lists beside the standard ones.
    """
    places = Places(limits.standard_streams)
    listed = reflection.aio.ReflectionServicer((*services, _HEALTH, reflection.SERVICE_NAME), pool=_Symbols())

    async def watch(request: Any, context: Context) -> None:
        try:
            with places:
                await health.Watch(request, context)
        except Refusal as refusal:
            await abort(context, refusal)

    async def reflect(requests: AsyncIterator[Any], context: Context) -> AsyncGenerator[Any, None]:
        try:
            with places:
                async for response in listed.ServerReflectionInfo(requests, context):
                    yield response
        except Refusal as refusal:
            await abort(context, refusal)

    checks = health_pb2.HealthCheckRequest.FromString
    answers = health_pb2.HealthCheckResponse.SerializeToString
    asks = reflection_pb2.ServerReflectionRequest.FromString
    tells = reflection_pb2.ServerReflectionResponse.SerializeToString
    served = {
        _HEALTH: {
            "Check": grpc.unary_unary_rpc_method_handler(health.Check, checks, answers),
            "Watch": grpc.unary_stream_rpc_method_handler(watch, checks, answers),
        },
        reflection.SERVICE_NAME: {"ServerReflectionInfo": grpc.stream_stream_rpc_method_handler(reflect, asks, tells)},
    }
    handlers = [grpc.method_handlers_generic_handler(name, methods) for name, methods in served.items()]
    server.add_generic_rpc_handlers(tuple(handlers))
