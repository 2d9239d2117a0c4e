# ruff: noqa: N802  # methods are named as in the proto
"""FleetService: what sidecars hold their lease through, and administrators watch them with."""

from collections.abc import AsyncGenerator, AsyncIterator

from gatehold.serving import Context
from gatehold.v1 import sidecar_pb2
from gatehold.v1.fleet_service_pb2 import (
    HoldLeaseRequest,
    HoldLeaseResponse,
    ListSidecarsRequest,
    ListSidecarsResponse,
)
from pdp.audit.log import AuditLog
from pdp.fleet.changes import ChangeCoordinator
from pdp.fleet.sidecars import Sidecars, Sighting
from pdp.identity import Role
from pdp.transport.authentication import Authenticator
from pdp.transport.lease_stream import LeaseStream
from pdp.transport.paging import page


class FleetServicer:
    """Keeps the sidecars of the caller's tenant on the revision in force."""

    def __init__(
        self, authenticator: Authenticator, changes: ChangeCoordinator, audit: AuditLog, sidecars: Sidecars
    ) -> None:
        self._authenticator = authenticator
        self._changes = changes
        self._audit = audit
        self._sidecars = sidecars

    async def HoldLease(
        self, requests: AsyncIterator[HoldLeaseRequest], context: Context
    ) -> AsyncGenerator[HoldLeaseResponse, None]:
        """Serves one sidecar's stream until it ends, its credential does, or nothing is heard on it."""
        stream = LeaseStream(self._authenticator, self._changes, self._audit, self._sidecars, context)
        async for message in stream.responses(requests):
            yield message

    async def ListSidecars(self, request: ListSidecarsRequest, context: Context) -> ListSidecarsResponse:
        """Lists one page, by name."""
        tenant = self._authenticator.principal(context, Role.ADMIN, Role.AUDITOR).tenant
        seen = self._sidecars.of(tenant)
        shown, token = page(seen, lambda one: one[0].holder, request.page_size, request.page_token)
        listed = [await self._message(tenant, sighting, seen_us) for sighting, seen_us in shown]
        return ListSidecarsResponse(sidecars=listed, next_page_token=token)

    async def _message(self, tenant: str, sighting: Sighting, seen_us: int) -> sidecar_pb2.Sidecar:
        leased_revision = self._changes.leases(tenant).leased_revision(sighting.holder)
        message = sidecar_pb2.Sidecar(
            **sighting.holder._asdict(),
            version=sighting.version,
            leased_revision=leased_revision,
            lease_live=leased_revision != 0,
            spool_id=sighting.spool_id,
            last_sequence=sighting.last_sequence,
            committed_sequence=await self._audit.committed_sequence(tenant, sighting.spool_id),
        )
        message.last_seen_time.FromMicroseconds(seen_us)
        return message
