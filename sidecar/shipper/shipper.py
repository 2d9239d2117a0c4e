"""The task that empties the spool: oldest chain first, each record until the decision point has committed it."""

import asyncio
from dataclasses import dataclass

import grpc
import structlog

from sidecar.shipper.pace import Backoff, ShippingPace
from sidecar.shipper.stream import Connect, SpoolStream, StreamEnded
from sidecar.spool import NotStored, Spool, SpooledRecord, SpoolFull, SpoolIdentity

_REFUSALS = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)
"""Statuses that the same records would meet again until a person does something. They are kept and tried again."""

_CALL_IS_OVER = (asyncio.InvalidStateError, grpc.aio.UsageError, grpc.aio.InternalError)
"""What grpc raises, instead of a status, where this side ended the call or closed the channel."""

_ANY = 2**64 - 1
"""Sent of an earlier process's chain: how far that came is not known here. The spool refuses what it never held."""

_log = structlog.get_logger()


class Shipper:
    """Ships the spool over one RecordAudit stream at a time, one batch at a time. It never drops a record."""

    def __init__(self, spool: Spool, connect: Connect, pace: ShippingPace | None = None) -> None:
        """Does nothing until `run`.

        Args:
            connect: opens a stream to the decision point; called anew after every failure.
            pace: defaults to `ShippingPace()`.
        """
        self._spool = spool
        self._connect = connect
        self._pace = pace or ShippingPace()
        self._backoff = Backoff(self._pace.first_retry_seconds, self._pace.last_retry_seconds)
        self._present = _Progress(spool.identity, sent=0)
        self._progressed = asyncio.Event()

    async def run(self) -> None:
        """Ships until cancelled.

        Raises:
            SpoolFailed: the spool cannot be read or written any more.
        """
        while True:
            try:
                await self._ship_all()
            except grpc.RpcError as error:
                wait = self._after(error)
            except (StreamEnded, TimeoutError, SpoolFull, *_CALL_IS_OVER) as error:
                wait = self._backoff.wait()
                _log.warning("shipping_interrupted", error=str(error), retry_seconds=wait)
            await asyncio.sleep(wait)

    async def drain(self, seconds: float) -> bool:
        """Waits, while `run` goes on, until the decision point has everything; returns whether it does.

        Args:
            seconds: longest wait. What is left is shipped by the next start.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._shipped()
        except TimeoutError:
            return False
        return True

    async def _shipped(self) -> None:
        while True:
            progressed = self._progressed  # taken before looking: what happens meanwhile sets this one
            if self._present.acknowledged >= self._spool.last_sequence and not await self._spool.unshipped():
                return
            await progressed.wait()

    async def _ship_all(self) -> None:
        for chain in await self._spool.unshipped():
            await self._ship(_Progress(chain, sent=_ANY))
        await self._ship(self._present)

    async def _ship(self, progress: "_Progress") -> None:
        """Ships an earlier chain to its end, the present one for ever."""
        call = self._connect()
        try:
            await self._ship_on(SpoolStream(call, self._pace.answer_seconds), progress)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise StreamEnded("the connection was closed") from None
        finally:
            call.cancel()

    async def _ship_on(self, stream: SpoolStream, progress: "_Progress") -> None:
        held = await stream.open(progress.chain)
        if held < progress.acknowledged:
            _log.error("decision_point_lost_records", spool_id=progress.chain.spool_id, sequence=held)
        await self._accept(progress, held)
        self._backoff.reset()
        after = progress.acknowledged
        progress.sent = after if progress.sent == _ANY else progress.sent
        while records := await self._next(progress, after):
            await stream.send(records)
            after = records[-1].sequence
            progress.sent = max(progress.sent, after)
            while progress.acknowledged < after:
                await self._accept(progress, await stream.acknowledgement())

    async def _next(self, progress: "_Progress", after: int) -> list[SpooledRecord]:
        """The next batch; of the present chain, as soon as there is one."""
        pace = self._pace
        while True:
            records = await self._spool.pending(progress.chain.spool_id, after, pace.batch_records, pace.batch_bytes)
            if records or progress is not self._present:
                return records
            await self._spool.wait_durable(after)

    async def _accept(self, progress: "_Progress", sequence: int) -> None:
        """Lets go of what the decision point has; of nothing where it claims to have what it was never sent."""
        spool_id = progress.chain.spool_id
        if sequence <= progress.acknowledged:
            return
        try:
            if sequence > progress.sent:
                raise NotStored("it was not sent")
            await self._spool.acknowledge(spool_id, sequence)
        except NotStored as error:
            _log.error("acknowledgement_ignored", spool_id=spool_id, sequence=sequence, error=str(error))
            return
        progress.acknowledged = sequence
        self._progressed.set()
        self._progressed = asyncio.Event()

    def _after(self, error: grpc.RpcError) -> float:
        """Logs the failure; returns the seconds to wait after it."""
        code = error.code() if isinstance(error, grpc.aio.AioRpcError) else grpc.StatusCode.UNKNOWN
        if code in _REFUSALS:
            wait = self._pace.refused_retry_seconds
            _log.error("shipping_refused", code=code.name, error=_details(error), retry_seconds=wait)
        else:
            wait = self._backoff.wait()
            _log.warning("shipping_interrupted", code=code.name, error=_details(error), retry_seconds=wait)
        return wait


@dataclass(slots=True)
class _Progress:
    """How far one chain is shipped.

    Attributes:
        sent: its last record that this process sent, on any stream.
        acknowledged: its last record that the decision point told this process it has committed.
    """

    chain: SpoolIdentity
    sent: int
    acknowledged: int = 0


def _details(error: grpc.RpcError) -> str:
    return error.details() or "" if isinstance(error, grpc.aio.AioRpcError) else str(error)
