"""The three phases, and what health tells of each."""

import asyncio
from typing import cast

import pytest
from grpc_health.v1 import health_pb2

from sidecar.health import Health, Phase
from sidecar.lease import Lease, LeaseHolder
from sidecar.spool import Spool, SpoolFailed
from tests.unit.sidecar.calls import Clock, leased

SERVICES = ["", "gatehold.v1.DecisionPointService", "gatehold.upstream"]


class Stream:
    """As much of the lease's holder as health looks at."""

    connected = False


class Disk:
    """As much of the spool as health looks at."""

    def __init__(self) -> None:
        self.failed = asyncio.Event()

    async def wait_durable(self, after: int) -> int:
        await self.failed.wait()
        raise SpoolFailed


class Ward:
    def __init__(self, connected: bool, live: bool) -> None:
        self.disk, stream, clock = Disk(), Stream(), Clock()
        stream.connected = connected
        lease = leased(clock) if live else Lease("mine")
        self.health = Health(cast(LeaseHolder, stream), lease, cast(Spool, self.disk), clock)

    async def serving(self) -> list[bool]:
        statuses = []
        for service in SERVICES:
            request = health_pb2.HealthCheckRequest(service=service)
            response = await self.health.servicer.Check(request, None)
            statuses.append(response.status == health_pb2.HealthCheckResponse.SERVING)
        return statuses


@pytest.mark.parametrize(
    ("connected", "live", "phase", "serving"),
    [
        (True, True, Phase.CONNECTED, [True, True, True]),
        (True, False, Phase.CONNECTED, [True, True, True]),
        (False, True, Phase.DEGRADED, [True, True, False]),
        (False, False, Phase.CLOSED, [False, False, False]),
    ],
)
async def test_what_it_can_answer_from_is_told(connected: bool, live: bool, phase: Phase, serving: list[bool]) -> None:
    ward = Ward(connected, live)
    await ward.health.tell()
    assert ward.health.phase() is phase
    assert await ward.serving() == serving


async def test_with_a_failed_spool_it_is_closed_whatever_else_works() -> None:
    ward = Ward(connected=True, live=True)
    watching = asyncio.create_task(ward.health.run())
    await asyncio.sleep(0)
    ward.disk.failed.set()
    while ward.health.phase() is not Phase.CLOSED:  # noqa: ASYNC110  (it is polled in use, too)
        await asyncio.sleep(0)
    watching.cancel()
    await ward.health.tell()
    assert await ward.serving() == [False, False, False]
