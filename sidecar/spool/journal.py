"""Transactions, and when what they wrote reaches the disk itself."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sidecar.spool.faults import is_disk_failure
from sidecar.spool.schema import PAGE_BYTES

_LARGE_BYTES = 4 * 1024 * 1024
"""Half the reserve: on a full disk the whole journal must still fit into the file."""


class Journal:
    """SQLite's write-ahead log (https://sqlite.org/wal.html).

    With `synchronous = NORMAL` a commit is written to the log, which the operating system then holds: it survives the
    end of the process, not of the power. With FULL the commit also fsyncs the log, and with it every commit before.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._full = True
        self._written = 0

    @property
    def large(self) -> bool:
        """Whether the log has grown so far that it should be moved into the file. An estimate, on the safe side."""
        return self._written > _LARGE_BYTES

    def wrote(self, size: int) -> None:
        """Counts bytes of content written in a transaction."""
        self._written += size

    @contextmanager
    def transaction(self, *, durable: bool) -> Iterator[None]:
        """Commits what is done inside, or on any exception nothing of it; with `durable` and all before it, fsync'd."""
        self._synchronous(full=durable)
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            if durable:
                # A commit that changes no page fsyncs nothing, and an update to the same value changes none.
                self._connection.execute("UPDATE flush SET count = count + 1")
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction and not is_disk_failure(error):
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self._written += 2 * PAGE_BYTES

    def checkpoint(self, *, truncate: bool = False) -> None:
        """Fsyncs the log and moves it into the file. Its blocks are kept for what comes next, unless `truncate`."""
        self._connection.execute(f"PRAGMA wal_checkpoint({'TRUNCATE' if truncate else 'PASSIVE'})").fetchall()
        self._written = 0

    def shrink(self, pages: int) -> None:
        """Takes at most this many free pages off the end of the file, in a transaction of its own."""
        self._synchronous(full=False)
        # `execute` would run only the first of the statement's steps, which are one for each page.
        self._connection.executescript(f"PRAGMA incremental_vacuum({pages})")
        self._written += 2 * pages * PAGE_BYTES

    def _synchronous(self, *, full: bool) -> None:
        if full != self._full:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            self._full = full
