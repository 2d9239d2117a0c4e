"""FleetService: what sidecars hold their lease through, and administrators watch them with."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping

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
from pdp.fleet.lease_keeper import LeaseKeeper
from pdp.fleet.sidecars import Sidecars, Sighting
from pdp.identity import Role
from pdp.transport.authentication import Authenticator
from pdp.transport.lease_stream import LeaseStream
from pdp.transport.paging import page, page_size, rest_of


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
        rest = rest_of(self._sidecars.of(tenant), _place, request.page_token)
        spools = {one.spool_id for one, _ in rest[: page_size(request.page_size)]}
        committed = {spool_id: await self._audit.committed_sequence(tenant, spool_id) for spool_id in spools}
        leases = self._changes.leases(tenant)
        messages, token = page(rest, _place, lambda seen: _message(*seen, leases, committed), request.page_size)
        return ListSidecarsResponse(sidecars=messages, next_page_token=token)


def _place(seen: tuple[Sighting, int]) -> tuple[str, str, str]:
    return seen[0].holder


def _message(
    sighting: Sighting, seen_us: int, leases: LeaseKeeper, committed: Mapping[str, int]
) -> sidecar_pb2.Sidecar:
    leased_revision = leases.leased_revision(sighting.holder)
    message = sidecar_pb2.Sidecar(
        **sighting.holder._asdict(),
        version=sighting.version,
        leased_revision=leased_revision,
        lease_live=leased_revision != 0,
        spool_id=sighting.spool_id,
        last_sequence=sighting.last_sequence,
        committed_sequence=committed[sighting.spool_id],
    )
    message.last_seen_time.FromMicroseconds(seen_us)
    return message
