"""Admits one process to a database file."""

import fcntl
import os
from pathlib import Path

from pdp.store.errors import AlreadyOpen, Unavailable


class FileLock:
    """Holds `<database>.lock` until `release` or the end of the process, however it ends.

    One process is what makes its memory the head of the configuration and its leases all leases there are.

    Raises:
        AlreadyOpen: another process, or another store in this one, holds it.
        Unavailable: the lock file cannot be opened.
    """

    def __init__(self, database: Path) -> None:
        try:
            self._file = os.fdopen(os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise Unavailable(f"{database}.lock cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise AlreadyOpen(f"{database} is open in another process; one decision point serves one file") from None

    def release(self) -> None:
        """Lets another process in. The file stays: removing it would let two processes lock two files of one name."""
        self._file.close()
