"""The record itself: appended once, in order of each spool, and read newest first."""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row

from gatehold import chain
from gatehold.vocabulary import Decision, RecordKind
from pdp.store import tables
from pdp.store.errors import NotContiguous
from pdp.store.model import AlarmKey, LogEntry, RecordFilter, StoredRecord, StreamPosition
from pdp.store.scope import Scope, highest
from pdp.store.spools import SpoolTables, advance_spool, find_spool, put_alarm, put_position

_by_spool = attrgetter("tenant", "spool_id")
_by_owner = attrgetter("entry.tenant")


class RecordTables(SpoolTables):
    """`RecordStore` on the tables record, spool, stream and alarm."""

    def append(
        self,
        entries: Sequence[LogEntry],
        streams: Sequence[StreamPosition] = (),
        alarms: Sequence[AlarmKey] = (),
    ) -> tuple[StoredRecord, ...]:
        """Stores entries, the stream positions they bring about and the alarms they raise."""

        def change(connection: Connection) -> tuple[StoredRecord, ...]:
            for position in streams:
                put_position(connection, position)
            for key in alarms:
                put_alarm(connection, key)
            return append_entries(connection, entries)

        return self._database.write(change)

    def spool_entries(self, tenant: str, spool_id: str, sequences: Collection[int]) -> list[LogEntry]:
        """The stored ones among these entries of a spool, in order."""
        columns = tables.record.c
        query = (
            Scope(tenant)
            .select(tables.record)
            .where(columns.spool_id == spool_id, columns.sequence.in_(sequences))
            .order_by(columns.sequence)
        )
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return [_stored(row).entry for row in rows]

    def records(self, tenant: str, where: RecordFilter, before: int | None, limit: int) -> list[StoredRecord]:
        """Records at positions below `before`, newest first."""
        columns = tables.record.c
        query = Scope(tenant).select(tables.record).order_by(columns.position.desc()).limit(limit)
        for column, wanted in (
            (columns.agent, where.agent),
            (columns.verb, where.verb),
            (columns.kind, where.kind),
            (columns.decision, where.decision),
        ):
            if wanted is not None:
                query = query.where(column == str(wanted))
        if where.since_us is not None:
            query = query.where(columns.time_us >= where.since_us)
        if where.until_us is not None:
            query = query.where(columns.time_us < where.until_us)
        if before is not None:
            query = query.where(columns.position < before)
        return [_stored(row) for row in self._database.read(lambda connection: connection.execute(query).all())]


def append_entries(connection: Connection, entries: Sequence[LogEntry]) -> tuple[StoredRecord, ...]:
    """Stores entries inside a transaction, each as the next of its spool.

    Positions are counted here, under the single writer, so they follow the order of commits: whoever has seen one has
    seen, or can list, all below it.
    """
    for (tenant, spool_id), of_spool in groupby(sorted(entries, key=_by_spool), key=_by_spool):
        _advance(connection, tenant, spool_id, of_spool)
    after = highest(connection, tables.record.c.position)
    stored = tuple(StoredRecord(position, entry) for position, entry in enumerate(entries, start=after + 1))
    for tenant, of_tenant in groupby(sorted(stored, key=_by_owner), key=_by_owner):
        Scope(tenant).insert(connection, tables.record, [_record_row(record) for record in of_tenant])
    return stored


def _advance(connection: Connection, tenant: str, spool_id: str, entries: Iterable[LogEntry]) -> None:
    spool = find_spool(connection, tenant, spool_id)
    if spool is None:
        raise NotContiguous(f"spool {spool_id} of {tenant} was never opened")
    sequence, next_hash = spool.committed_sequence, spool.next_hash
    for entry in entries:
        if (entry.sequence, entry.previous_hash) != (sequence + 1, next_hash):
            raise NotContiguous(f"sequence {entry.sequence} does not follow {sequence} in spool {spool_id} of {tenant}")
        sequence, next_hash = entry.sequence, chain.link(entry.previous_hash, entry.body)
    advance_spool(connection, spool, sequence, next_hash)


def _record_row(stored: StoredRecord) -> dict[str, object]:
    entry = stored.entry
    return {
        "position": stored.position,
        "spool_id": entry.spool_id,
        "sequence": entry.sequence,
        "previous_hash": entry.previous_hash,
        "record_id": entry.record_id,
        "time_us": entry.time_us,
        "kind": entry.kind.value,
        "agent": entry.agent,
        "verb": entry.verb,
        "decision": entry.decision.value if entry.decision else None,
        "body": entry.body,
    }


def _stored(row: Row[Any]) -> StoredRecord:
    entry = LogEntry(
        record_id=row.record_id,
        tenant=row.tenant,
        spool_id=row.spool_id,
        sequence=row.sequence,
        previous_hash=row.previous_hash,
        time_us=row.time_us,
        kind=RecordKind(row.kind),
        agent=row.agent,
        verb=row.verb,
        decision=Decision(row.decision) if row.decision else None,
        body=row.body,
    )
    return StoredRecord(row.position, entry)
