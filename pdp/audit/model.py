"""What goes into the record and comes out of it."""

from dataclasses import dataclass

from pdp.store.model import StoredRecord


@dataclass(frozen=True, slots=True)
class Shipper:
    """Who ships a spool, from its credential and never from a message.

    Attributes:
        sidecar: the name its credential gives it, never empty.
        agent: the agent it speaks for. Its records may be of no other.
    """

    tenant: str
    sidecar: str
    agent: str


@dataclass(frozen=True, slots=True)
class SpooledRecord:
    """One record as a sidecar stored it.

    Attributes:
        sequence: place in the spool, from 1.
        previous_hash: as `gatehold.chain` defines it.
        body: a serialized AuditRecord.
    """

    sequence: int
    previous_hash: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Records, newest first. `next_page_token` is empty when there are no more."""

    records: tuple[StoredRecord, ...]
    next_page_token: str
