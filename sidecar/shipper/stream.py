"""One chain of records on one stream to the decision point."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

import grpc

from gatehold.v1.decision_point_service_pb2 import AuditStream, RecordAuditRequest, RecordAuditResponse, SpoolBatch
from gatehold.v1.decision_point_service_pb2 import Spool as SpoolName
from gatehold.v1.decision_point_service_pb2 import SpooledRecord as ShippedRecord
from sidecar.spool import SpooledRecord, SpoolIdentity

PROTOCOL_VERSION = 1

RecordAuditCall: TypeAlias = "grpc.aio.StreamStreamCall[RecordAuditRequest, RecordAuditResponse]"
Connect: TypeAlias = Callable[[], RecordAuditCall]
"""Opens a RecordAudit stream, with credential and agent on it."""


class StreamEnded(Exception):
    """The decision point ended the stream without an error."""


class SpoolStream:
    """Batches up, acknowledgements down.

    Every method raises `grpc.RpcError` or `StreamEnded` when the stream is over, and TimeoutError where the decision
    point is too slow to take or to answer.
    """

    def __init__(self, call: RecordAuditCall, answer_seconds: float) -> None:
        self._call = call
        self._answer_seconds = answer_seconds

    async def open(self, chain: SpoolIdentity) -> int:
        """Names the chain; returns up to which sequence the decision point says that it has committed it."""
        name = SpoolName(
            spool_id=chain.spool_id,
            predecessor_id=chain.predecessor_id,
            predecessor_last_sequence=chain.predecessor_last_sequence,
        )
        await self._write(RecordAuditRequest(open=AuditStream(spool=name, protocol_version=PROTOCOL_VERSION)))
        return await self.acknowledgement()

    async def send(self, records: list[SpooledRecord]) -> None:
        """Sends one batch."""
        shipped = [ShippedRecord(sequence=r.sequence, previous_hash=r.previous_hash, record=r.record) for r in records]
        await self._write(RecordAuditRequest(spool_batch=SpoolBatch(records=shipped)))

    async def acknowledgement(self) -> int:
        """Waits for the next one and returns its sequence."""
        async with asyncio.timeout(self._answer_seconds):
            response = await self._call.read()
        if not isinstance(response, RecordAuditResponse):
            raise StreamEnded("the decision point ended the stream")
        return response.acknowledged_sequence

    async def _write(self, request: RecordAuditRequest) -> None:
        async with asyncio.timeout(self._answer_seconds):
            await self._call.write(request)
