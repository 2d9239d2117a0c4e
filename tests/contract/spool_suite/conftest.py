from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidecar.spool import Spool, SpoolLimits, open_spool
from tests.contract.spool_suite.starting import Start


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """See `Start`."""
    running: list[Spool] = []

    async def start(limits: SpoolLimits | None = None) -> Spool:
        if running:
            await running.pop().close()
        running.append(await open_spool(tmp_path / "spool", limits))
        return running[0]

    yield start
    for spool in running:
        await spool.close()
