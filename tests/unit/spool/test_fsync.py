"""What reaches the disk itself, as the kernel saw it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STRACE = shutil.which("strace")

# Writes a marker to the trace before each step, and waits for what the step promises.
STEPS = """
import asyncio, os, sys
from pathlib import Path
from sidecar.spool import SpoolLimits, open_spool

def mark(text):
    os.write(2, f"step {text}\\n".encode())

async def main():
    spool = await open_spool(Path(sys.argv[1]), SpoolLimits(flush_seconds=3600, flush_records=3))
    mark("written")
    await spool.append(lambda _: b"1", durable=False)
    mark("durable")
    await spool.append(lambda _: b"2", durable=True)
    mark("flushed")
    for number in (3, 4, 5):
        await spool.append(lambda _: b"n", durable=False)
    await spool.wait_durable(4)
    mark("repeated")
    await spool.append_from_agent("stream", 1, lambda _: b"6")
    mark("end")
    os._exit(0)

asyncio.run(main())
"""


def may_trace() -> bool:
    return STRACE is not None and subprocess.run([STRACE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_trace(), reason="needs strace and the right to trace")
def test_a_record_counts_as_durable_only_after_an_fsync_of_the_journal(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    steps = (sys.executable, "-c", STEPS, str(tmp_path / "spool"))
    subprocess.run(
        [str(STRACE), "-f", "-y", "-o", str(trace), "-e", "trace=write,fdatasync,fsync", *steps],
        check=True,
        capture_output=True,
    )
    synced: dict[str, int] = {}
    step = "open"
    for line in trace.read_text().splitlines():
        if marked := re.search(r'write\(2.*"step (\w+)', line):
            step = marked[1]
        elif re.search(r"(fdatasync|fsync)\(.*spool\.db-wal", line):
            synced[step] = synced.get(step, 0) + 1
    synced.pop("open")
    assert synced == {"durable": 1, "flushed": 1, "repeated": 1}
