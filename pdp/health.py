"""How the decision point is, as gRPC health (grpc.health.v1) tells it."""

import asyncio

from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio as health

from pdp.audit.gate import StorageGate

DECISIONS = "gatehold.v1.DecisionPointService"
_LOOK_SECONDS = 0.2


class Health:
    """Keeps the health service in step with the storage: while nothing can be recorded, nothing is decided.

    Attributes:
        servicer: grpc.health.v1.Health; `""` and the decision service have a status.
    """

    def __init__(self, gate: StorageGate) -> None:
        self._gate = gate
        self._told: bool | None = None
        self.servicer = health.HealthServicer()

    async def run(self) -> None:
        """Tells every change, until it is cancelled."""
        while True:
            await self.tell()
            await asyncio.sleep(_LOOK_SECONDS)

    async def tell(self) -> None:
        """Sets the services' statuses to what they are now."""
        serving = self._gate.open
        if serving is self._told:
            return
        self._told = serving
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        for service in ("", DECISIONS):
            await self.servicer.set(service, status)
