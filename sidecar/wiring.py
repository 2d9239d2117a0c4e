"""The sidecar, put together."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import structlog
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from gatehold.clock import boottime_ns
from gatehold.serving import Limits, register, server_options
from gatehold.v1 import decision_point_service_pb2
from sidecar.address import Address
from sidecar.cache import Cached, PermittedVerbs, ReuseStore, SingleFlight
from sidecar.guard import FailClosed, Guard
from sidecar.health import DECISIONS, Health
from sidecar.lease import Drain, Lease, LeaseHolder
from sidecar.listener import AgentStreams, Door, Endpoint, Servicer, TokenDoor
from sidecar.model import Clock
from sidecar.shipper import Shipper
from sidecar.spool import SpoolFailed, open_spool
from sidecar.tally import Tally
from sidecar.upstream import Connection, Upstream

_GRACE_SECONDS = 2.0  # for calls under way when it stops; longer than any that asks the decision point
_DRAIN_SECONDS = 1.0  # for the last records to reach the decision point; the next start ships what is left
_AGAIN_SECONDS = 0.5

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Settings:
    """One sidecar.

    Attributes:
        agent: id of the one agent that it serves.
        listen: where that agent reaches it.
        pdp: the decision point.
        key: API key of the sidecar.
        spool: directory of the records that are not shipped yet.
        version: of the product.
        socket_group: Unix group that may use the socket too; empty for none.
        token: what agents must show on a TCP port; empty on a Unix socket.
        metrics: host and port to serve metrics on; None for none.
    """

    agent: str
    listen: Address
    pdp: Address
    key: str = field(repr=False)
    spool: Path
    version: str
    socket_group: str = ""
    token: str = field(default="", repr=False)
    metrics: tuple[str, int] | None = None


async def serve(settings: Settings, ready: Callable[[], None], stop: asyncio.Event, clock: Clock = boottime_ns) -> None:
    """Runs the sidecar until `stop` is set; then finishes the calls under way and makes the spool durable.

    Args:
        ready: called once agents can connect.

    Raises:
        InvalidInput: a setting cannot be used.
        SpoolBusy, SpoolFull, SpoolFailed, OSError: the spool, the socket or the metrics' port cannot be used.
    """
    endpoint = Endpoint(settings.listen, settings.socket_group)
    async with contextlib.AsyncExitStack() as stack:
        spool = await open_spool(settings.spool)
        stack.push_async_callback(spool.close)
        connection = Connection(settings.pdp, settings.key, settings.agent)
        stack.push_async_callback(connection.close)

        lease, drain, tally = Lease(str(uuid.uuid4())), Drain(), Tally()
        holder = LeaseHolder(
            connection,
            lease,
            drain,
            lambda: (spool.identity.spool_id, spool.durable_sequence),
            settings.version,
            clock,
        )
        health = Health(holder, lease, spool, clock)

        store = ReuseStore(lease, clock)
        upstream = SingleFlight(Upstream(connection), store, lambda: lease.live(clock()) is not None, clock)
        decider = FailClosed(Cached(upstream, store))
        guard = Guard(decider, spool, lease, drain, tally, clock)

        if settings.metrics is not None:
            from sidecar.metrics import SidecarCollector, serve_metrics

            serve_metrics(*settings.metrics, SidecarCollector(tally, store, spool, health))

        door = TokenDoor(settings.token) if settings.token else Door()
        permitted = PermittedVerbs(connection, lease, clock)
        servicer = Servicer(settings.agent, door, guard, permitted, AgentStreams(settings.agent, spool))
        server = _server(servicer, health, tally)
        endpoint.bind(server)
        stack.callback(endpoint.remove)
        await health.tell()
        await server.start()
        shipper = Shipper(spool, connection.record_audit)
        await stack.enter_async_context(_running(tally, holder.run, health.run, shipper.run))
        _log.info("listening", address=settings.listen.target, agent=settings.agent, spool_id=spool.identity.spool_id)
        ready()
        await stop.wait()
        _log.info("stopping")
        await health.servicer.enter_graceful_shutdown()
        await server.stop(_GRACE_SECONDS)
        if holder.connected:
            await shipper.drain(_DRAIN_SECONDS)


def _server(servicer: Servicer, health: Health, tally: Tally) -> grpc.aio.Server:
    limits = Limits()
    server = grpc.aio.server(options=server_options(limits), maximum_concurrent_rpcs=limits.concurrent_calls)
    register(
        server,
        decision_point_service_pb2.DESCRIPTOR.services_by_name["DecisionPointService"],
        servicer,
        tally,
        limits,
        large={"BatchEvaluate"},
        unchecked={"BatchEvaluate": {"requests"}},  # a bad item blocks that item alone
    )
    health_pb2_grpc.add_HealthServicer_to_server(health.servicer, server)
    names = (DECISIONS, "grpc.health.v1.Health", reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
    return server


@contextlib.asynccontextmanager
async def _running(tally: Tally, *runs: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Keeps background work going until the block ends."""
    tasks = [asyncio.create_task(_keep_running(run, tally)) for run in runs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_running(run: Callable[[], Awaitable[None]], tally: Tally) -> None:
    """Starts the work anew whenever it ends: without it leases lapse and spools fill, which blocks every call."""
    while True:
        try:
            await run()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # A connection that was closed cancels the reads on it; that is not this task's end.
        except SpoolFailed:
            return  # for good: the listener refuses every call, and health says so
        except Exception as error:
            tally.failed(getattr(run, "__qualname__", "background"), error)
        await asyncio.sleep(_AGAIN_SECONDS)
