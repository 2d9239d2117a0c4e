"""Spools and streams: whose chain is stored how far."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, Select, Update

from gatehold import chain
from pdp.store import tables
from pdp.store.database import Database
from pdp.store.model import AlarmKey, Spool, SpoolOpening, StreamPosition
from pdp.store.scope import Scope

_COLUMNS = tuple(column for column in tables.spool.columns if column.name != "ordinal")


class SpoolTables:
    """The part of `RecordStore` that is on the tables spool, stream and alarm."""

    _database: Database

    def open_spool(self, opening: SpoolOpening) -> Spool:
        """Makes the spool known, and its predecessor where none was set."""

        def change(connection: Connection) -> Spool:
            spool = _known(connection, opening)
            if spool.predecessor_id is not None or opening.predecessor_id is None or not _same_writer(spool, opening):
                return spool
            return _update(
                connection,
                spool,
                predecessor_id=opening.predecessor_id,
                predecessor_last_sequence=opening.predecessor_last_sequence,
            )

        return self._database.write(change)

    def report_spool(self, tenant: str, spool_id: str, sidecar: str, agent: str, last_sequence: int) -> Spool:
        """Raises `reported_sequence`, never lowers it."""
        opening = SpoolOpening(tenant, spool_id, sidecar, agent)

        def change(connection: Connection) -> Spool:
            spool = _known(connection, opening)
            if last_sequence <= spool.reported_sequence or not _same_writer(spool, opening):
                return spool
            return _update(connection, spool, reported_sequence=last_sequence)

        return self._database.write(change)

    def spool(self, tenant: str, spool_id: str) -> Spool | None:
        """What is stored of a spool."""
        return self._database.read(lambda connection: find_spool(connection, tenant, spool_id))

    def latest_spool(self, tenant: str, sidecar: str, agent: str) -> Spool | None:
        """The spool that became known last of that sidecar and agent."""
        columns = tables.spool.c
        query = _spools(tenant).where(columns.sidecar == sidecar, columns.agent == agent)
        return self._database.read(_first(query.order_by(columns.ordinal.desc()).limit(1)))

    def behind_spools(self, tenant: str) -> list[Spool]:
        """Spools of which more was reported than is stored."""
        columns = tables.spool.c
        query = _spools(tenant).where(columns.reported_sequence > columns.committed_sequence).order_by(columns.ordinal)
        return [_spool(row) for row in self._database.read(lambda connection: connection.execute(query).all())]

    def stream_position(self, tenant: str, agent: str, stream_id: str) -> int:
        """Last stored sequence of an agent's stream, 0 for an unknown one."""
        columns = tables.stream.c
        query = Scope(tenant).select(tables.stream).where(columns.agent == agent, columns.stream_id == stream_id)
        row = self._database.read(lambda connection: connection.execute(query).first())
        return row.last_sequence if row else 0

    def alarmed(self, key: AlarmKey) -> bool:
        """Whether that alarm is on the record."""
        columns = tables.alarm.c
        query = (
            Scope(key.tenant)
            .select(tables.alarm)
            .where(
                columns.spool_id == key.spool_id,
                columns.type == key.type,
                columns.first_sequence == key.first_sequence,
            )
        )
        return self._database.read(lambda connection: connection.execute(query).first()) is not None


def find_spool(connection: Connection, tenant: str, spool_id: str) -> Spool | None:
    """What is stored of a spool, inside a transaction."""
    return _first(_spools(tenant).where(tables.spool.c.spool_id == spool_id))(connection)


def advance_spool(connection: Connection, spool: Spool, committed_sequence: int, next_hash: bytes) -> None:
    """Notes how far the spool is stored now."""
    connection.execute(_changed(spool).values(committed_sequence=committed_sequence, next_hash=next_hash))


def put_position(connection: Connection, position: StreamPosition) -> None:
    """Notes how far an agent's stream is stored now."""
    scope, columns = Scope(position.tenant), tables.stream.c
    moved = scope.update(tables.stream).where(columns.agent == position.agent, columns.stream_id == position.stream_id)
    if connection.execute(moved.values(last_sequence=position.last_sequence)).rowcount == 0:
        row = {"agent": position.agent, "stream_id": position.stream_id, "last_sequence": position.last_sequence}
        scope.insert(connection, tables.stream, [row])


def put_alarm(connection: Connection, key: AlarmKey) -> None:
    """Notes that the alarm is on the record."""
    row = {"spool_id": key.spool_id, "type": key.type, "first_sequence": key.first_sequence}
    Scope(key.tenant).insert(connection, tables.alarm, [row])


def _known(connection: Connection, opening: SpoolOpening) -> Spool:
    spool = find_spool(connection, opening.tenant, opening.spool_id)
    if spool:
        return spool
    row = {
        "spool_id": opening.spool_id,
        "sidecar": opening.sidecar,
        "agent": opening.agent,
        "predecessor_id": opening.predecessor_id,
        "predecessor_last_sequence": opening.predecessor_last_sequence,
        "committed_sequence": 0,
        "next_hash": chain.FIRST,
        "reported_sequence": 0,
    }
    Scope(opening.tenant).insert(connection, tables.spool, [row])
    return _spool_of(connection, opening.tenant, opening.spool_id)


def _update(connection: Connection, spool: Spool, **values: object) -> Spool:
    connection.execute(_changed(spool).values(**values))
    return _spool_of(connection, spool.tenant, spool.spool_id)


def _changed(spool: Spool) -> Update:
    return Scope(spool.tenant).update(tables.spool).where(tables.spool.c.spool_id == spool.spool_id)


def _spool_of(connection: Connection, tenant: str, spool_id: str) -> Spool:
    spool = find_spool(connection, tenant, spool_id)
    assert spool is not None
    return spool


def _same_writer(spool: Spool, opening: SpoolOpening) -> bool:
    return (spool.sidecar, spool.agent) == (opening.sidecar, opening.agent)


def _spools(tenant: str) -> Select[Any]:
    return Scope(tenant).select(tables.spool, *_COLUMNS)


def _first(query: Select[Any]) -> Callable[[Connection], Spool | None]:
    def read(connection: Connection) -> Spool | None:
        row = connection.execute(query).first()
        return _spool(row) if row else None

    return read


def _spool(row: Row[Any]) -> Spool:
    return Spool(**row._mapping)
