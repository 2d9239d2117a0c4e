"""WebhookService: what administrators say with where approvals are told of."""

import time
from collections.abc import Callable

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from gatehold.serving import Context, Refusal
from gatehold.v1 import webhook_pb2
from gatehold.v1.error_reason_pb2 import ErrorReason
from gatehold.v1.webhook_service_pb2 import (
    DeleteWebhookRequest,
    DeleteWebhookResponse,
    GetWebhookRequest,
    GetWebhookResponse,
    SetWebhookRequest,
    SetWebhookResponse,
)
from pdp.approvals.webhook.keeper import WebhookKeeper
from pdp.identity import Role
from pdp.store.model import Webhook
from pdp.transport.authentication import Authenticator
from pdp.transport.bounds import bounded


class WebhookServicer:
    """Sets, shows and removes the webhook of the caller's tenant.

    Args:
        now_us: the database's clock. Times are shown by the wall clock, as far from now as they are on it.
    """

    def __init__(self, authenticator: Authenticator, keeper: WebhookKeeper, now_us: Callable[[], int]) -> None:
        self._authenticator = authenticator
        self._keeper = keeper
        self._now_us = now_us

    async def SetWebhook(self, request: SetWebhookRequest, context: Context) -> SetWebhookResponse:
        """Sets it with a new signing secret, which is shown this once."""
        admin = self._authenticator.principal(context, Role.ADMIN)
        reason = bounded(request.change_reason, "change_reason")
        secret = await self._keeper.set(admin.tenant, request.url, admin.name, reason)
        return SetWebhookResponse(webhook=await self._shown(admin.tenant), secret=secret)

    async def GetWebhook(self, request: GetWebhookRequest, context: Context) -> GetWebhookResponse:
        """Reads it."""
        tenant = self._authenticator.principal(context, Role.ADMIN, Role.AUDITOR).tenant
        return GetWebhookResponse(webhook=await self._shown(tenant))

    async def DeleteWebhook(self, request: DeleteWebhookRequest, context: Context) -> DeleteWebhookResponse:
        """Removes it, with all messages that wait."""
        admin = self._authenticator.principal(context, Role.ADMIN)
        reason = bounded(request.change_reason, "change_reason")
        if not await self._keeper.delete(admin.tenant, admin.name, reason):
            raise _none()
        return DeleteWebhookResponse()

    async def _shown(self, tenant: str) -> webhook_pb2.Webhook:
        webhook = await self._keeper.get(tenant)
        if webhook is None:
            raise _none()
        return _message(webhook, time.time_ns() // 1_000 - self._now_us())


def _none() -> Refusal:
    return Refusal(grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_NOT_FOUND, "there is no webhook; set one first")


def _message(webhook: Webhook, shift_us: int) -> webhook_pb2.Webhook:
    last_us = webhook.last_attempt_us
    return webhook_pb2.Webhook(
        url=webhook.url,
        create_time=_time(webhook.created_us + shift_us),
        waiting=webhook.waiting,
        last_error=webhook.last_error,
        last_attempt_time=None if last_us is None else _time(last_us + shift_us),
    )


def _time(us: int) -> Timestamp:
    time_ = Timestamp()
    time_.FromMicroseconds(us)
    return time_
