"""A real gRPC server that plays the decision point by script, for the sidecar."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration

from gatehold import digest
from gatehold.serving import Refusal, abort
from gatehold.v1 import decision_pb2, reason_code_pb2, reuse_pb2
from gatehold.v1.condition_pb2 import Atom
from gatehold.v1.decision_point_service_pb2 import (
    EvaluateRequest,
    EvaluateResponse,
    ListPermittedVerbsRequest,
    ListPermittedVerbsResponse,
    RecordAuditRequest,
    RecordAuditResponse,
    SpooledRecord,
)
from gatehold.v1.fleet_service_pb2 import HoldLeaseRequest, HoldLeaseResponse, Invalidate, LeaseGrant
from tests.fakes.passed_approvals import PassedApprovals

Context = grpc.aio.ServicerContext[Any, Any]
Script = Callable[[EvaluateRequest, int], Awaitable[EvaluateResponse]]
"""From a request and the present revision to the response. A `Refusal` that it raises becomes the status."""
_PATIENCE_SECONDS = 20.0
EPOCH = 5
OVER_100 = (Atom(field="args.amount", operator="greater", value_json="100"),)


def reusable(
    atoms: Sequence[Atom] = OVER_100,
    mode: reuse_pb2.ReuseMode = reuse_pb2.REUSE_MODE_ATOMS,
    epoch: int = EPOCH,
) -> reuse_pb2.Reuse:
    """A permission to reuse for a minute, by default for every amount on the same side of 100."""
    return reuse_pb2.Reuse(mode=mode, atoms=atoms, evaluator_version=1, max_age=Duration(seconds=60), epoch=epoch)


def answer(request: EvaluateRequest, revision: int, /, **fields: Any) -> EvaluateResponse:
    """A sound LOW allow for this very call, never reusable, unless `fields` say otherwise."""
    sound: dict[str, Any] = {
        "decision": decision_pb2.DECISION_ALLOW,
        "risk_level": decision_pb2.RISK_LEVEL_LOW,
        "reason": "LOW risk is allowed",
        "reason_code": reason_code_pb2.REASON_CODE_DEFAULT_RISK,
        "policy_matched": "builtin.low-allow",
        "decision_id": str(uuid.uuid4()),
        "revision": revision,
        "source": decision_pb2.DECISION_SOURCE_POLICY,
        "args_digest": digest.digest(digest.parse_object(request.args_json, "args_json")),
        "reuse": reuse_pb2.Reuse(mode=reuse_pb2.REUSE_MODE_NONE, evaluator_version=1),
    }
    return EvaluateResponse(**{**sound, **fields})


def always(**fields: Any) -> Script:
    """A script that gives every call the same answer."""

    async def script(request: EvaluateRequest, revision: int) -> EvaluateResponse:
        return answer(request, revision, **fields)

    return script


class ScriptedPdp:
    """Answers Evaluate with `script` under `revision`, leases by the protocol, and keeps what it is sent.

    Attributes:
        epoch: of the store that it plays.
        granting: whether lease requests are answered at all.
        taking: whether shipped records are acknowledged.
        prepared: revision of a pending change; 0 for none. While there is one, requests are answered with Invalidate.
        acked: highest revision acknowledged, by nonce.
        acks: how many acknowledgements came.
        approvals: the part that plays approvals.
        shipped: records taken, by spool and sequence.
    """

    def __init__(self) -> None:
        self.revision, self.prepared, self.ttl, self.granting = 1, 0, 5.0, True
        self.epoch = EPOCH
        self.script: Script = always()
        self.requests: list[EvaluateRequest] = []
        self.metadata: list[dict[str, str | bytes]] = []
        self.lease_requests: list[Any] = []
        self.acked: dict[str, int] = {}
        self.acks = 0
        self.shipped: dict[tuple[str, int], SpooledRecord] = {}
        self.taking = True
        self.verbs = ListPermittedVerbsResponse(revision=1, epoch=EPOCH)
        self.lists = 0
        self.list_metadata: list[dict[str, str | bytes]] = []
        self.changed = asyncio.Condition()
        self.approvals = PassedApprovals(self._tell)
        self._streams: set[Context] = set()
        self._server: grpc.aio.Server | None = None
        self.port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listens; after `stop`, on the same port again."""
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers(self._handlers())
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self._server.start()

    def _handlers(self) -> list[grpc.GenericRpcHandler]:
        unary, stream = grpc.unary_unary_rpc_method_handler, grpc.stream_stream_rpc_method_handler
        decisions: dict[str, Any] = {
            **self.approvals.handlers(),
            "Evaluate": unary(self.Evaluate, EvaluateRequest.FromString, EvaluateResponse.SerializeToString),
            "ListPermittedVerbs": unary(
                self.ListPermittedVerbs,
                ListPermittedVerbsRequest.FromString,
                ListPermittedVerbsResponse.SerializeToString,
            ),
            "RecordAudit": stream(
                self.RecordAudit, RecordAuditRequest.FromString, RecordAuditResponse.SerializeToString
            ),
        }
        fleet: dict[str, Any] = {
            "HoldLease": stream(self.HoldLease, HoldLeaseRequest.FromString, HoldLeaseResponse.SerializeToString)
        }
        return [
            grpc.method_handlers_generic_handler("gatehold.v1.DecisionPointService", decisions),
            grpc.method_handlers_generic_handler("gatehold.v1.FleetService", fleet),
        ]

    async def stop(self) -> None:
        """Goes away at once, as if killed."""
        if self._server is not None:
            await self._server.stop(None)
            self._server = None

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits until the condition holds; it is looked at whenever something was received.

        Raises:
            TimeoutError: it does not come to hold. A test's own time limit would leave the sidecar's threads behind.
        """
        async with asyncio.timeout(_PATIENCE_SECONDS), self.changed:
            await self.changed.wait_for(condition)

    async def prepare(self, revision: int) -> None:
        """Begins a change: takes every lease back."""
        self.prepared = revision
        for stream in self._streams:
            await stream.write(self._invalidate())

    def flip(self) -> None:
        """Makes the pending change the configuration."""
        self.revision, self.prepared = self.prepared, 0

    async def Evaluate(self, request: EvaluateRequest, context: Context) -> EvaluateResponse:
        self.requests.append(request)
        self.metadata.append(dict(context.invocation_metadata() or ()))
        await self._tell()
        try:
            return await self.script(request, self.revision)
        except Refusal as refusal:
            await abort(context, refusal)

    async def ListPermittedVerbs(
        self, request: ListPermittedVerbsRequest, context: Context
    ) -> ListPermittedVerbsResponse:
        self.lists += 1
        self.list_metadata.append(dict(context.invocation_metadata() or ()))
        return self.verbs

    async def HoldLease(self, messages: AsyncIterator[HoldLeaseRequest], context: Context) -> None:
        self._streams.add(context)
        try:
            async for message in messages:
                if message.HasField("invalidate_ack"):
                    ack = message.invalidate_ack
                    self.acks += 1
                    self.acked[ack.nonce] = max(self.acked.get(ack.nonce, 0), ack.revision)
                else:
                    await self._lease(message.lease_request, context)
                await self._tell()
        finally:
            self._streams.discard(context)

    async def _lease(self, request: Any, context: Context) -> None:
        self.lease_requests.append(request)
        if self.prepared:
            await context.write(self._invalidate())
        elif self.granting:
            ttl = Duration()
            ttl.FromMilliseconds(int(self.ttl * 1000))
            place = {"revision": self.revision, "epoch": self.epoch}
            grant = LeaseGrant(nonce=request.nonce, seq=request.seq, ttl=ttl, **place)
            await context.write(HoldLeaseResponse(lease_grant=grant))

    def _invalidate(self) -> HoldLeaseResponse:
        return HoldLeaseResponse(invalidate=Invalidate(revision=self.prepared, epoch=self.epoch))

    async def RecordAudit(
        self, messages: AsyncIterator[RecordAuditRequest], context: Context
    ) -> AsyncIterator[RecordAuditResponse]:
        spool = ""
        async for message in messages:
            if message.HasField("open"):
                spool = message.open.spool.spool_id
            for record in message.spool_batch.records:
                self.shipped[spool, record.sequence] = record
            await self._tell()
            if not self.taking and not message.HasField("open"):
                continue
            last = max((sequence for shipped, sequence in self.shipped if shipped == spool), default=0)
            yield RecordAuditResponse(acknowledged_sequence=last)

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()
