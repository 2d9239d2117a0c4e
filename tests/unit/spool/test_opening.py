"""Taking over a directory."""

import asyncio
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from sidecar.spool import SpoolBusy, SpoolFailed, open_spool
from sidecar.spool.opening import own_directory
from tests.unit.spool.processes import appender, lines, opened


def numbered(sequence: int) -> bytes:
    return f"record {sequence}".encode()


async def test_nobody_else_can_read_the_directory_or_any_file_in_it(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    directory.mkdir(mode=0o755)
    async with opened(directory) as spool:
        await spool.append(numbered, durable=True)
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()}
    assert {"spool.db", "spool.db-wal", "spool.reserve", "spool.lock"} <= set(files)
    assert set(files.values()) == {0o600}


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777])
async def test_a_directory_that_others_can_write_to_is_refused_and_left_alone(tmp_path: Path, mode: int) -> None:
    directory = tmp_path / "spool"
    directory.mkdir()
    directory.chmod(mode)
    with pytest.raises(PermissionError, match="written to by others"):
        await open_spool(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == mode
    assert not list(directory.iterdir())


async def test_a_directory_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        os.chown(tmp_path, 12_345, 12_345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    with pytest.raises(PermissionError, match="another user"):
        await open_spool(tmp_path)


async def test_a_second_spool_on_the_directory_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as spool:
        with pytest.raises(SpoolBusy):
            await open_spool(tmp_path)
        assert await spool.append(numbered, durable=True) == 1


async def test_the_directory_is_owned_before_anything_in_it_is_opened(tmp_path: Path) -> None:
    lock = own_directory(tmp_path)
    with pytest.raises(SpoolBusy):
        own_directory(tmp_path)
    os.close(lock)
    os.close(own_directory(tmp_path))


async def test_a_directory_that_another_process_owns_is_refused(tmp_path: Path) -> None:
    async with appender(tmp_path, "one") as process:
        await lines(process, 2)
        with pytest.raises(SpoolBusy):
            await open_spool(tmp_path)


async def test_no_other_process_can_hold_the_journal_by_reading(tmp_path: Path) -> None:
    async with opened(tmp_path) as spool:
        await spool.append(numbered, durable=True)
        reader = await asyncio.create_subprocess_exec(
            "python3",
            "-c",
            "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('SELECT count(*) FROM record')",
            str(tmp_path / "spool.db"),
            stderr=asyncio.subprocess.PIPE,
        )
        _, error = await reader.communicate()
    assert b"database is locked" in error


async def test_a_file_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as spool:
        await spool.append(numbered, durable=True)
    with sqlite3.connect(tmp_path / "spool.db") as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    before = (tmp_path / "spool.db").read_bytes()
    with pytest.raises(SpoolFailed, match="layout 2"):
        await open_spool(tmp_path)
    assert (tmp_path / "spool.db").read_bytes() == before


async def test_a_directory_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        await open_spool(tmp_path / "file" / "spool")
