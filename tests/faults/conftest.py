"""Disks, clocks and processes that a test may break."""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.stack import Stack

SHIMS = Path(__file__).with_name("shims")
TMPFS_BYTES = 40 * 1024 * 1024


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path) as stack:
        yield stack


class SmallDisk:
    """A file system of 40 MiB."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self) -> None:
        """Takes every last block."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError:
                    continue

    def empty(self) -> None:
        """Gives them back."""
        self._filler.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("needs root on Linux, to mount a small file system")
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES},mode=0700", "gatehold-test", str(path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    yield SmallDisk(path)
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def shim(name: str, folder: Path) -> str:
    """Compiles one of the libraries that stand between a process and the C library."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler on Linux")
    library = folder / f"{name}.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SHIMS / f"{name}.c")], check=True)
    return str(library)


class ShiftedClock:
    """The clocks of the processes that run in `environment`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.write_bytes(bytes(16))
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": shim("clock", folder),
            "GATEHOLD_TEST_CLOCK": str(self._file),
        }

    def shift(self, *, wall_seconds: int = 0, boot_seconds: int = 0) -> None:
        """Moves the wall clock, and the clock that runs through suspend, against the true ones."""
        with self._file.open("r+b", buffering=0) as file:
            file.write(struct.pack("=qq", wall_seconds * 10**9, boot_seconds * 10**9))


@pytest.fixture
def clock(tmp_path: Path) -> ShiftedClock:
    return ShiftedClock(tmp_path)


class FailingDisk:
    """The fsyncs of the processes that run in `environment`."""

    def __init__(self, folder: Path) -> None:
        self._trigger = folder / "disk-failed"
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": shim("fsync", folder),
            "GATEHOLD_TEST_DISK_FAILED": str(self._trigger),
        }

    def fail(self) -> None:
        """From now on every fsync ends in EIO."""
        self._trigger.touch()


@pytest.fixture
def failing_disk(tmp_path: Path) -> FailingDisk:
    return FailingDisk(tmp_path)
