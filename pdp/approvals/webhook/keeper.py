"""Every change of a tenant's webhook goes through here, each with its record in one transaction."""

import asyncio

from gatehold.digest import canonical
from pdp.approvals.webhook.endpoint import parse_endpoint
from pdp.approvals.webhook.signing import new_secret
from pdp.audit.log import AuditLog
from pdp.audit.records import change_records
from pdp.sealing import Sealer
from pdp.store.interface import WebhookStore
from pdp.store.model import ObjectChange, Webhook

_OBJECT = "webhook"
_NO_REVISION = 0  # no decision depends on a webhook
_RECEIVER = "webhook receiver"


class WebhookKeeper:
    """Sets, reads and removes webhooks. One change at a time, so that a record tells what its change replaced."""

    def __init__(self, store: WebhookStore, audit: AuditLog, sealer: Sealer) -> None:
        self._store = store
        self._audit = audit
        self._sealer = sealer
        self._changing = asyncio.Lock()

    async def get(self, tenant: str) -> Webhook | None:
        """The tenant's webhook, None where it has none."""
        return await asyncio.to_thread(self._store.webhook, tenant)

    def secret(self, webhook: Webhook) -> str:
        """Its signing secret. Raises `pdp.sealing.CannotOpen`."""
        return self._sealer.open(webhook.sealed, webhook.tenant, _OBJECT).decode()

    async def set(self, tenant: str, url: str, actor: str, reason: str) -> str:
        """Sets it, in the place of the one there is, and returns its new signing secret.

        Raises:
            InvalidInput: on `url`.
        """
        parse_endpoint(url)
        secret = new_secret()
        sealed = self._sealer.seal(secret.encode(), tenant, _OBJECT)
        async with self._changing:
            change = ObjectChange(_OBJECT, _json(await self.get(tenant)), _url_json(url))
            records = change_records(tenant, _NO_REVISION, [change], actor, reason)
            await self._audit.record_with(
                records, lambda entries: self._store.put_webhook(tenant, url, sealed, entries)
            )
        return secret

    async def delete(self, tenant: str, actor: str, reason: str) -> bool:
        """Removes it with all messages that wait. False where there is none."""
        async with self._changing:
            if (webhook := await self.get(tenant)) is None:
                return False
            await self._delete(webhook, actor, reason)
            return True

    async def gone(self, refused: Webhook) -> None:
        """Removes a webhook whose receiver wants no more messages; not one that was set in its place meanwhile."""
        async with self._changing:
            present = await self.get(refused.tenant)
            if present is not None and present.sealed == refused.sealed:
                await self._delete(present, _RECEIVER, "It answered 410 Gone.")

    async def _delete(self, webhook: Webhook, actor: str, reason: str) -> None:
        change = ObjectChange(_OBJECT, _json(webhook), "")
        records = change_records(webhook.tenant, _NO_REVISION, [change], actor, reason)
        await self._audit.record_with(records, lambda entries: self._store.delete_webhook(webhook.tenant, entries))


def _json(webhook: Webhook | None) -> str:
    return _url_json(webhook.url) if webhook else ""


def _url_json(url: str) -> str:
    return canonical({"url": url}).decode()
