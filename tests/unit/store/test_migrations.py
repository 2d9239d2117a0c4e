"""The schema that the migrations make is the one that the code expects."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from pdp.store.errors import Unsupported
from pdp.store.migrations.upgrade import upgrade
from pdp.store.opening import open_store
from pdp.store.sqlite.database import SqliteDatabase
from pdp.store.tables import metadata


def schema(connection: Connection) -> dict[str, str]:
    """Every object's CREATE statement, with its clauses in one order."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    ours = [(name, sql) for name, sql in rows if not name.startswith(("alembic", "sqlite_"))]
    return {name: "\n".join(sorted(re.split(r",?\s*\n\s*", sql))) for name, sql in ours}


@pytest.fixture
def migrated(tmp_path: Path) -> SqliteDatabase:
    database = SqliteDatabase(tmp_path / "migrated.db")
    database.write(upgrade)
    return database


def test_migrations_and_tables_are_equal(migrated: SqliteDatabase, tmp_path: Path) -> None:
    assert migrated.read(lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)) == []
    made = SqliteDatabase(tmp_path / "made.db")
    made.write(metadata.create_all)
    assert migrated.read(schema) == made.read(schema)


def test_upgrading_again_changes_nothing(migrated: SqliteDatabase) -> None:
    before = migrated.read(schema)
    migrated.write(upgrade)
    assert migrated.read(schema) == before


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    database = SqliteDatabase(path)
    database.write(upgrade)
    database.write(
        lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'") and None
    )
    database.close()
    with pytest.raises(Unsupported, match="newer"):
        open_store(f"sqlite:///{path}")


def test_a_step_that_fails_leaves_the_schema_as_it_was(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "gatehold.db")

    def interrupted(connection: Connection) -> None:
        upgrade(connection)
        raise KeyError("stopped before the commit")

    with pytest.raises(KeyError):
        database.write(interrupted)
    assert database.read(schema) == {}
    database.write(upgrade)
    assert "record" in database.read(schema)
