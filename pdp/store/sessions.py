"""Sessions."""

import json
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from pdp.store import tables
from pdp.store.database import Database
from pdp.store.model import LogEntry, StoredRecord, StoredSession
from pdp.store.records import append_entries
from pdp.store.scope import Scope, every_tenant

_BODY = ("on_behalf_of", "verbs", "bundles", "ceilings", "bound_address", "maker", "maker_key")


class SessionTables:
    """`SessionStore` on the table session."""

    _database: Database

    def add_session(self, session: StoredSession, entries: Sequence[LogEntry]) -> tuple[StoredRecord, ...]:
        """Adds one."""

        def change(connection: Connection) -> tuple[StoredRecord, ...]:
            Scope(session.tenant).insert(connection, tables.session, [_row(session)])
            return append_entries(connection, entries)

        return self._database.write(change)

    def revoke_session(self, tenant: str, session_id: str, entries: Sequence[LogEntry]) -> tuple[StoredRecord, ...]:
        """Ends one."""
        columns = tables.session.c
        revoked = Scope(tenant).update(tables.session).where(columns.session_id == session_id)

        def change(connection: Connection) -> tuple[StoredRecord, ...]:
            connection.execute(revoked.where(columns.revoked_us.is_(None)).values(revoked_us=_now_us()))
            return append_entries(connection, entries)

        return self._database.write(change)

    def session(self, tenant: str, session_id: str) -> StoredSession | None:
        """One session."""
        query = Scope(tenant).select(tables.session).where(tables.session.c.session_id == session_id)
        row = self._database.read(lambda connection: connection.execute(query).first())
        return _session(row) if row else None

    def sessions(self, tenant: str, agent: str | None, before: int | None, limit: int) -> list[StoredSession]:
        """The tenant's sessions, newest first."""
        columns = tables.session.c
        query = Scope(tenant).select(tables.session).order_by(columns.position.desc()).limit(limit)
        if agent is not None:
            query = query.where(columns.agent == agent)
        if before is not None:
            query = query.where(columns.position < before)
        return [_session(row) for row in self._database.read(lambda connection: connection.execute(query).all())]

    def live_sessions(self) -> list[StoredSession]:
        """Those of all tenants that are neither revoked nor expired."""
        columns = tables.session.c
        query = every_tenant(tables.session).where(columns.revoked_us.is_(None), columns.expires_us > _now_us())
        return [_session(row) for row in self._database.read(lambda connection: connection.execute(query).all())]


def _now_us() -> int:
    return time.time_ns() // 1_000


def _row(session: StoredSession) -> dict[str, object]:
    return {
        "session_id": session.session_id,
        "digest": session.digest,
        "agent": session.agent,
        "created_us": session.created_us,
        "expires_us": session.expires_us,
        "revoked_us": session.revoked_us,
        "body": json.dumps({name: getattr(session, name) for name in _BODY}),
    }


def _session(row: Row[Any]) -> StoredSession:
    body = json.loads(row.body)
    return StoredSession(
        tenant=row.tenant,
        session_id=row.session_id,
        digest=row.digest,
        agent=row.agent,
        on_behalf_of=body["on_behalf_of"],
        verbs=tuple(body["verbs"]),
        bundles=tuple(body["bundles"]),
        ceilings=body["ceilings"],
        bound_address=body["bound_address"],
        maker=body["maker"],
        maker_key=body.get("maker_key", ""),  # made before it was kept: valid no more
        created_us=row.created_us,
        expires_us=row.expires_us,
        revoked_us=row.revoked_us,
        position=row.position,
    )
