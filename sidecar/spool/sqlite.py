"""The spool in one SQLite file."""

from pathlib import Path

from sidecar.spool.fatal import Fatal, exit_at_once
from sidecar.spool.interface import Spool, SpoolLimits


async def open_spool(directory: Path, limits: SpoolLimits | None = None, fatal: Fatal = exit_at_once) -> Spool:
    """Opens the spool of this start: what earlier starts left behind is still in it.

    Args:
        directory: made with mode 0700 if it does not exist. One process at a time owns it.
        limits: defaults to `SpoolLimits()`.
        fatal: called in the spool's thread when the disk fails to write; must end the process.

    Raises:
        SpoolBusy: another process owns the directory.
        SpoolFull: there is no room even to begin.
        SpoolFailed: the file was written by a version of the product that this one does not know.
        OSError: the directory cannot be used.
    """
    raise NotImplementedError
