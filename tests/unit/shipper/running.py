"""A shipper at work, and what the tests ask of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from sidecar.shipper import Shipper, ShippingPace
from sidecar.spool import Spool
from tests.fakes.recording_pdp import RecordingPdp

QUICK = ShippingPace(first_retry_seconds=0.01, last_retry_seconds=0.05, refused_retry_seconds=0.05)


@asynccontextmanager
async def shipping(spool: Spool, pdp: RecordingPdp, pace: ShippingPace = QUICK) -> AsyncIterator[Shipper]:
    """Ships while the block runs."""
    async with pdp.channel() as channel:
        shipper = Shipper(spool, DecisionPointServiceStub(channel).RecordAudit, pace)
        task = asyncio.create_task(shipper.run())
        try:
            yield shipper
        finally:
            task.cancel()
            (outcome,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(outcome, asyncio.CancelledError)


def numbered(sequence: int) -> bytes:
    return f"record {sequence}".encode()


def numbers(last: int) -> list[bytes]:
    return [numbered(sequence) for sequence in range(1, last + 1)]


async def record(spool: Spool, count: int) -> None:
    """Appends records; the last is durable, and so are all."""
    await asyncio.gather(*(spool.append(numbered, durable=False) for _ in range(count - 1)))
    await spool.append(numbered, durable=True)


async def kept(spool: Spool, spool_id: str = "") -> list[int]:
    """Sequences that the spool still holds."""
    return [each.sequence for each in await spool.pending(spool_id or spool.identity.spool_id, 0, 10**6, 2**40)]
