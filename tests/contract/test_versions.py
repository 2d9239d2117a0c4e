"""How versions meet: this sidecar and decision point with those of the contract as it was before its last change."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import Running, Stack, until

TOP = Path(__file__).parents[2]
READ = "filesystem:read_text_file"
REFUND = "stripe:create_refund"


def git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(TOP), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree as it was at the change of the contract before the last one."""
    commit = git("log", "-1", "--skip=1", "--format=%H", "--", "proto/gatehold")
    if not commit:
        pytest.skip("needs the history of the checkout")
    folder = tmp_path_factory.mktemp("before")
    archive = subprocess.run(["git", "-C", str(TOP), "archive", commit], capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


class Mixed(Stack):
    """Two versions on one data directory."""

    def __init__(self, folder: Path, tree: Path) -> None:
        super().__init__(folder)
        path = os.pathsep.join([str(tree / "clients/python"), str(tree)])
        # The present tree is installed into this environment; PYTHONPATH comes before it.
        self.older = {"environment": {"PYTHONPATH": path}, "program": ("-P", "-c", STARTER)}


STARTER = "import sys; from gatehold.cli import main; main(sys.argv[1:])"


@pytest.fixture
def stack(tmp_path: Path, before: Path) -> Iterator[Mixed]:
    with Mixed(tmp_path, before) as stack:
        yield stack


def runs_from(process: Running, tree: Path) -> bool:
    """Whether the process really runs the other version's code."""
    maps = Path(f"/proc/{process.pid}/environ")
    return not maps.exists() or str(tree).encode() in maps.read_bytes()


def works(stack: Stack) -> None:
    guard = stack.guard()
    until(lambda: guard.evaluate(READ, {"path": "a"}).source == "cache")
    assert guard.evaluate(READ, {"path": "b"}, explain=True).allowed
    assert not guard.evaluate(REFUND, {"amount": 5}).allowed
    stack.apply_policies(f"- id: a\n  verbMatchers: [{{type: verb, value: '{REFUND}'}}]\n  action: allow\n")
    assert guard.evaluate(REFUND, {"amount": 5}).allowed
    until(lambda: len([one for one in stack.records() if one.verb == REFUND]) >= 2)


def test_an_old_sidecar_with_a_new_decision_point(stack: Mixed, before: Path) -> None:
    stack.start_pdp()
    assert runs_from(stack.start_sidecar("dev", **stack.older), before)
    works(stack)


def test_a_new_sidecar_with_an_old_decision_point(stack: Mixed, before: Path) -> None:
    assert runs_from(stack.start_pdp(**stack.older), before)
    stack.start_sidecar()
    works(stack)


def test_the_other_version_is_another(before: Path) -> None:
    program = "import gatehold, sys; sys.stdout.write(gatehold.__file__)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(before / "clients/python"), str(before)])}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, cwd=before, check=True
    )
    assert done.stdout.startswith(str(before))
