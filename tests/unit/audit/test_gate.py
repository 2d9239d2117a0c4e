"""Where records cannot be stored, nothing is decided."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from pdp.audit.log import AuditLog
from pdp.store.errors import Unavailable
from pdp.store.interface import Store
from tests.unit.audit.conftest import ALL, SHIPPER, Listing, SidecarSpool, decision


async def until_open(audit: AuditLog) -> None:
    async with asyncio.timeout(30):
        while not audit.gate.open:  # noqa: ASYNC110 - the gate has an event for shutting alone
            await asyncio.sleep(0.05)


@pytest.fixture
def intruder(path: Path, store: Store) -> sqlite3.Connection:
    """Another connection, which can take the only place of the writer."""
    return sqlite3.connect(path, isolation_level=None)


async def test_a_failed_commit_shuts_the_gate_and_a_probe_opens_it(
    audit: AuditLog, intruder: sqlite3.Connection, listed: Listing
) -> None:
    await audit.record(decision())
    intruder.execute("BEGIN IMMEDIATE")
    outcomes = await asyncio.gather(*(audit.record(decision()) for _ in range(3)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert not audit.gate.open
    with pytest.raises(Unavailable):
        audit.gate.check()
    with pytest.raises(Unavailable):
        await audit.record(decision())
    with pytest.raises(Unavailable):
        await audit.open_spool(SHIPPER, "s-1", None, 0)
    intruder.execute("ROLLBACK")
    await until_open(audit)
    await audit.record(decision())
    assert [entry.sequence for entry in listed()] == [1, 2]


async def test_nothing_is_stored_through_a_shut_gate(audit: AuditLog, listed: Listing) -> None:
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    audit.gate.shut(Unavailable("another room's commit failed"))
    for attempt in (
        audit.record(decision()),
        audit.record_with([decision()], lambda _: ()),
        intake.append(SidecarSpool("s-1").make(1)),
    ):
        with pytest.raises(Unavailable, match="another room"):
            await attempt
    assert listed() == []
    await until_open(audit)
    await audit.record(decision())


async def test_a_batch_that_cannot_be_committed_is_not_acknowledged(
    audit: AuditLog, intruder: sqlite3.Connection, listed: Listing
) -> None:
    batch = SidecarSpool("s-1").make(2)
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    intruder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await intake.append(batch)
    assert intake.acknowledged == 0
    assert not audit.gate.open
    intruder.execute("ROLLBACK")
    await until_open(audit)
    assert await intake.append(batch) == 2
    assert [entry.sequence for entry in listed()] == [1, 2]


async def test_the_gate_stays_shut_while_probes_fail(audit: AuditLog, intruder: sqlite3.Connection) -> None:
    probes = []
    probe = audit._probe

    def counted() -> None:
        probes.append(1)
        probe()

    audit._probe = counted  # type: ignore[method-assign]
    intruder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await audit.record(decision())
    async with asyncio.timeout(60):
        while len(probes) < 2:
            assert not audit.gate.open
            await asyncio.sleep(0.05)
    assert not audit.gate.open
    intruder.execute("ROLLBACK")
    await until_open(audit)


async def test_reading_goes_on_behind_a_shut_gate(audit: AuditLog, intruder: sqlite3.Connection) -> None:
    await audit.record(decision())
    intruder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await audit.record(decision())
    assert len((await audit.list("acme", ALL, 0, "")).records) == 1
    intruder.execute("ROLLBACK")
