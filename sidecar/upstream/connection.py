"""The channel to the decision point, and the credential on it."""

import asyncio
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import grpc
import structlog
from google.protobuf.message import Message

from gatehold.v1.decision_point_service_pb2 import (
    EvaluateRequest,
    EvaluateResponse,
    RecordAuditRequest,
    RecordAuditResponse,
    WatchApprovalRequest,
    WatchApprovalResponse,
)
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from gatehold.v1.fleet_service_pb2 import HoldLeaseRequest, HoldLeaseResponse
from gatehold.v1.fleet_service_pb2_grpc import FleetServiceStub
from sidecar.address import Address
from sidecar.upstream.certificates import Certificates

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)

if TYPE_CHECKING:  # they exist for the type checker only
    from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceAsyncStub
    from gatehold.v1.fleet_service_pb2_grpc import FleetServiceAsyncStub

Method: TypeAlias = "Callable[[DecisionPointServiceAsyncStub], grpc.aio.UnaryUnaryMultiCallable[Q, R]]"
"""Picks a unary method, for example `lambda pdp: pdp.GetApproval`."""
_Metadata: TypeAlias = tuple[tuple[str, str], ...]
WatchCall: TypeAlias = "grpc.aio.UnaryStreamCall[WatchApprovalRequest, WatchApprovalResponse]"
_RecordAuditCall: TypeAlias = "grpc.aio.StreamStreamCall[RecordAuditRequest, RecordAuditResponse]"

_LOOK_SECONDS = 1.0
_GRACE_SECONDS = 10.0
_MAX_MESSAGE_BYTES = 8 * 1024 * 1024

# A connection whose other end vanished must end before a lease does: the kernel gives up on unacknowledged renewals
# after the keepalive timeout. Pings find it where nothing is sent; the server punishes more than one in 5 s.
_OPTIONS = (
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 6_000),
    ("grpc.keepalive_timeout_ms", 2_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_retries", 0),  # a second attempt must not outlast the caller's deadline unseen
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),  # else a channel opened anew would share the dead connection
)


_log = structlog.get_logger()


class Connection:
    """Calls to the decision point. Every one names the agent, and carries the sidecar's key where it has one."""

    def __init__(self, address: Address, key: str, agent: str, certificates: Certificates | None = None) -> None:
        """Args:
        key: API key of the sidecar, kept out of every log; empty where it shows a certificate.
        agent: in whose name the sidecar calls.
        certificates: of TLS; None for plain TCP or a Unix socket.
        """
        self._target = address.target
        self._certificates = certificates
        own = (("authorization", f"Bearer {key}"),) if key else ()
        self._metadata: _Metadata = (*own, ("gatehold-agent", agent))
        self._streams: weakref.WeakSet[grpc.aio.Call] = weakref.WeakSet()
        self._open()

    def _open(self) -> None:
        self._channel = self._made()
        self._decisions: DecisionPointServiceAsyncStub = DecisionPointServiceStub(self._channel)
        self._fleet: FleetServiceAsyncStub = FleetServiceStub(self._channel)

    def _made(self) -> grpc.aio.Channel:
        if self._certificates is None:
            return grpc.aio.insecure_channel(self._target, options=_OPTIONS)
        return grpc.aio.secure_channel(self._target, self._certificates.credentials(), options=_OPTIONS)

    async def renew(self) -> None:
        """Follows files of TLS that are renewed while it runs: opens a connection with the new ones.

        Calls under way on the old one have 10 s to end; streams are opened again on the new one.
        """
        while self._certificates is not None:
            await asyncio.sleep(_LOOK_SECONDS)
            if await asyncio.to_thread(self._certificates.changed):
                _log.info("certificates_renewed")
                old, streams = self._channel, list(self._streams)
                self._open()
                for stream in streams:
                    stream.cancel()
                await old.close(_GRACE_SECONDS)

    def evaluate(
        self, request: EvaluateRequest, timeout: float, token: str = ""
    ) -> "grpc.aio.UnaryUnaryCall[EvaluateRequest, EvaluateResponse]":
        """Asks for one decision. `timeout` in seconds; `token` of the session it is asked in, empty for none."""
        return self._decisions.Evaluate(request, timeout=timeout, metadata=self._in(token))

    def ask(
        self, method: "Method[Q, R]", request: Q, timeout: float, token: str = ""
    ) -> "grpc.aio.UnaryUnaryCall[Q, R]":
        """Calls any other unary method. `timeout` and `token` as for `evaluate`."""
        return method(self._decisions)(request, timeout=timeout, metadata=self._in(token))

    def hold_lease(self) -> "grpc.aio.StreamStreamCall[HoldLeaseRequest, HoldLeaseResponse]":
        """Opens a lease stream."""
        return self._fleet.HoldLease(metadata=self._metadata)

    def record_audit(self) -> _RecordAuditCall:
        """Opens a stream that records are shipped on."""
        call = self._decisions.RecordAudit(metadata=self._metadata)
        self._streams.add(call)
        return call

    def watch_approval(self, request: WatchApprovalRequest, token: str = "") -> WatchCall:
        """Opens a stream that tells of each change of an approval. `token` as for `evaluate`."""
        call = self._decisions.WatchApproval(request, metadata=self._in(token))
        self._streams.add(call)
        return call

    async def reopen(self) -> None:
        """Drops a connection that is silent and opens another. Calls under way on it end as unreachable."""
        old = self._channel
        self._open()
        # Closing a channel ends only the calls that somebody waits for. A stream with nothing to ship, or whose agent
        # takes nothing, would keep the dead connection open, and what comes next would wait on it in vain.
        for call in self._streams:
            call.cancel()
        await old.close()

    async def close(self) -> None:
        """Ends the connection and every call on it."""
        await self._channel.close()

    def _in(self, token: str) -> _Metadata:
        return (*self._metadata, ("gatehold-session", f"Bearer {token}")) if token else self._metadata
