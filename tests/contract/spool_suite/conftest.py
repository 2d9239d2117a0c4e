from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from sidecar.spool import Spool, SpoolLimits, open_spool

Start = Callable[..., Awaitable[Spool]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts the spool in one directory, the way a sidecar does; a further start ends the one before."""
    running: list[Spool] = []

    async def start(limits: SpoolLimits | None = None) -> Spool:
        if running:
            await running.pop().close()
        running.append(await open_spool(tmp_path / "spool", limits))
        return running[0]

    yield start
    for spool in running:
        await spool.close()
