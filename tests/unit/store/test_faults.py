"""A busy database, a full disk, a failing disk."""

import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdp.store.errors import Unavailable
from pdp.store.interface import RecordFilter, SpoolOpening, Store
from pdp.store.opening import open_store
from pdp.store.sqlite.faults import EXIT_STORAGE
from tests.contract.store_suite.chains import entries, take

ALL = RecordFilter()
ROOT = Path(__file__).parents[3]


def opened(path: Path) -> Store:
    store = open_store(f"sqlite:///{path}")
    store.create_tenant("acme", "[]", "[]", "[]")
    store.open_spool(SpoolOpening("acme", "s-1", "", ""))
    return store


def test_a_writer_in_the_way_is_waited_for_and_then_reported(tmp_path: Path) -> None:
    store = opened(tmp_path / "gatehold.db")
    intruder = sqlite3.connect(tmp_path / "gatehold.db", isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")
    made = take(1, entries("s-1"))
    with pytest.raises(Unavailable, match="locked"):
        store.append(made)
    assert store.records("acme", ALL, None, 1) == []  # readers do not wait for writers
    intruder.execute("ROLLBACK")
    store.append(made)
    store.close()


def test_a_reader_holds_no_snapshot(tmp_path: Path) -> None:
    store = opened(tmp_path / "gatehold.db")
    of_spool = entries("s-1")
    for count in range(1, 4):
        store.append([next(of_spool)])
        assert len(store.records("acme", ALL, None, 10)) == count
    outside = sqlite3.connect(tmp_path / "gatehold.db", isolation_level=None)
    # Only when nobody reads an old state can the whole log be folded in: (busy, frames in the log, frames folded in).
    assert outside.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a small tmpfs")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_loses_nothing_and_recovers(small_disk: Path) -> None:
    store = opened(small_disk / "gatehold.db")
    of_spool = entries("s-1")
    stored = 0
    following = [next(of_spool)]
    with pytest.raises(Unavailable, match="full"):
        while stored < 100_000:
            store.append(following)
            stored += 1
            following = [next(of_spool)]
    assert stored > 0
    with pytest.raises(Unavailable, match="full"):
        store.append(following)
    spool = store.spool("acme", "s-1")
    assert spool is not None
    assert spool.committed_sequence == stored
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    store.append(following)
    store.close()
    reopened = open_store(f"sqlite:///{small_disk}/gatehold.db")
    assert reopened.records("acme", ALL, None, 1)[0].entry == following[0]
    reopened.close()


FAILING_FSYNC = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int failing(void) { return access(getenv("FAIL_WHILE_EXISTS"), F_OK) == 0; }
#define WRAP(name) int name(int fd) { \
    if (failing()) { errno = EIO; return -1; } \
    return ((int (*)(int)) dlsym(RTLD_NEXT, #name))(fd); }
WRAP(fsync)
WRAP(fdatasync)
"""

APPENDER = """
import sys
from pathlib import Path
from tests.unit.store.test_faults import opened
from tests.contract.store_suite.chains import entries
store = opened(Path(sys.argv[1]))
of_spool = entries("s-1")
for sequence in range(1, 6):
    if sequence == 4:
        Path(sys.argv[2]).touch()
    try:
        store.append([next(of_spool)])
        print(sequence, flush=True)
    except BaseException as error:
        print("carried on after", repr(error), flush=True)
"""


def test_a_failed_fsync_ends_the_process_at_once(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("needs a C compiler to make fsync fail")
    (tmp_path / "failing.c").write_text(textwrap.dedent(FAILING_FSYNC))
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", tmp_path / "failing.so", tmp_path / "failing.c", "-ldl"], check=True
    )
    trigger = tmp_path / "failing"
    ended = subprocess.run(
        [sys.executable, "-c", APPENDER, tmp_path / "gatehold.db", trigger],
        env={"LD_PRELOAD": str(tmp_path / "failing.so"), "FAIL_WHILE_EXISTS": str(trigger), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout == "1\n2\n3\n"
    assert ended.returncode == EXIT_STORAGE
    assert "fsync" in ended.stderr
    reopened = open_store(f"sqlite:///{tmp_path}/gatehold.db")
    assert {stored.entry.sequence for stored in reopened.records("acme", ALL, None, 10)} >= {1, 2, 3}
    reopened.close()
