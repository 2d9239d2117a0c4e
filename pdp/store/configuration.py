"""Heads, revisions and their documents."""

import hashlib
import json
import secrets
import time
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from pdp.store import tables
from pdp.store.database import Database
from pdp.store.errors import (
    ChangePending,
    NoSuchRevision,
    NoSuchTenant,
    NotPrepared,
    RequestIdReused,
    StaleRevision,
)
from pdp.store.model import (
    FIRST_REVISION,
    Head,
    LogEntry,
    NewRevision,
    ObjectChange,
    Prepared,
    StoredConfiguration,
    StoredRecord,
    StoredRevision,
)
from pdp.store.records import append_entries
from pdp.store.scope import Scope, every_tenant

_PARTS = ("policies", "catalog", "agents")


class ConfigurationTables:
    """`ConfigurationStore` on the tables head, revision, unchanged and document."""

    _database: Database

    def create_tenant(self, tenant: str, policies: str, catalog: str, agents: str) -> Head:
        """Makes a tenant at `FIRST_REVISION`, or returns the head it has."""
        first = NewRevision(tenant, "", "", policies, catalog, agents, actor="", reason="", changes=())

        def create(connection: Connection) -> Head:
            existing = connection.execute(Scope(tenant).select(tables.head)).first()
            if existing:
                return Head(**existing._mapping)
            made = {"epoch": 1 + secrets.randbelow(2**63 - 1), "revision": FIRST_REVISION, "prepared": None}
            Scope(tenant).insert(connection, tables.head, [made])
            _insert_revision(connection, first, FIRST_REVISION)
            return _head(connection, tenant)

        return self._database.write(create)

    def head(self, tenant: str) -> Head:
        """The tenant's head."""
        return self._database.read(lambda connection: _head(connection, tenant))

    def heads(self) -> list[Head]:
        """The heads of all tenants, by name."""
        query = every_tenant(tables.head).order_by(tables.head.c.tenant)
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return [Head(**row._mapping) for row in rows]

    def configuration(self, tenant: str, revision: int) -> StoredConfiguration:
        """A revision's whole configuration."""

        def read(connection: Connection) -> StoredConfiguration:
            row = _revision_row(connection, tenant, revision)
            digests = {getattr(row, part) for part in _PARTS}
            contents = _documents(connection, tenant, digests)
            parts = {part: contents[getattr(row, part)] for part in _PARTS}
            return StoredConfiguration(tenant, revision, **parts, epoch=_head(connection, tenant).epoch)

        return self._database.read(read)

    def revision(self, tenant: str, revision: int) -> StoredRevision:
        """Who made a revision, when and why."""
        return _stored(self._database.read(lambda connection: _revision_row(connection, tenant, revision)))

    def revisions(self, tenant: str, before: int | None, limit: int) -> list[StoredRevision]:
        """The tenant's revisions below `before`, newest first."""
        number = tables.revision.c.revision
        query = Scope(tenant).select(tables.revision).order_by(number.desc()).limit(limit)
        if before is not None:
            query = query.where(number < before)
        return [_stored(row) for row in self._database.read(lambda connection: connection.execute(query).all())]

    def replayed(self, tenant: str, request_id: str, request_digest: str) -> int | None:
        """The revision that this request made, or found in force, already; None for a new request."""
        return self._database.read(lambda connection: _replayed(connection, tenant, request_id, request_digest))

    def prepare(self, new: NewRevision, expected_revision: int | None) -> Prepared:
        """Stores the next revision as PREPARED."""

        def change(connection: Connection) -> Prepared:
            replayed = _replayed(connection, new.tenant, new.request_id, new.request_digest)
            if replayed is not None:
                return Prepared(replayed, replayed=True)
            head = _head(connection, new.tenant)
            _require_current(head, expected_revision)
            revision = head.revision + 1
            _insert_revision(connection, new, revision)
            if new.revokes:
                _revoke(connection, new, revision)
            connection.execute(Scope(new.tenant).update(tables.head).values(prepared=revision))
            return Prepared(revision, replayed=False)

        return self._database.write(change)

    def keep_unchanged(self, tenant: str, request_id: str, request_digest: str, revision: int) -> int:
        """Notes that a request changed nothing at `revision`."""

        def change(connection: Connection) -> int:
            replayed = _replayed(connection, tenant, request_id, request_digest)
            if replayed is not None:
                return replayed
            _require_current(_head(connection, tenant), revision)
            row = {"request_id": request_id, "request_digest": request_digest, "revision": revision}
            Scope(tenant).insert(connection, tables.unchanged, [row])
            return revision

        return self._database.write(change)

    def flip(self, tenant: str, revision: int, entries: Sequence[LogEntry]) -> tuple[StoredRecord, ...]:
        """Puts the prepared revision in force, and the record of the change with it."""
        flipped = Scope(tenant).update(tables.head).where(tables.head.c.prepared == revision)

        def change(connection: Connection) -> tuple[StoredRecord, ...]:
            if connection.execute(flipped.values(revision=revision, prepared=None)).rowcount != 1:
                raise NotPrepared(f"revision {revision} of {tenant} is not the prepared one")
            return append_entries(connection, entries)

        return self._database.write(change)


def _head(connection: Connection, tenant: str) -> Head:
    row = connection.execute(Scope(tenant).select(tables.head)).first()
    if row is None:
        raise NoSuchTenant(f"there is no tenant {tenant}")
    return Head(**row._mapping)


def _require_current(head: Head, expected_revision: int | None) -> None:
    if expected_revision not in (None, head.revision):
        raise StaleRevision(head.revision)
    if head.prepared is not None:
        raise ChangePending(head.prepared)


def _revision_row(connection: Connection, tenant: str, revision: int) -> Row[Any]:
    query = Scope(tenant).select(tables.revision).where(tables.revision.c.revision == revision)
    row = connection.execute(query).first()
    if row is None:
        raise NoSuchRevision(f"{tenant} has no revision {revision}")
    return row


def _replayed(connection: Connection, tenant: str, request_id: str, request_digest: str) -> int | None:
    if not request_id:
        return None
    for table in (tables.revision, tables.unchanged):
        query = Scope(tenant).select(table).where(table.c.request_id == request_id)
        row = connection.execute(query).first()
        if row is not None:
            break
    else:
        return None
    if row.request_digest != request_digest:
        raise RequestIdReused(f"request_id {request_id} stands for another change, revision {row.revision}")
    revision: int = row.revision
    return revision


def _insert_revision(connection: Connection, new: NewRevision, revision: int) -> None:
    contents = {_digest(content): content for content in (new.policies, new.catalog, new.agents)}
    missing = contents.keys() - _documents(connection, new.tenant, contents.keys()).keys()
    scope = Scope(new.tenant)
    scope.insert(
        connection, tables.document, [{"digest": digest, "content": contents[digest]} for digest in sorted(missing)]
    )
    row = {
        "revision": revision,
        "request_id": new.request_id or None,  # a unique column holds many NULLs, but one empty string
        "request_digest": new.request_digest,
        "policies": _digest(new.policies),
        "catalog": _digest(new.catalog),
        "agents": _digest(new.agents),
        "actor": new.actor,
        "reason": new.reason,
        "created_us": time.time_ns() // 1_000,
        "changes": json.dumps([[change.object, change.old_json, change.new_json] for change in new.changes]),
    }
    scope.insert(connection, tables.revision, [row])


def _revoke(connection: Connection, new: NewRevision, revision: int) -> None:
    """Ends a key at once. The revision then takes back what was decided for its holder."""
    key = Scope(new.tenant).update(tables.api_key).where(tables.api_key.c.key_id == new.revokes)
    connection.execute(key.values(revoked_us=time.time_ns() // 1_000))
    Scope(new.tenant).insert(connection, tables.revocation, [{"revision": revision, "key_id": new.revokes}])


def _documents(connection: Connection, tenant: str, digests: Collection[str]) -> dict[str, str]:
    columns = tables.document.c
    query = Scope(tenant).select(tables.document, columns.digest, columns.content).where(columns.digest.in_(digests))
    return {row.digest: row.content for row in connection.execute(query)}


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _stored(row: Row[Any]) -> StoredRevision:
    changes = tuple(ObjectChange(*change) for change in json.loads(row.changes))
    return StoredRevision(
        row.tenant, row.revision, row.request_id or "", row.actor, row.reason, row.created_us, changes
    )
