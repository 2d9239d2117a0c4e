"""The lease stream: asks, renews, gives up, acknowledges."""

import asyncio
import random
from contextlib import suppress

import grpc
import structlog

from gatehold.v1.fleet_service_pb2 import (
    HoldLeaseRequest,
    HoldLeaseResponse,
    Invalidate,
    InvalidateAck,
    LeaseGrant,
    LeaseRequest,
)
from sidecar.lease.drain import Drain
from sidecar.lease.state import SECOND_NS, Lease
from sidecar.model import Clock
from sidecar.spool import Spool
from sidecar.upstream import Connection

PROTOCOL_VERSION = 1
_RENEW_SECONDS = (1.0, 1.8)  # of a lease of 5 s or longer; of a shorter one the same parts of it
_ASK_SECONDS = 0.4  # without a lease, and between streams
_SILENCE_SECONDS = 5.0  # the shortest default lease: a connection silent for longer is dead, though TCP may not know

_log = structlog.get_logger()
_Stream = grpc.aio.StreamStreamCall[HoldLeaseRequest, HoldLeaseResponse]


class LeaseHolder:
    """Keeps one stream to the decision point open, and the lease in step with it."""

    def __init__(
        self,
        connection: Connection,
        lease: Lease,
        drain: Drain,
        spool: Spool,
        version: str,
        clock: Clock,
    ) -> None:
        """Args:
        spool: how far it is goes along with each request, so that a lost tail is seen.
        """
        self._connection = connection
        self._lease = lease
        self._drain = drain
        self._spool = spool
        self._version = version
        self._clock = clock
        self._ttl_seconds = _SILENCE_SECONDS
        self._connected = False
        self._cause = ""
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self._draining: dict[tuple[int, int], asyncio.Task[None]] = {}

    @property
    def connected(self) -> bool:
        """Whether the decision point was heard on the present stream."""
        return self._connected

    async def run(self) -> None:
        """Holds the lease until it is cancelled; streams that end are opened anew."""
        while True:
            try:
                await self._hold()
                cause = "the decision point ended the stream"
            except grpc.aio.AioRpcError as error:
                cause = f"{error.code().name}: {error.details()}"
            except TimeoutError:
                cause = f"nothing heard for {_SILENCE_SECONDS:.0f} s"
                await self._connection.reopen()
            self._lost(cause)
            await asyncio.sleep(_ASK_SECONDS)

    def _lost(self, cause: str) -> None:
        if cause != self._cause:
            _log.warning("no lease stream", cause=cause)
        self._connected = False
        self._cause = cause

    async def _hold(self) -> None:
        stream = self._connection.hold_lease()
        tasks = [asyncio.create_task(self._renew(stream)), asyncio.create_task(self._listen(stream))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            tasks.extend(self._draining.values())
            self._draining.clear()
            for task in tasks:
                task.cancel()
            stream.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, stream: _Stream) -> None:
        while True:
            async with asyncio.timeout(_SILENCE_SECONDS):
                response = await stream.read()
            if not isinstance(response, HoldLeaseResponse):  # the end of the stream
                return
            self._hear(response, stream)

    async def _renew(self, stream: _Stream) -> None:
        while True:
            await self._write(stream, HoldLeaseRequest(lease_request=self._request()))
            self._wake.clear()
            try:
                async with asyncio.timeout(self._pause()):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _pause(self) -> float:
        """Seconds until the next request. Renewed more slowly than this, a short lease would lapse in between."""
        if not self._lease.live(self._clock()):
            return _ASK_SECONDS
        return random.uniform(*_RENEW_SECONDS) * min(1.0, self._ttl_seconds / _SILENCE_SECONDS)  # noqa: S311

    def _request(self) -> LeaseRequest:
        return LeaseRequest(
            nonce=self._lease.nonce,
            seq=self._lease.request(self._clock()),
            protocol_version=PROTOCOL_VERSION,
            version=self._version,
            spool_id=self._spool.identity.spool_id,
            last_sequence=self._spool.durable_sequence,
        )

    def _hear(self, response: HoldLeaseResponse, stream: _Stream) -> None:
        if not self._connected:
            self._connected = True
            self._cause = ""
            _log.info("lease stream open")
        if response.HasField("lease_grant"):
            self._grant(response.lease_grant)
        elif response.HasField("invalidate"):
            self._invalidate(response.invalidate, stream)

    def _grant(self, grant: LeaseGrant) -> None:
        ttl_ns = grant.ttl.seconds * SECOND_NS + grant.ttl.nanos
        if not self._lease.grant(grant.nonce, grant.seq, grant.epoch, grant.revision, ttl_ns):
            _log.warning("lease grant refused", epoch=grant.epoch, revision=grant.revision, ttl_ns=ttl_ns)
            return
        self._ttl_seconds = ttl_ns / SECOND_NS

    def _invalidate(self, invalidate: Invalidate, stream: _Stream) -> None:
        before = invalidate.epoch, invalidate.revision
        if self._lease.revoke(*before):
            _log.info("lease given up", revision=invalidate.revision)
            self._wake.set()  # to be back soon after the change, not at the end of a renewal's pause
        # A duplicate while the first still drains needs no answer of its own; one after that is acknowledged again.
        if before not in self._draining:
            task = asyncio.create_task(self._acknowledge(*before, stream))
            self._draining[before] = task
            task.add_done_callback(lambda done: self._drained(before, done))

    def _drained(self, before: tuple[int, int], task: asyncio.Task[None]) -> None:
        if self._draining.get(before) is task:
            del self._draining[before]

    async def _acknowledge(self, epoch: int, revision: int, stream: _Stream) -> None:
        await self._drain.empty_below(epoch, revision)
        ack = InvalidateAck(nonce=self._lease.nonce, revision=revision)
        with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):  # a lost stream: the next one is asked again
            await self._write(stream, HoldLeaseRequest(invalidate_ack=ack))

    async def _write(self, stream: _Stream, message: HoldLeaseRequest) -> None:
        # gRPC refuses a second write while one is under way.
        async with self._writing:
            await stream.write(message)
