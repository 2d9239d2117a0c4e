from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidecar.spool import Spool, open_spool
from tests.fakes.recording_pdp import RecordingPdp


@pytest.fixture
async def pdp(tmp_path: Path) -> AsyncIterator[RecordingPdp]:
    pdp = RecordingPdp(tmp_path / "pdp.sock")
    await pdp.start()
    yield pdp
    await pdp.kill()


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = await open_spool(tmp_path / "spool")
    yield spool
    await spool.close()
