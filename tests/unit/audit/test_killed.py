"""What was acknowledged is there after a SIGKILL, once."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gatehold import chain
from pdp.store.model import RecordFilter
from pdp.store.opening import open_store

ROOT = Path(__file__).parents[3]

WRITER = """
import asyncio, sys
from pdp.audit.log import AuditLog
from pdp.store.opening import open_store
from tests.unit.audit.conftest import SHIPPER, SidecarSpool, decision

async def own(audit):
    record = decision()
    await audit.record(record)
    print("own", record.record_id, flush=True)

async def shipped(audit):
    spool = SidecarSpool("s-1")
    made = spool.make(5_000)
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    for place in range(0, 5_000, 5):
        acknowledged = await intake.append(made[max(0, place - 5):place + 5])  # half of it comes again
        print("shipped", acknowledged, flush=True)

async def main():
    store = open_store(sys.argv[1])
    store.create_tenant("acme", "[]", "[]", "[]")
    audit = AuditLog(store)
    await audit.start()
    async def forever():
        while True:
            await asyncio.gather(*(own(audit) for _ in range(7)))
    await asyncio.gather(shipped(audit), forever())

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 50, 400])
def test_everything_acknowledged_is_there_once(tmp_path: Path, lines: int) -> None:
    url = f"sqlite:///{tmp_path}/gatehold.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().split() for _ in range(lines)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += [line.split() for line in writer.stdout.read().splitlines() if len(line.split()) == 2]
    own = {which for what, which in acknowledged if what == "own" and len(which) == 36}
    shipped = max([int(which) for what, which in acknowledged if what == "shipped"], default=0)

    store = open_store(url)
    entries = [stored.entry for stored in store.records("acme", RecordFilter(), None, 100_000)][::-1]
    assert own <= {entry.record_id for entry in entries}
    spools = {entry.spool_id for entry in entries}
    for spool_id in spools:
        expected = chain.FIRST
        for sequence, entry in enumerate((one for one in entries if one.spool_id == spool_id), start=1):
            assert (entry.sequence, entry.previous_hash) == (sequence, expected)
            expected = chain.link(expected, entry.body)
        spool = store.spool("acme", spool_id)
        assert spool is not None
        assert (spool.committed_sequence, spool.next_hash) == (sequence, expected)
    assert sum(entry.spool_id == "s-1" for entry in entries) >= shipped
    assert len({entry.record_id for entry in entries}) == len(entries)
    store.close()
