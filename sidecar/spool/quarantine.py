"""What becomes of a spool's file that cannot be trusted: it is kept, and the record says so."""

import sqlite3
import uuid
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from gatehold.records import now
from gatehold.v1.audit_record_pb2 import AlarmDetail, AuditRecord, RecordKind

_PARTS = ("", "-wal", "-shm")


def put_aside(path: Path) -> Path:
    """Renames the file and its journal to `spool.corrupt-<UTC time>.db`, for a person to look into."""
    aside = path.with_name(f"spool.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.db")
    for part in _PARTS:
        source = path.with_name(path.name + part)
        if source.exists():
            source.rename(aside.with_name(aside.name + part))
    return aside


def last_put_aside(directory: Path) -> Path | None:
    """The file that was put aside last, if any was."""
    return max(directory.glob("spool.corrupt-*.db"), default=None)


def alarm(aside: Path) -> AuditRecord:
    """The record of a quarantine, without its place in a chain."""
    return AuditRecord(
        record_id=str(uuid.uuid4()),
        record_time=now(),
        kind=RecordKind.RECORD_KIND_ALARM,
        alarm=AlarmDetail(
            type="quarantined_spool",
            spool_id=_newest_chain(aside),
            message=f"The sidecar's spool was damaged and is kept as {aside.name}; its records may be missing.",
        ),
    )


def _newest_chain(aside: Path) -> str:
    """Id of the newest chain in the file, empty where it cannot be read any more. Changes nothing in the file."""
    try:
        with closing(sqlite3.connect(f"{aside.resolve().as_uri()}?immutable=1", uri=True)) as connection:
            row = connection.execute("SELECT spool_id FROM spool ORDER BY number DESC LIMIT 1").fetchone()
    except sqlite3.Error:
        return ""
    return row[0] if row and isinstance(row[0], str) else ""
