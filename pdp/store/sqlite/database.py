"""Transactions on one SQLite file that this process alone has open."""

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from pdp.store.errors import StoreError, Unavailable, Unsupported
from pdp.store.sqlite.clock import DatabaseClock
from pdp.store.sqlite.faults import Exit, exit_at_once, is_busy, is_failed_fsync
from pdp.store.sqlite.file_lock import FileLock

T = TypeVar("T")

_ATTEMPTS = 3
_PRAGMAS = (
    "PRAGMA busy_timeout = 500",  # milliseconds, for each attempt
    "PRAGMA synchronous = FULL",  # in WAL mode NORMAL would lose the last commits at a power failure
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
)


class SqliteDatabase:
    """One file in WAL mode, readable by its owner alone.

    Args:
        path: the database file; made where it does not exist.
        on_failed_fsync: called instead of carrying on after an fsync has failed; must not return.
        clock: makes the database's clock from its path.

    Raises:
        AlreadyOpen: another process has it open.
        Unavailable: it, or its lock, cannot be made or read.
        Unsupported: its file system cannot hold a WAL.
    """

    def __init__(
        self,
        path: Path,
        on_failed_fsync: Exit = exit_at_once,
        clock: Callable[[Path], DatabaseClock] = DatabaseClock,
    ) -> None:
        path = path.resolve()  # two names of one file must meet in one lock
        self._exit = on_failed_fsync
        # SQLite would admit one writer too, but has the others poll, and fails the one that polled for too long.
        self._writing = threading.Lock()
        self._closed = False
        self._lock = FileLock(path)
        try:
            _make_private(path)
            self._engine = _engine(path)
            self._guarded(self._enter_wal)
            self._clock = _clock(clock, path)
        except BaseException:
            self._lock.release()
            raise

    def read(self, query: Callable[[Connection], T]) -> T:
        """Runs `query` on one consistent snapshot, and lets go of it."""
        return self._guarded(lambda: self._transact(query, "BEGIN"))

    def write(self, change: Callable[[Connection], T]) -> T:
        """Runs `change` as the only writer and commits durably, or changes nothing."""
        with self._writing:
            return self._guarded(lambda: self._transact(change, "BEGIN IMMEDIATE"))

    def now_us(self) -> int:
        """The database's clock."""
        return self._clock.now_us()

    def close(self) -> None:
        """Ends all connections, which folds the WAL into the file, and lets another process in."""
        with self._writing:
            self._closed = True
            self._engine.dispose()
            with suppress(OSError):  # a full disk; it stands where the start left it
                self._clock.remember()
            self._lock.release()

    def _transact(self, work: Callable[[Connection], T], begin: str) -> T:
        with self._engine.connect() as connection, connection.execution_options(begin=begin).begin():
            return work(connection)

    def _enter_wal(self) -> None:
        with self._engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            mode = driver.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise Unsupported(f"the file system of {self._engine.url.database} cannot hold SQLite's write-ahead log")

    def _guarded(self, work: Callable[[], T]) -> T:
        if self._closed:  # a new connection would work, but no longer alone
            raise Unavailable("the database is closed")
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return work()
            except IntegrityError as error:
                raise StoreError(f"the database refused a row: {error.orig}") from error
            except DBAPIError as error:
                if is_failed_fsync(error):
                    self._die(error)
                if not is_busy(error) or attempt == _ATTEMPTS:
                    raise Unavailable(f"the database cannot serve now: {error.orig}") from error
            except (SQLAlchemyError, sqlite3.Error) as error:
                raise Unavailable(f"the database cannot serve now: {error}") from error
        raise AssertionError("unreachable")

    def _die(self, error: DBAPIError) -> NoReturn:
        self._exit(f"fsync of {self._engine.url.database} failed, and nothing can be known to be stored: {error.orig}")
        raise AssertionError("carried on after a failed fsync")


def _clock(make: Callable[[Path], DatabaseClock], path: Path) -> DatabaseClock:
    try:
        return make(path)
    except OSError as error:
        raise Unavailable(f"{path}.clock cannot be written: {error.strerror}") from error


def _make_private(path: Path) -> None:
    """SQLite gives its WAL and shared-memory files the permissions of the database file."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)  # else a power failure could take the whole new file
        finally:
            os.close(directory)
    except OSError as error:
        raise Unavailable(f"{path} cannot be opened: {error.strerror}") from error


def _engine(path: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)))

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver would otherwise begin transactions of its own, and late
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options()["begin"])

    return engine
