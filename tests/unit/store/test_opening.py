"""Which databases are opened, by whom, and readable for whom."""

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gatehold.invalid import InvalidInput
from pdp.store.errors import AlreadyOpen, Unavailable
from pdp.store.opening import open_store

HOLDER = """
import sys
from pdp.store.opening import open_store
store = open_store(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/gatehold.db"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+psycopg://localhost/gatehold", "PostgreSQL is not served by this release"),
        ("postgresql://localhost/gatehold", "PostgreSQL is not served by this release"),
        ("mysql://localhost/gatehold", "sqlite:///PATH"),
        ("sqlite://", "sqlite:///PATH"),
        ("sqlite:///:memory:", "sqlite:///PATH"),
        ("sqlite://host/gatehold.db", "sqlite:///PATH"),
        ("sqlite:///gatehold.db?mode=ro", "sqlite:///PATH"),
        ("gatehold.db", "sqlite:///PATH"),
        ("", "sqlite:///PATH"),
    ],
)
def test_other_urls_are_refused_with_a_sentence(url: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        open_store(url)
    assert refused.value.field == "database"


def test_what_is_kept_is_its_owners_alone(tmp_path: Path, url: str) -> None:
    (tmp_path / "gatehold.db").touch(0o644)
    store = open_store(url)
    store.create_tenant("acme", "[]", "[]", "[]")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    names = [f"gatehold.db{suffix}" for suffix in ("", "-wal", "-shm", ".lock", ".clock")]
    assert modes == dict.fromkeys(names, 0o600)
    store.close()


def test_a_second_store_is_refused_in_one_process_too(tmp_path: Path, url: str) -> None:
    store = open_store(url)
    (tmp_path / "alias.db").symlink_to(tmp_path / "gatehold.db")
    for name in (url, f"sqlite:///{tmp_path}/alias.db"):
        with pytest.raises(AlreadyOpen):
            open_store(name)
    store.close()
    open_store(url).close()


def test_a_second_process_is_refused_until_the_first_is_gone(url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(AlreadyOpen, match="another process"):
            open_store(url)
        holder.send_signal(signal.SIGKILL)
    open_store(url).close()


def test_a_closed_store_stays_closed(url: str) -> None:
    store = open_store(url)
    store.close()
    with pytest.raises(Unavailable):
        store.heads()
    with pytest.raises(Unavailable):
        store.create_tenant("acme", "[]", "[]", "[]")
    store.close()


def test_what_is_not_a_database_is_not_served(tmp_path: Path, url: str) -> None:
    (tmp_path / "gatehold.db").write_bytes(b"not a database at all" * 100)
    for _ in range(2):  # and the failure has let go of the lock
        with pytest.raises(Unavailable):
            open_store(url)


def test_a_directory_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        open_store(f"sqlite:///{tmp_path}/nowhere/gatehold.db")
