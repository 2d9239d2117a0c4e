"""How the sidecar is, as gRPC health (grpc.health.v1) and metrics tell it."""

import asyncio
from enum import StrEnum

import structlog
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio as health

from sidecar.lease import Lease, LeaseHolder
from sidecar.model import Clock
from sidecar.spool import Spool, SpoolFailed

DECISIONS = "gatehold.v1.DecisionPointService"
UPSTREAM = "gatehold.upstream"
_LOOK_SECONDS = 0.2
_NEVER = 2**63

_log = structlog.get_logger()


class Phase(StrEnum):
    """What the sidecar can answer from."""

    CONNECTED = "connected"  # the decision point
    DEGRADED = "degraded"  # what it remembers, until its lease ends
    CLOSED = "closed"  # nothing: every call is blocked


class Health:
    """Watches the lease and the spool and keeps the health service up to date.

    Attributes:
        servicer: grpc.health.v1.Health. `""` and the decision service are SERVING in CONNECTED and DEGRADED,
            `gatehold.upstream` in CONNECTED only.
    """

    def __init__(self, holder: LeaseHolder, lease: Lease, spool: Spool, clock: Clock) -> None:
        self._holder = holder
        self._lease = lease
        self._spool = spool
        self._clock = clock
        self._spool_failed = False
        self._told: Phase | None = None
        self.servicer = health.HealthServicer()

    def phase(self) -> Phase:
        """The phase now."""
        if self._spool_failed:
            return Phase.CLOSED
        if self._holder.connected:
            return Phase.CONNECTED
        return Phase.DEGRADED if self._lease.live(self._clock()) else Phase.CLOSED

    async def run(self) -> None:
        """Tells every change of phase, until it is cancelled."""
        failure = asyncio.create_task(self._watch_spool())
        try:
            while True:
                await self.tell()
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            failure.cancel()

    async def tell(self) -> None:
        """Sets the services' statuses to the present phase."""
        phase = self.phase()
        if phase is self._told:
            return
        _log.info("phase", phase=phase.value)
        self._told = phase
        await self._set(phase is not Phase.CLOSED, "", DECISIONS)
        await self._set(phase is Phase.CONNECTED, UPSTREAM)

    async def _set(self, serving: bool, *services: str) -> None:
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        for service in services:
            await self.servicer.set(service, status)

    async def _watch_spool(self) -> None:
        try:
            await self._spool.wait_durable(_NEVER)
        except SpoolFailed:
            self._spool_failed = True
