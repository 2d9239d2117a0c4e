"""AuditService: the record, for those who may read it."""

from collections.abc import AsyncGenerator

from gatehold.invalid import InvalidInput
from gatehold.serving import Context
from gatehold.v1.audit_service_pb2 import (
    AuditFilter,
    ListAuditRecordsRequest,
    ListAuditRecordsResponse,
    TailAuditRecordsRequest,
    TailAuditRecordsResponse,
)
from pdp.audit.log import AuditLog
from pdp.identity import Role
from pdp.store.model import RecordFilter
from pdp.transport.authentication import Authenticator
from pdp.transport.translate import DECISION_WORDS, RECORD_KIND_WORDS, microseconds, record

_READERS = (Role.AUDITOR, Role.ADMIN)
MAX_BACKLOG = 1_000


class AuditServicer:
    """Lists and tails the record of the caller's tenant."""

    def __init__(self, authenticator: Authenticator, audit: AuditLog) -> None:
        self._authenticator = authenticator
        self._audit = audit

    async def ListAuditRecords(self, request: ListAuditRecordsRequest, context: Context) -> ListAuditRecordsResponse:
        """Answers one page, newest first."""
        tenant = self._authenticator.principal(context, *_READERS).tenant
        page = await self._audit.list(tenant, _filter(request.filter), request.page_size, request.page_token)
        return ListAuditRecordsResponse(
            records=[record(found.entry) for found in page.records], next_page_token=page.next_page_token
        )

    async def TailAuditRecords(
        self, request: TailAuditRecordsRequest, context: Context
    ) -> AsyncGenerator[TailAuditRecordsResponse, None]:
        """Sends records as they are committed, until the client goes or falls behind, or its key ends."""
        tenant = self._authenticator.principal(context, *_READERS).tenant
        if not 0 <= request.backlog <= MAX_BACKLOG:
            raise InvalidInput("backlog", f"must be from 0 to {MAX_BACKLOG}")
        async with self._audit.tail(tenant, _filter(request.filter), request.backlog) as records:
            async for found in records:
                self._authenticator.principal(context, *_READERS)  # a tail may outlive its key
                yield TailAuditRecordsResponse(record=record(found.entry))


def _filter(sent: AuditFilter) -> RecordFilter:
    return RecordFilter(
        agent=sent.agent or None,
        verb=sent.verb or None,
        kind=RECORD_KIND_WORDS.get(sent.kind),
        decision=DECISION_WORDS.get(sent.decision),
        since_us=microseconds(sent.since, "filter.since") if sent.HasField("since") else None,
        until_us=microseconds(sent.until, "filter.until") if sent.HasField("until") else None,
    )
