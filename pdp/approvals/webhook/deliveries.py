"""Delivers the messages that wait: at least once, and one after the other for each tenant."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from gatehold.invalid import InvalidInput
from pdp.approvals.webhook.endpoint import parse_endpoint
from pdp.approvals.webhook.keeper import WebhookKeeper
from pdp.approvals.webhook.posting import Outcome, Poster
from pdp.approvals.webhook.schedule import wait_us
from pdp.approvals.webhook.signing import signed_headers
from pdp.sealing import CannotOpen
from pdp.store.interface import WebhookStore
from pdp.store.model import Delivery, Webhook

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryPace:
    """Seconds.

    Attributes:
        look: between two looks for tenants that have messages due.
        first_pause: after an attempt that failed, before the tenant's next message; doubles with each further one.
        last_pause: longest such pause.
    """

    look: float = 1.0
    first_pause: float = 1.0
    last_pause: float = 60.0


class Deliveries:
    """Looks for messages that are due. Each tenant has a task of its own while any are.

    Args:
        tenants: those to look at.
    """

    def __init__(
        self,
        store: WebhookStore,
        keeper: WebhookKeeper,
        tenants: Callable[[], Collection[str]],
        poster: Poster | None = None,
        pace: DeliveryPace | None = None,
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._tenants = tenants
        self._poster = poster or Poster()
        self._pace = pace or DeliveryPace()
        self._delivering: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Delivers until it is cancelled. What is on its way then is sent again by the next start."""
        try:
            while True:
                for tenant in self._tenants():
                    await self._look(tenant)
                await asyncio.sleep(self._pace.look)
        finally:
            for task in self._delivering.values():
                task.cancel()
            await asyncio.gather(*self._delivering.values(), return_exceptions=True)

    async def _look(self, tenant: str) -> None:
        if tenant in self._delivering and not self._delivering[tenant].done():
            return
        self._delivering.pop(tenant, None)
        try:
            if await self._next(tenant):
                self._delivering[tenant] = asyncio.create_task(self._deliver_due(tenant))
        except Exception as error:  # the next look may work, and no failure may end all of them
            _log.warning("deliveries_not_read", tenant=tenant, error=type(error).__name__)

    async def _deliver_due(self, tenant: str) -> None:
        """Sends what is due. After each failure in a row it pauses for longer, to let the receiver recover."""
        pause = self._pace.first_pause
        try:
            while delivery := await self._next(tenant):
                if await self._attempt(delivery):
                    pause = self._pace.first_pause
                else:
                    await asyncio.sleep(pause)
                    pause = min(self._pace.last_pause, 2 * pause)
        except Exception as error:  # the next look begins anew
            _log.warning("deliveries_interrupted", tenant=tenant, error=type(error).__name__)

    async def _next(self, tenant: str) -> Delivery | None:
        due = await asyncio.to_thread(self._store.due_deliveries, tenant, 1)
        return due[0] if due else None

    async def _attempt(self, delivery: Delivery) -> bool:
        webhook = await self._keeper.get(delivery.tenant)
        if webhook is None:  # removed this moment, and the message with it
            return True
        outcome = await self._post(webhook, delivery)
        if not outcome.error:
            await asyncio.to_thread(self._store.delivered, delivery.tenant, delivery.message_id)
            return True
        if outcome.gone:
            _log.warning("webhook_gone", tenant=delivery.tenant)
            await self._keeper.gone(webhook)
        else:
            await self._put_off(delivery, outcome)
        return False

    async def _post(self, webhook: Webhook, delivery: Delivery) -> Outcome:
        try:
            endpoint, secret = parse_endpoint(webhook.url), self._keeper.secret(webhook)
        except (CannotOpen, InvalidInput) as error:  # set under another sealing key, or by another release
            return Outcome(f"set the webhook again: {error}")
        # The wall clock: the receiver compares it with its own.
        headers = signed_headers(secret, delivery.message_id, delivery.body, datetime.now(UTC))
        return await self._poster.post(endpoint, headers, delivery.body.encode())

    async def _put_off(self, delivery: Delivery, outcome: Outcome) -> None:
        failed = delivery.attempts + 1
        wait = wait_us(failed, outcome.asked_seconds)
        _log.warning(
            "message_given_up" if wait is None else "message_not_delivered",
            tenant=delivery.tenant,
            message_id=delivery.message_id,
            attempts=failed,
            error=outcome.error,
        )
        await asyncio.to_thread(self._store.not_delivered, delivery.tenant, delivery.message_id, wait, outcome.error)
