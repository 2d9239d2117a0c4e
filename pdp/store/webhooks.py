"""Each tenant's webhook, and the messages that it has not taken yet."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from pdp.store import tables
from pdp.store.approval import Message
from pdp.store.database import Database
from pdp.store.model import Delivery, LogEntry, StoredRecord, Webhook
from pdp.store.records import append_entries
from pdp.store.scope import Scope

MOST_WAITING = 10_000
"""Messages of one tenant that are kept for a webhook that takes none; the record has all of them in any case."""


class WebhookTables:
    """`WebhookStore` on the tables webhook and delivery."""

    _database: Database

    def webhook(self, tenant: str) -> Webhook | None:
        """The tenant's webhook."""
        return self._database.read(lambda connection: _webhook(connection, tenant))

    def put_webhook(
        self, tenant: str, url: str, sealed: bytes, entries: Sequence[LogEntry]
    ) -> tuple[StoredRecord, ...]:
        """Sets it, in the place of the one there is. What waits goes to the new one."""
        row = {"url": url, "sealed": sealed, "created_us": self._database.now_us(), "last_error": ""}

        def change(connection: Connection) -> tuple[StoredRecord, ...]:
            connection.execute(Scope(tenant).delete(tables.webhook))
            Scope(tenant).insert(connection, tables.webhook, [row])
            # How the one before failed says nothing of this one.
            connection.execute(Scope(tenant).update(tables.delivery).values(due_us=row["created_us"], attempts=0))
            return append_entries(connection, entries)

        return self._database.write(change)

    def delete_webhook(self, tenant: str, entries: Sequence[LogEntry]) -> tuple[StoredRecord, ...]:
        """Removes it, with all messages that wait."""

        def change(connection: Connection) -> tuple[StoredRecord, ...]:
            for table in (tables.delivery, tables.webhook):
                connection.execute(Scope(tenant).delete(table))
            return append_entries(connection, entries)

        return self._database.write(change)

    def due_deliveries(self, tenant: str, limit: int) -> list[Delivery]:
        """Messages whose next attempt is due, in order."""
        columns = tables.delivery.c
        query = Scope(tenant).select(tables.delivery).where(columns.due_us <= self._database.now_us())
        query = query.order_by(columns.number).limit(limit)
        return [_delivery(row) for row in self._database.read(lambda connection: connection.execute(query).all())]

    def delivered(self, tenant: str, message_id: str) -> None:
        """Forgets a message that was taken."""
        columns = tables.delivery.c

        def change(connection: Connection) -> None:
            connection.execute(Scope(tenant).delete(tables.delivery).where(columns.message_id == message_id))
            _note_attempt(connection, tenant, "", self._database.now_us())

        self._database.write(change)

    def not_delivered(self, tenant: str, message_id: str, wait_us: int | None, error: str) -> None:
        """Notes an attempt that failed."""
        now_us, columns = self._database.now_us(), tables.delivery.c

        def change(connection: Connection) -> None:
            where = columns.message_id == message_id
            if wait_us is None:
                connection.execute(Scope(tenant).delete(tables.delivery).where(where))
            else:
                later = Scope(tenant).update(tables.delivery).where(where)
                connection.execute(later.values(attempts=columns.attempts + 1, due_us=now_us + wait_us))
            _note_attempt(connection, tenant, error, now_us)

        self._database.write(change)


def put_messages(connection: Connection, tenant: str, messages: Sequence[Message], now_us: int) -> None:
    """Adds messages inside the transaction of what they tell of; none where the tenant has no webhook."""
    if not messages or _webhook(connection, tenant) is None:
        return
    rows = [
        {"message_id": one.message_id, "body": one.body, "created_us": now_us, "attempts": 0, "due_us": now_us}
        for one in messages
    ]
    waiting = connection.execute(Scope(tenant).count(tables.delivery)).scalar_one()
    Scope(tenant).insert(connection, tables.delivery, rows[: max(0, MOST_WAITING - waiting)])


def _note_attempt(connection: Connection, tenant: str, error: str, now_us: int) -> None:
    connection.execute(Scope(tenant).update(tables.webhook).values(last_attempt_us=now_us, last_error=error))


def _webhook(connection: Connection, tenant: str) -> Webhook | None:
    row = connection.execute(Scope(tenant).select(tables.webhook)).first()
    if row is None:
        return None
    waiting = connection.execute(Scope(tenant).count(tables.delivery)).scalar_one()
    return Webhook(**row._mapping, waiting=waiting)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(row.tenant, row.message_id, row.body, row.created_us, row.attempts)
