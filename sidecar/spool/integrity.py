"""Whether a spool's file holds what was stored in it."""

import sqlite3
from collections.abc import Generator
from contextlib import closing

from gatehold.chain import FIRST, link
from sidecar.spool.chains import Chain, stored_chains
from sidecar.spool.faults import Damaged
from sidecar.spool.interface import SpooledRecord


def verify(connection: sqlite3.Connection) -> None:
    """Checks the file's structure and recomputes every link of every chain, in one pass over the file.

    Raises:
        Damaged: something is not as it was stored. SQLite keeps no checksums, so its own check passes a changed record.
        sqlite3.DatabaseError: the file cannot be read at all.
    """
    (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if finding != "ok":
        raise Damaged(str(finding))
    for chain in stored_chains(connection):
        for _ in stored(connection, chain, chain.acknowledged, chain.last_sequence):
            pass


def stored(connection: sqlite3.Connection, chain: Chain, after: int, last: int) -> Generator[SpooledRecord, None, None]:
    """The chain's records from the one behind `after` to `last`, in order, each checked against its links.

    Close it if it is not exhausted: an open cursor keeps the journal from being checkpointed.

    Raises:
        Damaged: a record is missing, or is not what was stored.
    """
    rows = connection.execute(
        "SELECT position, previous_hash, hash, record FROM record "
        "WHERE position > ? AND position <= ? ORDER BY position",
        (chain.base + after, chain.base + last),
    )
    before = FIRST if after == 0 else None
    sequence = after
    with closing(rows):
        for sequence, (position, previous_hash, own_hash, record) in enumerate(rows, after + 1):
            unlinked = before is not None and previous_hash != before
            if position != chain.base + sequence or unlinked or link(previous_hash, record) != own_hash:
                raise Damaged(f"record {sequence} of spool {chain.identity.spool_id} is not what was stored")
            before = own_hash
            yield SpooledRecord(chain.identity.spool_id, sequence, previous_hash, record)
    if sequence != last:
        raise Damaged(f"spool {chain.identity.spool_id} ends at record {sequence} instead of {last}")
