"""A whole sidecar on a real socket with a real spool, in the test's own event loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from sidecar.address import parse_address
from sidecar.settings import Settings
from sidecar.spool import open_spool
from sidecar.wiring import serve

if TYPE_CHECKING:
    from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceAsyncStub

_PATIENCE_SECONDS = 20.0
KEY = "gh_0123456789abcdef_" + "k" * 43


def settings(folder: Path, pdp: str) -> Settings:
    """A sidecar for agent `dev` with everything under one folder."""
    return Settings(
        agent="dev",
        listen=parse_address(f"unix:{folder}/agent.sock", "listen"),
        pdp=parse_address(pdp, "pdp"),
        key=KEY,
        spool=folder / "spool",
        version="test",
    )


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator["DecisionPointServiceAsyncStub"]:
    """Runs the sidecar; yields what an agent calls it through."""
    ready, stop = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(serve(settings, ready.set, stop))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        task.result()
    try:
        async with grpc.aio.insecure_channel(settings.listen.target, _FRESH) as channel:
            yield DecisionPointServiceStub(channel)
    finally:
        stop.set()
        await task


# Channels to one address share their connection otherwise, and a test would meet the sidecar of the one before.
_FRESH = (("grpc.use_local_subchannel_pool", 1),)


async def healthy(settings: Settings, service: str, serving: bool = True) -> None:
    """Waits until the sidecar's health says so of the service; raises TimeoutError where it never does."""
    expected = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
    target = settings.listen.target
    async with asyncio.timeout(_PATIENCE_SECONDS), grpc.aio.insecure_channel(target, _FRESH) as channel:
        watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service=service))
        async for response in watching:
            if response.status == expected:
                break
        watching.cancel()  # closing the channel alone leaves the server waiting for the watcher


@contextlib.asynccontextmanager
async def leased(settings: Settings) -> AsyncIterator["DecisionPointServiceAsyncStub"]:
    """Runs the sidecar; yields once it has been granted its lease."""
    async with running(settings) as agent:
        await healthy(settings, "gatehold.upstream")
        yield agent


async def spooled(folder: Path) -> list[AuditRecord]:
    """The records that a stopped sidecar left, in order."""
    spool = await open_spool(folder / "spool")
    try:
        chains = [chain.spool_id for chain in await spool.unshipped()]
        pending = [record for chain in chains for record in await spool.pending(chain, 0, 10_000, 1 << 30)]
        return [AuditRecord.FromString(entry.record) for entry in pending]
    finally:
        await spool.close()
