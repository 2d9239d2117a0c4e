"""Opens the store that a URL names."""

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from gatehold.invalid import InvalidInput
from pdp.store.interface import Store
from pdp.store.migrations.upgrade import upgrade
from pdp.store.sql import SqlStore
from pdp.store.sqlite.database import SqliteDatabase
from pdp.store.sqlite.faults import Exit, exit_at_once

_FORM = "sqlite:///PATH"


def open_store(url: str, on_failed_fsync: Exit = exit_at_once) -> Store:
    """Opens the database, alone, and brings its schema up to date.

    Args:
        url: `sqlite:///relative/path` or `sqlite:////absolute/path`.
        on_failed_fsync: called with a sentence instead of carrying on after an fsync has failed; must not return.

    Raises:
        InvalidInput: the URL is not of that form.
        AlreadyOpen: another process has the database open.
        Unsupported: the database was written by a newer release, or cannot be served.
        Unavailable: it cannot be read or written.
    """
    database = SqliteDatabase(_path(url), on_failed_fsync)
    try:
        database.write(upgrade)
    except BaseException:
        database.close()
        raise
    return SqlStore(database)


def _path(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InvalidInput("database", f"is not a URL of the form {_FORM}") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        raise InvalidInput("database", f"PostgreSQL is not served by this release; use {_FORM}")
    if backend != "sqlite" or parsed.host or parsed.query or parsed.database in (None, "", ":memory:"):
        raise InvalidInput("database", f"must be of the form {_FORM}")
    return Path(parsed.database or "")
