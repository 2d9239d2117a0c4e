"""What SQLite's errors mean for a spool."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sidecar.spool.interface import SpoolBusy, SpoolFailed, SpoolFull

_PRIMARY = 0xFF
"""The low byte of an extended result code (https://sqlite.org/rescode.html)."""


class Damaged(Exception):
    """The file does not hold what was stored in it."""


def is_full(error: BaseException) -> bool:
    """The disk, or the file under its `max_page_count`, has no room. The transaction is undone; the file is sound."""
    return _primary(error) == sqlite3.SQLITE_FULL


@contextmanager
def suppress_full() -> Iterator[None]:
    """Goes on where there is no room, for work that can wait until there is."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if not is_full(error):
            raise


def is_disk_failure(error: BaseException) -> bool:
    """The disk failed to read, write or fsync: what it holds is unknown."""
    return _primary(error) == sqlite3.SQLITE_IOERR


def is_damage(error: BaseException) -> bool:
    """The file is not a spool's, or not any more."""
    return isinstance(error, Damaged) or _primary(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def refusal(error: Exception) -> Exception:
    """The spool's own error that stands for `error`: whatever is not known to be harmless is a failure of the spool."""
    if is_full(error):
        return SpoolFull("there is no room on the disk for another record")
    if _primary(error) == sqlite3.SQLITE_BUSY:
        return SpoolBusy("another process has the spool's file open")
    return SpoolFailed(f"the spool failed: {error}")


def _primary(error: BaseException) -> int:
    code = getattr(error, "sqlite_errorcode", None)
    return code & _PRIMARY if isinstance(code, int) else -1
