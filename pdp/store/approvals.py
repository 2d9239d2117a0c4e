"""Approvals and what happened to them: each change with its records and messages, in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select

from gatehold.vocabulary import ApprovalState
from pdp.store import tables
from pdp.store.approval import Approval, ApprovalChange, Event
from pdp.store.database import Database
from pdp.store.errors import StaleApproval, TooManyApprovals
from pdp.store.model import LogEntry, StoredRecord
from pdp.store.records import append_entries
from pdp.store.scope import Scope
from pdp.store.webhooks import put_messages

_APPROVAL = TypeAdapter(Approval)
_EVENT = TypeAdapter(Event)
_APART: dict[str, Any] = {"position": True, "call": {"sealed"}}
_OPEN_CALL = (ApprovalState.PENDING, ApprovalState.APPROVED)


class ApprovalTables:
    """`ApprovalStore` on the tables approval and approval_event."""

    _database: Database

    def now_us(self) -> int:
        """The database's clock."""
        return self._database.now_us()

    def approval(self, tenant: str, approval_id: str) -> Approval | None:
        """One approval."""
        query = _approvals(tenant).where(tables.approval.c.approval_id == approval_id)
        return self._database.read(lambda connection: _first(connection, query))

    def requested_approval(self, tenant: str, agent: str, request_id: str) -> Approval | None:
        """The one that this idempotency key stands for."""
        columns = tables.approval.c
        query = _approvals(tenant).where(columns.agent == agent, columns.request_id == request_id)
        return self._database.read(lambda connection: _first(connection, query))

    def open_approval(self, tenant: str, agent: str, call_digest: str) -> Approval | None:
        """The one of this call that is pending or approved."""
        return self._database.read(lambda connection: _open_approval(connection, tenant, agent, call_digest))

    def approvals(
        self, tenant: str, states: Collection[ApprovalState], agent: str | None, after: int, limit: int
    ) -> list[Approval]:
        """The tenant's approvals in these states, oldest first."""
        columns = tables.approval.c
        query = _approvals(tenant).where(columns.state.in_([state.value for state in states]))
        if agent is not None:
            query = query.where(columns.agent == agent)
        query = query.where(columns.position > after).order_by(columns.position).limit(limit)
        return [_approval(row) for row in self._database.read(lambda connection: connection.execute(query).all())]

    def approval_events(self, tenant: str, approval_id: str) -> list[Event]:
        """What happened to one, oldest first."""
        columns = tables.approval_event.c
        query = Scope(tenant).select(tables.approval_event, columns.body)
        query = query.where(columns.approval_id == approval_id).order_by(columns.number)
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return [_EVENT.validate_json(row.body) for row in rows]

    def due_approvals(self, tenant: str, limit: int) -> list[str]:
        """Ids of those that time has something to do to, the longest due first."""
        columns = tables.approval.c
        query = Scope(tenant).select(tables.approval, columns.approval_id)
        query = query.where(columns.due_us <= self.now_us()).order_by(columns.due_us).limit(limit)
        return [row.approval_id for row in self._database.read(lambda connection: connection.execute(query).all())]

    def change_approval(
        self, change: ApprovalChange, entries: Sequence[LogEntry], most_pending: int | None = None
    ) -> tuple[StoredRecord, ...]:
        """Stores a new approval or the next version of one, with all that belongs to it."""
        approval = change.approval

        def write(connection: Connection) -> tuple[StoredRecord, ...]:
            if change.before_us and self.now_us() >= change.before_us:
                raise StaleApproval("the moment for it has passed")
            if approval.version == 1:
                _insert(connection, change, most_pending)
            else:
                _update(connection, change)
            _add_events(connection, change)
            put_messages(connection, approval.tenant, change.messages, self.now_us())
            return append_entries(connection, entries)

        return self._database.write(write)


def _insert(connection: Connection, change: ApprovalChange, most_pending: int | None) -> None:
    approval = change.approval
    if _open_approval(connection, approval.tenant, approval.agent, approval.call_digest):
        raise StaleApproval("the same call has been requested meanwhile")
    columns, scope = tables.approval.c, Scope(approval.tenant)
    if approval.request_id:
        known = _approvals(approval.tenant).where(
            columns.agent == approval.agent, columns.request_id == approval.request_id
        )
        if _first(connection, known):
            raise StaleApproval("the request_id has been used meanwhile")
    pending = scope.count(tables.approval).where(
        columns.agent == approval.agent, columns.state == ApprovalState.PENDING.value
    )
    if most_pending is not None and connection.execute(pending).scalar_one() >= most_pending:
        raise TooManyApprovals(f"{most_pending} approvals of {approval.agent} wait already")
    scope.insert(connection, tables.approval, [{"approval_id": approval.approval_id, **_values(change)}])


def _update(connection: Connection, change: ApprovalChange) -> None:
    approval, columns = change.approval, tables.approval.c
    statement = Scope(approval.tenant).update(tables.approval)
    statement = statement.where(columns.approval_id == approval.approval_id, columns.version == approval.version - 1)
    if connection.execute(statement.values(**_values(change))).rowcount != 1:
        raise StaleApproval("it has changed meanwhile")


def _add_events(connection: Connection, change: ApprovalChange) -> None:
    scope, columns = Scope(change.approval.tenant), tables.approval_event.c
    known = scope.count(tables.approval_event).where(columns.approval_id == change.approval.approval_id)
    first = connection.execute(known).scalar_one() + 1
    rows = [
        {"approval_id": change.approval.approval_id, "number": number, "body": _EVENT.dump_json(event).decode()}
        for number, event in enumerate(change.events, start=first)
    ]
    scope.insert(connection, tables.approval_event, rows)


def _values(change: ApprovalChange) -> dict[str, object]:
    approval = change.approval
    return {
        "version": approval.version,
        "state": approval.state.value,
        "agent": approval.agent,
        "call_digest": approval.call_digest,
        "request_id": approval.request_id or None,  # a unique column holds many NULLs, but one empty string
        "request_digest": approval.request_digest,
        "due_us": change.due_us or None,
        "sealed": approval.call.sealed,
        "body": _APPROVAL.dump_json(approval, exclude=_APART).decode(),
    }


def _approvals(tenant: str) -> Select[Any]:
    columns = tables.approval.c
    return Scope(tenant).select(tables.approval, columns.position, columns.sealed, columns.body)


def _open_approval(connection: Connection, tenant: str, agent: str, call_digest: str) -> Approval | None:
    columns = tables.approval.c
    query = _approvals(tenant).where(
        columns.agent == agent,
        columns.call_digest == call_digest,
        columns.state.in_([state.value for state in _OPEN_CALL]),
    )
    return _first(connection, query)


def _first(connection: Connection, query: Select[Any]) -> Approval | None:
    row = connection.execute(query).first()
    return _approval(row) if row else None


def _approval(row: Row[Any]) -> Approval:
    approval = _APPROVAL.validate_json(row.body)
    return replace(approval, position=row.position, call=replace(approval.call, sealed=row.sealed))
