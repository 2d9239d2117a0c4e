"""Whether a commit works."""

from sqlalchemy import Connection

from pdp.store import tables
from pdp.store.database import Database
from pdp.store.scope import Scope


class ProbeTable:
    """`Store.probe` on the table probe."""

    _database: Database

    def probe(self, tenant: str) -> None:
        """Writes and commits something of no meaning."""
        scope, count = Scope(tenant), tables.probe.c.count

        def change(connection: Connection) -> None:
            if connection.execute(scope.update(tables.probe).values(count=count + 1)).rowcount == 0:
                scope.insert(connection, tables.probe, [{"count": 1}])

        self._database.write(change)
