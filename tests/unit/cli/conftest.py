"""The real command, and a decision point for people on a real socket."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from gatehold.cli import main
from tests.fakes.scripted_approver import KEY, ScriptedApprover


class Ended(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def gatekeeper() -> Iterator[ScriptedApprover]:
    gatekeeper = ScriptedApprover()
    gatekeeper.start()
    yield gatekeeper
    gatekeeper.stop()


@pytest.fixture
def data_dir(tmp_path: Path, gatekeeper: ScriptedApprover) -> Path:
    """A data directory with keys, as `pdp serve` leaves one."""
    (tmp_path / "keys").mkdir(mode=0o700)
    for role in ("approver", "administrator"):
        (tmp_path / "keys" / f"{role}.key").write_text(KEY)
    (tmp_path / "pdp.address").write_text(gatekeeper.address)
    return tmp_path


@pytest.fixture
def gatehold(data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `gatehold …` on the data directory."""
    monkeypatch.setenv("GATEHOLD_DATA_DIR", str(data_dir))

    def run(*words: str) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(words)
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    return run
