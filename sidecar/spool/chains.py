"""The chains of records that one file holds: the one being written, and earlier ones not yet shipped."""

import sqlite3
import uuid
from dataclasses import dataclass

from sidecar.spool.interface import SpoolIdentity


@dataclass(slots=True)
class Chain:
    """One chain.

    Attributes:
        number: its place among the chains, by age.
        base: position that its sequence 0 would have.
        acknowledged: sequence up to which the decision point has committed it; those records are deleted.
        last_sequence: its last stored record; 0 before the first.
    """

    number: int
    identity: SpoolIdentity
    base: int
    acknowledged: int
    last_sequence: int

    @property
    def shipped(self) -> bool:
        return self.acknowledged == self.last_sequence


def stored_chains(connection: sqlite3.Connection) -> list[Chain]:
    """The chains in the file, oldest first. A chain ends at the next one's base; the newest, at the last record."""
    rows = connection.execute(
        "SELECT number, spool_id, predecessor_id, predecessor_last_sequence, base, acknowledged "
        "FROM spool ORDER BY number"
    ).fetchall()
    (last_position,) = connection.execute("SELECT coalesce(max(position), 0) FROM record").fetchone()
    ends = [*(row[4] for row in rows[1:]), last_position]
    return [
        Chain(number, SpoolIdentity(*identity), base, acknowledged, max(acknowledged, end - base))
        for (number, *identity, base, acknowledged), end in zip(rows, ends, strict=False)
    ]


def begin_chain(connection: sqlite3.Connection) -> list[Chain]:
    """Adds this start's chain and forgets those that nobody needs; call within a transaction.

    A chain that never held a record has none to miss, so its successor names its predecessor instead: otherwise every
    start without a record would leave a chain behind.

    Returns:
        The chains that still hold records, oldest first, then the new one.
    """
    chains = stored_chains(connection)
    number, predecessor, base = _after(chains[-1]) if chains else (1, ("", 0), 0)
    for chain in chains:
        if chain.shipped:
            connection.execute("DELETE FROM spool WHERE number = ?", (chain.number,))
    identity = SpoolIdentity(str(uuid.uuid4()), *predecessor)
    connection.execute(
        "INSERT INTO spool (number, spool_id, predecessor_id, predecessor_last_sequence, base) VALUES (?, ?, ?, ?, ?)",
        (number, identity.spool_id, *predecessor, base),
    )
    return [*(chain for chain in chains if not chain.shipped), Chain(number, identity, base, 0, 0)]


def _after(newest: Chain) -> tuple[int, tuple[str, int], int]:
    """Number, predecessor and base of the chain that follows."""
    named = newest.identity
    if newest.last_sequence == 0:
        return newest.number, (named.predecessor_id, named.predecessor_last_sequence), newest.base
    last = newest.last_sequence
    return newest.number + 1, (named.spool_id, last), newest.base + last
