"""Running the appender, and reading what a directory holds after it is gone."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from sidecar.spool import Spool, SpooledRecord, SpoolLimits, open_spool

APPENDER = Path(__file__).with_name("appender.py")


@contextlib.asynccontextmanager
async def appender(directory: Path, mode: str, *wrapped_in: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The appender as a process of its own, killed at the end at the latest."""
    process = await asyncio.create_subprocess_exec(
        *wrapped_in, sys.executable, str(APPENDER), str(directory), mode, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def lines(process: asyncio.subprocess.Process, count: int) -> list[str]:
    """The next lines that it prints."""
    assert process.stdout is not None
    return [(await process.stdout.readline()).decode().strip() for _ in range(count)]


async def rest(process: asyncio.subprocess.Process) -> list[str]:
    """What it printed until its end. A line cut off by the kill was not an answer."""
    assert process.stdout is not None
    text = (await process.stdout.read()).decode()
    return text[: text.rfind("\n") + 1].split()


@contextlib.asynccontextmanager
async def opened(directory: Path, limits: SpoolLimits | None = None) -> AsyncIterator[Spool]:
    spool = await open_spool(directory, limits)
    try:
        yield spool
    finally:
        await spool.close()


async def everything(spool: Spool, spool_id: str) -> list[SpooledRecord]:
    return await spool.pending(spool_id, 0, 10**9, 2**40)
