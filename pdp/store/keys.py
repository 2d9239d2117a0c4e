"""API keys, and the networks that credentials may be used from."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from pdp.store import tables
from pdp.store.database import Database
from pdp.store.errors import KeyExists
from pdp.store.model import LogEntry, StoredKey, StoredRecord
from pdp.store.records import append_entries
from pdp.store.scope import Scope, every_tenant


class KeyTables:
    """`KeyStore` on the tables api_key and allow_list."""

    _database: Database

    def add_key(self, key: StoredKey, entries: Sequence[LogEntry] = ()) -> tuple[StoredRecord, ...]:
        """Adds a key."""

        def change(connection: Connection) -> tuple[StoredRecord, ...]:
            # Over all tenants: a key is found by its id before its tenant is known.
            known = every_tenant(tables.api_key).where(tables.api_key.c.key_id == key.key_id)
            if connection.execute(known).first():
                raise KeyExists(f"there is a key {key.key_id}")
            Scope(key.tenant).insert(connection, tables.api_key, [_row(key)])
            return append_entries(connection, entries)

        return self._database.write(change)

    def keys(self) -> list[StoredKey]:
        """All keys of all tenants, by creation."""
        columns = tables.api_key.c
        query = every_tenant(tables.api_key).order_by(columns.created_us, columns.key_id)
        return [_key(row) for row in self._database.read(lambda connection: connection.execute(query).all())]

    def allow_lists(self) -> dict[str, tuple[str, ...]]:
        """The networks of every tenant that has any."""
        rows = self._database.read(lambda connection: connection.execute(every_tenant(tables.allow_list)).all())
        return {row.tenant: tuple(json.loads(row.networks)) for row in rows}

    def put_allow_list(
        self, tenant: str, networks: Sequence[str], entries: Sequence[LogEntry]
    ) -> tuple[StoredRecord, ...]:
        """Sets the tenant's networks."""

        def change(connection: Connection) -> tuple[StoredRecord, ...]:
            connection.execute(Scope(tenant).delete(tables.allow_list))
            if networks:
                Scope(tenant).insert(connection, tables.allow_list, [{"networks": json.dumps(networks)}])
            return append_entries(connection, entries)

        return self._database.write(change)


def _row(key: StoredKey) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "digest": key.digest,
        "role": key.role,
        "principal": key.principal,
        "agents": json.dumps(key.agents),
        "groups": json.dumps(key.groups),
        "created_us": key.created_us,
        "expires_us": key.expires_us,
        "revoked_us": key.revoked_us,
    }


def _key(row: Row[Any]) -> StoredKey:
    return StoredKey(
        key_id=row.key_id,
        tenant=row.tenant,
        digest=row.digest,
        role=row.role,
        principal=row.principal,
        agents=tuple(json.loads(row.agents)),
        groups=tuple(json.loads(row.groups)),
        created_us=row.created_us,
        expires_us=row.expires_us,
        revoked_us=row.revoked_us,
    )
