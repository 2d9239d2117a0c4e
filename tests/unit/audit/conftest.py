"""A real record on a real SQLite file."""

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from gatehold import chain
from gatehold.records import now, stamp
from gatehold.v1.audit_record_pb2 import AuditRecord, DecisionDetail, RecordKind, TaskActivityDetail
from gatehold.v1.decision_pb2 import Decision
from pdp.audit.log import AuditLog
from pdp.audit.model import Shipper, SpooledRecord
from pdp.store.interface import Store
from pdp.store.model import LogEntry, RecordFilter
from pdp.store.opening import open_store

SHIPPER = Shipper("acme", "beside-dev", "dev")
ALL = RecordFilter()

Listing = Callable[..., list[LogEntry]]


def decision(tenant: str = "acme", agent: str = "dev", verb: str = "stripe:create_refund") -> AuditRecord:
    """One decision."""
    return AuditRecord(
        record_id=str(uuid.uuid4()),
        tenant=tenant,
        record_time=now(),
        kind=RecordKind.RECORD_KIND_DECISION,
        agent=agent,
        verb=verb,
        decision=DecisionDetail(decision=Decision.DECISION_ALLOW),
    )


def activity(note: str = "", tenant: str = "acme", agent: str = "dev") -> AuditRecord:
    """One record of an agent's own, as it is made safe to keep."""
    return AuditRecord(
        record_id=str(uuid.uuid4()),
        tenant=tenant,
        record_time=now(),
        kind=RecordKind.RECORD_KIND_TASK_ACTIVITY,
        agent=agent,
        agent_asserted=True,
        task_activity=TaskActivityDetail(task_id="t-1", note=note),
    )


class SidecarSpool:
    """A spool as a sidecar keeps it: it does not know its tenant."""

    def __init__(self, spool_id: str) -> None:
        self.spool_id = spool_id
        self._sequence = 0
        self._next_hash = chain.FIRST

    def make(self, count: int) -> list[SpooledRecord]:
        """The next `count` records."""
        return [self.add(decision(tenant="")) for _ in range(count)]

    def add(self, record: AuditRecord) -> SpooledRecord:
        """Puts one record in."""
        self._sequence += 1
        body = stamp(record, self.spool_id, self._sequence)
        spooled = SpooledRecord(self._sequence, self._next_hash, body)
        self._next_hash = chain.link(spooled.previous_hash, body)
        return spooled


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database file."""
    return tmp_path / "gatehold.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A store with the tenants `acme` and `globex`."""
    opened = open_store(f"sqlite:///{path}")
    for tenant in ("acme", "globex"):
        opened.create_tenant(tenant, policies="[]", catalog="[]", agents="[]")
    yield opened
    opened.close()


@pytest.fixture
async def audit(store: Store) -> AsyncIterator[AuditLog]:
    """A started record."""
    log = AuditLog(store)
    await log.start()
    yield log
    await log.close()


@pytest.fixture
def listed(store: Store) -> Listing:
    """The record, oldest first."""

    def read(where: RecordFilter = ALL, tenant: str = "acme") -> list[LogEntry]:
        return [stored.entry for stored in reversed(store.records(tenant, where, None, 20_000))]

    return read
