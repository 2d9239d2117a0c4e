"""A real gRPC server that takes a sidecar's records as the decision point does, and can be killed, deaf, or wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from gatehold.chain import FIRST, link
from gatehold.v1.decision_point_service_pb2 import (
    RecordAuditRequest,
    RecordAuditResponse,
    Spool,
    SpoolBatch,
    SpooledRecord,
)

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass
class Stored:
    """What is committed of one chain."""

    spool: Spool
    records: list[bytes] = field(default_factory=list)
    tip: bytes = FIRST

    def take(self, sent: SpooledRecord) -> bool:
        """Stores a record once; returns False when it skips one. Raises where it is not the one that must follow."""
        if sent.sequence <= len(self.records):
            assert self.records[sent.sequence - 1] == sent.record, "a duplicate with other bytes"
            return True
        if sent.sequence != len(self.records) + 1:
            return False
        assert sent.previous_hash == self.tip, "a broken chain"
        self.tip = link(sent.previous_hash, sent.record)
        self.records.append(sent.record)
        return True


class RecordingPdp:
    """Stores contiguous sequences, each once. What is stored outlives the server, as a database does.

    Attributes:
        chains: by spool id, in the order they were opened first.
        batches: sizes of the batches that came, of all streams.
        opened: number of streams that were opened.
        refuse_with: status to end every stream with, instead of serving it.
        swallow: number of acknowledgements to lose, each with its stream: the records are stored.
        answer: turns the sequence to acknowledge into the one that is sent.
        taking: streams wait for it before they store a batch.
    """

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._server: grpc.aio.Server | None = None
        self.chains: dict[str, Stored] = {}
        self.batches: list[int] = []
        self.opened = 0
        self.refuse_with: grpc.StatusCode | None = None
        self.swallow = 0
        self.answer: Callable[[int], int] = lambda sequence: sequence
        self.taking = asyncio.Event()
        self.taking.set()
        self._changed = asyncio.Condition()

    async def start(self) -> None:
        """Listens; what was stored before is still there."""
        self._socket.unlink(missing_ok=True)
        self._server = grpc.aio.server()
        handler = grpc.stream_stream_rpc_method_handler(
            self._record_audit, RecordAuditRequest.FromString, RecordAuditResponse.SerializeToString
        )
        service = grpc.method_handlers_generic_handler("gatehold.v1.DecisionPointService", {"RecordAudit": handler})
        self._server.add_generic_rpc_handlers((service,))
        self._server.add_insecure_port(f"unix:{self._socket}")
        await self._server.start()

    async def kill(self) -> None:
        """Ends every stream where it stands."""
        if self._server is not None:
            await self._server.stop(None)
            self._server = None

    def channel(self) -> grpc.aio.Channel:
        """A channel that comes back quickly after the server was away."""
        options = [("grpc.initial_reconnect_backoff_ms", 20), ("grpc.max_reconnect_backoff_ms", 50)]
        options += [("grpc.min_reconnect_backoff_ms", 20), ("grpc.use_local_subchannel_pool", 1)]
        return grpc.aio.insecure_channel(f"unix:{self._socket}", options=options)

    def records(self, spool_id: str) -> list[bytes]:
        """Everything committed of one chain."""
        return self.chains[spool_id].records if spool_id in self.chains else []

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        """Waits until something that streams did makes it true."""
        async with self._changed:
            await self._changed.wait_for(condition)

    async def _record_audit(
        self, requests: AsyncIterator[RecordAuditRequest], context: Context
    ) -> AsyncIterator[RecordAuditResponse]:
        self.opened += 1
        await self._tell()
        if self.refuse_with is not None:
            await context.abort(self.refuse_with, "refused by the test")
        opening = (await anext(requests)).open
        assert opening.protocol_version == 1
        chain = self.chains.setdefault(opening.spool.spool_id, Stored(opening.spool))
        yield RecordAuditResponse(acknowledged_sequence=self.answer(len(chain.records)))
        async for request in requests:
            await self.taking.wait()
            if not self._store(chain, request.spool_batch):
                await context.abort(grpc.StatusCode.OUT_OF_RANGE, "a sequence was skipped")
            await self._tell()
            if self.swallow:
                self.swallow -= 1
                await context.abort(grpc.StatusCode.UNAVAILABLE, "the acknowledgement is lost")
            yield RecordAuditResponse(acknowledged_sequence=self.answer(len(chain.records)))

    def _store(self, chain: Stored, batch: SpoolBatch) -> bool:
        assert 1 <= len(batch.records) <= 256
        self.batches.append(len(batch.records))
        return all(chain.take(sent) for sent in batch.records)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
