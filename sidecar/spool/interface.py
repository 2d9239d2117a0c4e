"""The seam between those who record, the spool that keeps the records, and the shipper that takes them away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Make = Callable[[int], bytes]
"""Given its sequence, returns a record's serialized AuditRecord, final: those bytes are stored, chained and shipped.

Runs in the spool's own thread, once, so it must own what it changes. What it raises ends that append alone.
"""


class SpoolFull(Exception):
    """No room for the record on the disk, under the cap, or in the queue: it is not stored, nothing may be answered."""


class SpoolFailed(Exception):
    """The spool cannot be trusted any more. Every append fails until the process is started anew."""


class SpoolBusy(Exception):
    """Another process owns the directory."""


class SequenceGap(Exception):
    """An agent skipped a sequence of its stream; nothing was stored.

    Attributes:
        expected: the sequence that had to come, from 1.
    """

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(f"sequence {found} came where {expected} had to")
        self.expected = expected


class NotStored(ValueError):
    """An acknowledgement of a record that the chain does not durably hold; nothing was deleted."""


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """Bounds of one spool.

    Attributes:
        live_bytes: most that unshipped records and their index may take; above it appends raise SpoolFull.
        reserve_bytes: disk space held back, so that acknowledged records can be deleted on a full disk.
        flush_seconds: longest time that a record which is not durable waits for its fsync to begin.
        flush_records: number of such records that begins it earlier.
        batch_records: most records of one transaction.
        batch_bytes: size of one transaction, exceeded by at most one record.
        waiting: most appends that may wait for the disk; one more raises SpoolFull.
        agent_streams: streams whose last sequence is remembered; the one unused for longest is forgotten first.
    """

    live_bytes: int = 256 * 1024 * 1024
    reserve_bytes: int = 8 * 1024 * 1024
    flush_seconds: float = 0.03
    flush_records: int = 256
    batch_records: int = 256
    batch_bytes: int = 1024 * 1024
    waiting: int = 10_000
    agent_streams: int = 10_000


@dataclass(frozen=True, slots=True)
class SpoolIdentity:
    """One chain of records: a new one for each start.

    Attributes:
        spool_id: random UUID.
        predecessor_id: the chain written before it; empty where none is known.
        predecessor_last_sequence: last sequence of that chain; 0 where none is known.
    """

    spool_id: str
    predecessor_id: str
    predecessor_last_sequence: int


@dataclass(frozen=True, slots=True)
class SpooledRecord:
    """A record on its way to the decision point.

    Attributes:
        spool_id: the chain it stands in.
        sequence: its place, from 1, without gaps.
        previous_hash: 32 bytes, see `gatehold.chain`.
        record: the serialized AuditRecord as it was appended.
    """

    spool_id: str
    sequence: int
    previous_hash: bytes
    record: bytes


class Spool(Protocol):
    """Records between being made and being committed at the decision point. Used from one event loop.

    Attributes:
        identity: the chain that this process writes.
        last_sequence: its last stored record, 0 before the first. Survives a SIGKILL.
        durable_sequence: its last record that is fsync'd, 0 before the first. Survives a power cut.
    """

    @property
    def identity(self) -> SpoolIdentity: ...

    @property
    def last_sequence(self) -> int: ...

    @property
    def durable_sequence(self) -> int: ...

    async def append(self, make: Make, *, durable: bool) -> int:
        """Stores one record and returns its sequence once it is committed; with `durable`, once it is fsync'd.

        Raises:
            SpoolFull: nothing was stored; a later append may succeed.
            SpoolFailed: nothing will be stored any more.
            Exception: whatever `make` raised; nothing was stored and no sequence used up.
        """

    async def append_from_agent(self, stream_id: str, sequence: int, make: Make) -> int:
        """Stores one record of an agent's own stream, exactly once, and returns what may be acknowledged to the agent.

        Returns once the record is fsync'd. A sequence already stored is not stored again.

        Args:
            stream_id: UUID that the agent chose.
            sequence: place in that stream, from 1; `make` gets the place in the spool instead.

        Raises:
            SequenceGap: a sequence was skipped.
            SpoolFull, SpoolFailed, Exception: as `append`.
        """

    async def agent_sequence(self, stream_id: str) -> int:
        """Last fsync'd sequence of an agent's stream; 0 for a stream that is not known.

        Raises:
            SpoolFailed: the spool cannot be read.
        """

    async def unshipped(self) -> list[SpoolIdentity]:
        """Earlier chains that still hold records, oldest first. They must be shipped before the present one.

        Raises:
            SpoolFailed: the spool cannot be read.
        """

    async def pending(self, spool_id: str, after: int, limit: int, max_bytes: int) -> list[SpooledRecord]:
        """Fsync'd records of one chain in order, those with a sequence greater than `after`.

        Args:
            limit: most records to return.
            max_bytes: most bytes of records to return; one record is returned even if it alone is larger.

        Raises:
            SpoolFailed: the spool cannot be read, or a record is not what was stored.
        """

    async def acknowledge(self, spool_id: str, sequence: int) -> None:
        """Deletes the records of one chain up to `sequence`: they are committed at the decision point.

        Raises:
            NotStored: `sequence` is beyond the chain's last fsync'd record.
            SpoolFull: not even the reserve sufficed to delete; the records are still there.
            SpoolFailed: the spool cannot be written.
        """

    async def wait_durable(self, after: int) -> int:
        """Waits until `durable_sequence` is greater than `after`, and returns it.

        Raises:
            SpoolFailed: no record will become durable any more.
        """

    async def close(self) -> None:
        """Makes everything durable and gives the directory up. Appends that still wait are stored first."""
