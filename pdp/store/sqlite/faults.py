"""What SQLite's errors mean to those who wait for a commit. Codes: https://www.sqlite.org/rescode.html."""

import os
import sqlite3
import sys
from collections.abc import Callable
from typing import NoReturn

from sqlalchemy.exc import DBAPIError

_PRIMARY = 0xFF
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FSYNC_FAILED = {sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC}

EXIT_STORAGE = 74
"""Exit status after a failed fsync: EX_IOERR of sysexits.h."""

Exit = Callable[[str], NoReturn]


def exit_at_once(message: str) -> NoReturn:
    """Ends the process without running anything more, because whatever runs on could call fsync again."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()
    os._exit(EXIT_STORAGE)


def is_busy(error: DBAPIError) -> bool:
    """Whether another connection stood in the way, so that trying again can help."""
    return _code(error) & _PRIMARY in _BUSY


def is_failed_fsync(error: DBAPIError) -> bool:
    """Whether an fsync failed.

    The kernel may have dropped the pages that it could not write and marked them clean, so that a second fsync succeeds
    though nothing was stored (https://wiki.postgresql.org/wiki/Fsync_Errors).
    """
    return _code(error) in _FSYNC_FAILED


def _code(error: DBAPIError) -> int:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code if isinstance(code, int) else sqlite3.SQLITE_ERROR
