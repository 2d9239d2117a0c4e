"""How a start takes over the directory: alone, from what earlier starts left, and never from a file it cannot trust."""

import fcntl
import os
import sqlite3
from pathlib import Path

import structlog

from gatehold.records import stamp
from sidecar.private import exposure
from sidecar.spool.chains import begin_chain
from sidecar.spool.faults import is_damage, is_full
from sidecar.spool.integrity import verify
from sidecar.spool.interface import SpoolBusy, SpoolLimits
from sidecar.spool.journal import Journal
from sidecar.spool.ledger import Ledger
from sidecar.spool.quarantine import alarm, last_put_aside, put_aside
from sidecar.spool.reserve import Reserve
from sidecar.spool.schema import connect

_FILE = "spool.db"


def own_directory(directory: Path) -> int:
    """Makes the directory private to this user and locks it for this process.

    Returns:
        The descriptor that holds the lock; closing it gives the directory up.

    Raises:
        SpoolBusy: another process owns it.
        OSError: it is not this user's, or others could write to it.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if problem := exposure(directory.stat()):
        raise PermissionError(f"{directory} {problem}, so what is in it may not be what a sidecar left")
    directory.chmod(0o700)
    descriptor = os.open(directory / "spool.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise SpoolBusy(f"{directory} is in use by another process") from error
    return descriptor


def open_ledger(directory: Path, limits: SpoolLimits) -> Ledger:
    """Opens the file and begins this start's chain. A damaged file is put aside, and the new one says so first of all.

    Raises:
        SpoolFailed: another version of the product wrote the file.
        sqlite3.Error: the disk is full, even without the reserve, or it fails.
    """
    reserve = Reserve(directory / "spool.reserve", limits.reserve_bytes)
    reserve.take()
    try:
        return _open(directory / _FILE, reserve, limits)
    except sqlite3.Error as error:
        if not is_full(error):
            raise
    reserve.release()
    return _open(directory / _FILE, reserve, limits)


def _open(path: Path, reserve: Reserve, limits: SpoolLimits) -> Ledger:
    try:
        connection = _verified(path, limits)
    except Exception as error:
        if not is_damage(error):
            raise
        aside = put_aside(path)
        structlog.get_logger().critical("spool_quarantined", file=str(aside), reason=str(error))
        connection = _verified(path, limits)
    try:
        return _begin(connection, last_put_aside(path.parent), reserve, limits)
    except BaseException:
        connection.close()
        raise


def _verified(path: Path, limits: SpoolLimits) -> sqlite3.Connection:
    connection = connect(path, limits)
    try:
        verify(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: sqlite3.Connection, aside: Path | None, reserve: Reserve, limits: SpoolLimits) -> Ledger:
    """Begins the chain, and makes what earlier starts only wrote durable: it is shipped from now on."""
    journal = Journal(connection)
    with journal.transaction(durable=True):
        chains = begin_chain(connection)
        ledger = Ledger(connection, journal, chains, reserve, limits)
        # Told from an empty file beside one put aside, not from having just done it: a start that died in between must
        # not lose the alarm.
        if aside is not None and chains[-1].base == 0:
            ledger.add(stamp(alarm(aside), ledger.identity.spool_id, 1))
    journal.checkpoint(truncate=True)
    ledger.flush()
    return ledger
