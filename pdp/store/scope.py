"""The one place where statements are made, and so the one place that keeps tenants apart.

No other module of the store makes a statement; a test holds this.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Delete, Select, Table, Update, delete, func, insert, select, update


class Scope:
    """Statements that see and change the rows of one tenant only."""

    def __init__(self, tenant: str) -> None:
        self._tenant = tenant

    def select(self, table: Table, *columns: Column[Any]) -> Select[Any]:
        """Reads `columns` (all by default) of the tenant's rows."""
        return _selected(columns or tuple(table.columns)).where(table.c.tenant == self._tenant)

    def update(self, table: Table) -> Update:
        """Changes the tenant's rows."""
        return update(table).where(table.c.tenant == self._tenant)

    def delete(self, table: Table) -> Delete:
        """Removes the tenant's rows."""
        return delete(table).where(table.c.tenant == self._tenant)

    def count(self, table: Table) -> Select[Any]:
        """Counts the tenant's rows."""
        return select(func.count()).select_from(table).where(table.c.tenant == self._tenant)

    def insert(self, connection: Connection, table: Table, rows: Iterable[Mapping[str, object]]) -> None:
        """Adds rows to the tenant's."""
        stamped = [{**row, "tenant": self._tenant} for row in rows]
        if stamped:
            connection.execute(insert(table), stamped)


def every_tenant(table: Table) -> Select[Any]:
    """Reads the rows of all tenants: only to find out which tenant somebody belongs to, and what to serve at start."""
    return _selected(tuple(table.columns))


def highest(connection: Connection, counter: Column[int]) -> int:
    """The highest value of a counter that all tenants share, 0 where there is none yet."""
    return connection.execute(select(func.max(counter))).scalar_one() or 0


@cache
def _selected(columns: tuple[Column[Any], ...]) -> Select[Any]:
    """Made once for each set of columns: making it costs more than SQLite takes to run it."""
    return select(*columns)
