"""A disk that fails ends the process at once, and nothing is tried again."""

import asyncio
import contextlib
import re
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.spool import SpoolFailed, SpoolLimits, open_spool
from sidecar.spool.fatal import EXIT_CODE
from tests.unit.spool.processes import appender, everything, lines, opened, rest

STRACE = shutil.which("strace")


@contextlib.contextmanager
def disk_that_refuses_to_write() -> Iterator[None]:
    """The kernel refuses every write to any file of this process: EFBIG, which SQLite reports as a disk I/O error."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("durable", [False, True])
async def test_a_failed_write_is_fatal_once_and_ends_all_recording(tmp_path: Path, durable: bool) -> None:
    reasons: list[str] = []
    spool = await open_spool(tmp_path, fatal=reasons.append)
    await spool.append(lambda _: b"record", durable=True)
    with disk_that_refuses_to_write(), pytest.raises(SpoolFailed):
        await spool.append(lambda _: b"record", durable=durable)
    for _ in range(3):
        with pytest.raises(SpoolFailed):
            await spool.append(lambda _: b"record", durable=durable)
    with pytest.raises(SpoolFailed):
        await spool.wait_durable(1)
    await spool.close()
    assert len(reasons) == 1
    assert "I/O" in reasons[0]


async def test_what_waited_behind_a_failed_write_is_not_tried(tmp_path: Path) -> None:
    reasons: list[str] = []
    spool = await open_spool(tmp_path, SpoolLimits(batch_records=1), reasons.append)
    with disk_that_refuses_to_write():
        waiting = (spool.append(lambda _: b"record", durable=True) for _ in range(20))
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [SpoolFailed] * 20
    assert len(reasons) == 1
    await spool.close()


async def test_the_process_of_a_failed_disk_ends_with_its_own_exit_code(tmp_path: Path) -> None:
    async with appender(tmp_path, "forever") as process:
        await lines(process, 3)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        answered = await rest(process)
        assert await process.wait() == EXIT_CODE
    async with opened(tmp_path) as spool:
        (chain,) = await spool.unshipped()
        stored = {record.sequence for record in await everything(spool, chain.spool_id)}
    assert {int(sequence) for sequence in answered} <= stored


def may_trace() -> bool:
    return STRACE is not None and subprocess.run([STRACE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_trace(), reason="needs strace and the right to trace")
async def test_a_failed_fsync_ends_the_process_without_another_one(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    inject = ("-f", "-o", str(trace), "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=25+")
    async with appender(tmp_path / "spool", "forever", str(STRACE), *inject) as process:
        answered = [int(line) for line in (await rest(process))[1:]]
        assert await process.wait() == EXIT_CODE
    assert len(re.findall(r"INJECTED", trace.read_text())) == 1
    async with opened(tmp_path / "spool") as spool:
        (chain,) = await spool.unshipped()
        assert len(await everything(spool, chain.spool_id)) >= len(answered) > 0
