"""The sidecar, put together."""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack

import structlog

from gatehold.clock import boottime_ns
from sidecar.approvals import Approvals
from sidecar.background import running
from sidecar.cache import Cached, PermittedVerbs, ReuseStore, SingleFlight
from sidecar.guard import FailClosed, Guard
from sidecar.health import Health
from sidecar.lease import Drain, Lease, LeaseHolder
from sidecar.listener import AgentStreams, Door, Endpoint, Servicer, TcpDoor, build_server
from sidecar.sessions import InSession, Sessions
from sidecar.settings import Settings
from sidecar.shipper import Shipper
from sidecar.spool import SpoolLimits, open_spool
from sidecar.tally import Tally
from sidecar.upstream import Certificates, Connection, Upstream

_GRACE_SECONDS = 2.0  # for calls under way when it stops; longer than any that is decided
_DRAIN_SECONDS = 1.0  # for the last records to reach the decision point; the next start ships what is left

_log = structlog.get_logger()


async def serve(settings: Settings, ready: Callable[[], None], stop: asyncio.Event) -> None:
    """Runs the sidecar until `stop` is set; then finishes the calls under way and makes the spool durable.

    Args:
        ready: called once agents can connect.

    Raises:
        InvalidInput: a setting cannot be used.
        SpoolBusy, SpoolFull, SpoolFailed, OSError: the spool, the socket or the metrics' port cannot be used.
    """
    clock = boottime_ns
    endpoint = Endpoint(settings.listen, settings.socket_group)
    async with AsyncExitStack() as stack:
        spool = await open_spool(settings.spool, SpoolLimits(live_bytes=settings.spool_bytes))
        stack.push_async_callback(spool.close)
        certificates = None if settings.tls is None else Certificates(settings.tls)
        connection = Connection(settings.pdp, settings.key, settings.agent, certificates)
        stack.push_async_callback(connection.close)
        tally, drain, shipper = Tally(), Drain(), Shipper(spool, connection.record_audit)

        lease = Lease(nonce=str(uuid.uuid4()))
        holder = LeaseHolder(connection, lease, drain, spool, settings.version, clock)
        health = Health(holder, lease, spool, clock)

        store = ReuseStore(lease, clock)
        upstream, sessions = Upstream(connection), Sessions()
        reusing = Cached(SingleFlight(upstream, store, clock), store)
        decider = FailClosed(InSession(reusing, upstream, sessions))
        guard = Guard(decider, spool, lease, drain, tally, clock)

        door = _door(settings, sessions)
        verbs, streams = PermittedVerbs(connection, lease, clock), AgentStreams(spool, sessions)
        approvals = Approvals(connection)
        servicer = Servicer(door, guard, verbs, approvals, streams)
        server = build_server(servicer, health.servicer, tally)
        if settings.metrics is not None:
            from sidecar.metrics import serve_metrics

            serve_metrics(*settings.metrics, tally, store, spool, health)

        endpoint.bind(server)
        await health.tell()  # the health service begins by saying SERVING
        await server.start()
        renewing = () if certificates is None else (connection.renew,)
        await stack.enter_async_context(running(tally, holder.run, health.run, shipper.run, *renewing))
        _log.info("listening", address=settings.listen.target, agent=settings.agent, spool_id=spool.identity.spool_id)
        ready()
        await stop.wait()
        _log.info("stopping")
        await health.servicer.enter_graceful_shutdown()
        approvals.stop()
        await server.stop(_GRACE_SECONDS)
        if holder.connected:
            await shipper.drain(_DRAIN_SECONDS)


def _door(settings: Settings, sessions: Sessions) -> Door:
    if settings.listen.path is None or settings.token:
        return TcpDoor(settings.agent, sessions, "" if settings.require_session else settings.token)
    return Door(settings.agent, settings.require_session)
