"""The file that a spool is: its tables and how it is opened."""

import os
import sqlite3
from pathlib import Path

from sidecar.spool.interface import SpoolFailed, SpoolLimits

VERSION = 1
PAGE_BYTES = 4096
_HEADROOM_BYTES = 32 * 1024 * 1024
"""Deleting writes pages too, so the file may grow a little beyond what appends may fill."""

# Positions run on through all chains of the file: a record's position is its chain's `base` plus its sequence. One
# b-tree, appended at its end and deleted at its beginning, is all that the hot path touches.
_TABLES = """
CREATE TABLE spool (
    number INTEGER PRIMARY KEY, spool_id TEXT NOT NULL UNIQUE, predecessor_id TEXT NOT NULL,
    predecessor_last_sequence INTEGER NOT NULL, base INTEGER NOT NULL, acknowledged INTEGER NOT NULL DEFAULT 0);
CREATE TABLE record (
    position INTEGER PRIMARY KEY, previous_hash BLOB NOT NULL, hash BLOB NOT NULL, record BLOB NOT NULL);
CREATE TABLE agent_stream (stream_id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, touched INTEGER NOT NULL);
CREATE INDEX agent_stream_touched ON agent_stream (touched);
CREATE TABLE flush (count INTEGER NOT NULL);
INSERT INTO flush VALUES (0);
"""

# No automatic checkpoints: SQLite ignores errors of automatic checkpoints, so a failed fsync in one would go unseen.
_NEW_FILE = (f"page_size = {PAGE_BYTES}", "auto_vacuum = INCREMENTAL")
_EVERY_TIME = (
    "journal_mode = WAL",
    "wal_autocheckpoint = 0",
    f"journal_size_limit = {8 * 1024 * 1024}",
    "secure_delete = FAST",
    "temp_store = MEMORY",
    "synchronous = FULL",
)


def connect(path: Path, limits: SpoolLimits) -> sqlite3.Connection:
    """Opens the file, making it if it does not exist, for one thread at a time and one process.

    Raises:
        SpoolFailed: another version of the product wrote it.
        sqlite3.Error: it cannot be opened or is no SQLite file.
    """
    # SQLite gives its journal the mode of the file, but would make the file itself readable to others.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, limits)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, limits: SpoolLimits) -> None:
    # So that no other process's read transaction can keep the log from being checkpointed, and the log's index lives on
    # the heap: as a mapped file it would end the process with SIGBUS on a full disk.
    _set(connection, "locking_mode = EXCLUSIVE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, VERSION):
        raise SpoolFailed(f"the spool's file has layout {version}; this version of the product knows {VERSION}")
    pages = (limits.live_bytes + _HEADROOM_BYTES) // PAGE_BYTES
    _set(connection, *(() if version else _NEW_FILE), *_EVERY_TIME, f"max_page_count = {pages}")
    if not version:
        connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")


def _set(connection: sqlite3.Connection, *pragmas: str) -> None:
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").fetchall()
