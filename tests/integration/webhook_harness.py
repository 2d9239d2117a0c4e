"""Webhooks on a real database, whose clock moves when a test says so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pdp.approvals.webhook.deliveries import Deliveries, DeliveryPace
from pdp.approvals.webhook.keeper import WebhookKeeper
from pdp.approvals.webhook.posting import Poster
from pdp.audit.log import AuditLog
from pdp.sealing import Sealer
from pdp.store.interface import Store
from pdp.store.migrations.upgrade import upgrade
from pdp.store.model import Webhook
from pdp.store.sql import SqlStore
from pdp.store.sqlite.clock import DatabaseClock
from pdp.store.sqlite.database import SqliteDatabase

TENANTS = ("acme", "globex")
PACE = DeliveryPace(look=0.01, first_pause=0.01, last_pause=0.02)


class Time:
    """Nanoseconds on the clock that the database counts on."""

    def __init__(self) -> None:
        self.boottime_ns = 10**12

    def __call__(self) -> int:
        return self.boottime_ns

    def pass_seconds(self, seconds: float) -> None:
        self.boottime_ns += int(seconds * 1_000_000_000)


@dataclass
class Delivering:
    """What a test sees."""

    store: Store
    keeper: WebhookKeeper
    time: Time
    task: asyncio.Task[None]

    def webhook(self, tenant: str = "acme") -> Webhook:
        found = self.store.webhook(tenant)
        assert found is not None
        return found

    async def set(self, url: str, tenant: str = "acme") -> str:
        return await self.keeper.set(tenant, url, "admin", "")


@asynccontextmanager
async def delivering(folder: Path, attempt_seconds: float = 10, pace: DeliveryPace = PACE) -> AsyncIterator[Delivering]:
    """Delivers for `TENANTS` until the block ends."""
    time = Time()
    database = SqliteDatabase(folder / "gatehold.db", clock=lambda path: DatabaseClock(path, boottime=time))
    database.write(upgrade)
    store = SqlStore(database)
    for tenant in TENANTS:
        store.create_tenant(tenant, "[]", "[]", "[]")
    audit = AuditLog(store)
    await audit.start()
    keeper = WebhookKeeper(store, audit, Sealer([b"k" * 32]))
    deliveries = Deliveries(store, keeper, lambda: TENANTS, Poster(attempt_seconds), pace)
    task = asyncio.create_task(deliveries.run())
    try:
        yield Delivering(store, keeper, time, task)
    finally:
        assert not task.done(), "deliveries ended by themselves"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await audit.close()
        store.close()


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Waits until the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (a database tells nobody)
            await asyncio.sleep(0.01)
