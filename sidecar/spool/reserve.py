"""Disk space held back for the day the disk is full."""

import contextlib
import errno
import os
from pathlib import Path


class Reserve:
    """A file of blocks that nobody uses.

    On a full disk SQLite cannot even delete, because a delete is written to the journal first. Giving these blocks back
    makes room for that.

    Attributes:
        held: whether the blocks are held now.
    """

    def __init__(self, path: Path, size: int) -> None:
        """Holds nothing yet.

        Args:
            size: bytes to hold.
        """
        self._path = path
        self._size = size
        self.held = False

    def take(self) -> bool:
        """Holds the blocks; returns False, holding nothing, where the disk has not twice as many left.

        Twice: with none left over, the next record would find the disk full again.
        """
        try:
            _allocate(self._path, self._size)
        except OSError:
            self.release()
        else:
            self.held = True
        return self.held

    def release(self) -> None:
        """Gives the blocks back to the disk."""
        self.held = False
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()


def _allocate(path: Path, size: int) -> None:
    disk = os.statvfs(path.parent)
    if not path.exists() and disk.f_bavail * disk.f_frsize < 2 * size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)
        else:
            os.pwrite(descriptor, bytes(size), 0)
    finally:
        os.close(descriptor)
