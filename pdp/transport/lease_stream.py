"""One sidecar's lease stream: requests and acknowledgements in, grants and invalidations out."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import grpc
import structlog
from google.protobuf.duration_pb2 import Duration

from gatehold.identifier import require_identifier
from gatehold.invalid import InvalidInput
from gatehold.serving import Context, Refusal
from gatehold.v1 import fleet_service_pb2
from gatehold.v1.error_reason_pb2 import ErrorReason
from gatehold.v1.fleet_service_pb2 import HoldLeaseRequest, HoldLeaseResponse, LeaseGrant, LeaseRequest
from pdp.audit.log import AuditLog
from pdp.audit.model import Shipper
from pdp.fleet.changes import ChangeCoordinator
from pdp.fleet.leases import Grant, Holder, Invalidate
from pdp.fleet.sidecars import Sidecars, Sighting
from pdp.fleet.streams import Outbox
from pdp.identity import Principal, Role
from pdp.store.errors import Unavailable
from pdp.transport.authentication import Authenticator
from pdp.transport.identifiers import require_sequence, require_uuid

PROTOCOL_VERSION = 1
SILENCE_SECONDS = 5.0
"""A sidecar speaks every 1.8 s at least; on a stream that is silent for longer than this nobody is there any more."""

_MAX_VERSION = 64

_log = structlog.get_logger(__name__)

Requests = AsyncIterator[HoldLeaseRequest]
Outgoing = tuple[int, Grant] | Invalidate


class LeaseStream:
    """Serves one stream. All of it is of the one process that its first message names."""

    def __init__(
        self,
        authenticator: Authenticator,
        changes: ChangeCoordinator,
        audit: AuditLog,
        sidecars: Sidecars,
        context: Context,
    ) -> None:
        self._authenticator = authenticator
        self._audit = audit
        self._sidecars = sidecars
        self._context = context
        self._principal, self._agent = self._caller()
        self._leases = changes.leases(self._principal.tenant)
        self._reported = ("", 0)

    async def responses(self, requests: Requests) -> AsyncGenerator[HoldLeaseResponse, None]:
        """What is sent to the sidecar, until its stream ends, is refused or falls silent."""
        first = await _next(requests)
        if first is None:
            return
        holder = Holder(self._principal.name, self._agent, _opened(first))
        with self._leases.streams.open(self._principal.key_id, holder) as outbox:
            reading = asyncio.create_task(self._read(first, requests, holder, outbox))
            reading.add_done_callback(lambda _: outbox.close())
            try:
                async for message in outbox.messages():
                    yield _response(holder, message)
                await reading
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _read(
        self, first: HoldLeaseRequest, requests: Requests, holder: Holder, outbox: Outbox[Outgoing]
    ) -> None:
        request: HoldLeaseRequest | None = first
        while request is not None:
            self._caller()  # a stream may outlive its key
            if _nonce(request) != holder.nonce:
                raise InvalidInput("nonce", "is not the one that this stream began with")
            if request.WhichOneof("message") == "lease_request":
                await self._lease(request.lease_request, holder, outbox)
            else:
                self._leases.acknowledge(holder, request.invalidate_ack.revision)
            request = await _next(requests)

    async def _lease(self, request: LeaseRequest, holder: Holder, outbox: Outbox[Outgoing]) -> None:
        sighting = _sighting(request, holder)
        self._sidecars.saw(self._principal.tenant, sighting)
        try:
            await self._report(sighting)
            self._audit.gate.check()
        except Unavailable as error:
            # What cannot be recorded must not be answered, so no lease is renewed that would let a sidecar go on.
            _log.warning("lease_not_granted", sidecar=holder.name, agent=holder.agent, error=str(error))
            return
        answer = await self._leases.request(holder)
        outbox.send(answer if isinstance(answer, Invalidate) else (request.seq, answer))

    async def _report(self, sighting: Sighting) -> None:
        position = (sighting.spool_id, sighting.last_sequence)
        if position != self._reported:
            shipper = Shipper(self._principal.tenant, self._principal.name, self._agent)
            await self._audit.reported(shipper, *position)
            self._reported = position

    def _caller(self) -> tuple[Principal, str]:
        self._authenticator.principal(self._context, Role.SIDECAR)
        return self._authenticator.speaker(self._context)


async def _next(requests: Requests) -> HoldLeaseRequest | None:
    """The next message; None when the stream has ended or nobody is there any more."""
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            return await anext(requests, None)
    except TimeoutError:
        return None


def _opened(first: HoldLeaseRequest) -> str:
    """The nonce of the process that opens the stream."""
    if first.WhichOneof("message") != "lease_request":
        raise InvalidInput("lease_request", "must be the first message")
    _require_version(first.lease_request)  # before anything that another version may have laid out otherwise
    return require_uuid(first.lease_request.nonce, "lease_request.nonce")


def _require_version(request: LeaseRequest) -> None:
    if request.protocol_version != PROTOCOL_VERSION:
        raise Refusal(
            grpc.StatusCode.FAILED_PRECONDITION,
            ErrorReason.ERROR_REASON_PROTOCOL_VERSION,
            f"this server speaks version {PROTOCOL_VERSION} of the lease protocol, not {request.protocol_version}",
        )


def _nonce(request: HoldLeaseRequest) -> str:
    kind = request.WhichOneof("message")
    if kind == "lease_request":
        return request.lease_request.nonce
    if kind == "invalidate_ack":
        return request.invalidate_ack.nonce
    raise InvalidInput("message", "must be a lease_request or an invalidate_ack")


def _sighting(request: LeaseRequest, holder: Holder) -> Sighting:
    _require_version(request)
    return Sighting(
        holder=holder,
        version=require_identifier(request.version, "version", _MAX_VERSION) if request.version else "",
        spool_id=require_uuid(request.spool_id, "spool_id"),
        last_sequence=require_sequence(request.last_sequence, "last_sequence"),
    )


def _response(holder: Holder, message: Outgoing) -> HoldLeaseResponse:
    if isinstance(message, Invalidate):
        invalidate = fleet_service_pb2.Invalidate(revision=message.revision, epoch=message.epoch)
        return HoldLeaseResponse(invalidate=invalidate)
    seq, grant = message
    ttl = Duration()
    ttl.FromNanoseconds(grant.ttl_ns)
    lease = LeaseGrant(nonce=holder.nonce, seq=seq, revision=grant.revision, ttl=ttl, epoch=grant.epoch)
    return HoldLeaseResponse(lease_grant=lease)
