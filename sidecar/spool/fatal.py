"""The end of a process whose disk lied to it."""

import os
from collections.abc import Callable

import structlog

Fatal = Callable[[str], None]
"""Ends the process; given the reason. The spool stores nothing more even where it returns."""

EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h."""


def exit_at_once(reason: str) -> None:
    """Ends the process without cleaning up.

    After a failed fsync the kernel may have dropped the pages it could not write, and the next fsync succeeds without
    them (https://wiki.postgresql.org/wiki/Fsync_Errors). Only a process that reads the disk anew knows what is on it.
    """
    try:
        structlog.get_logger().critical("spool_storage_failed", reason=reason)
    finally:
        os._exit(EXIT_CODE)  # the log may be on the same disk
