"""A full disk: refuse, keep what there is, let go of what is acknowledged, go on."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.spool import Spool, SpoolFull, SpoolLimits, open_spool
from tests.unit.spool.processes import everything, opened

MEBIBYTE = 1024 * 1024
LIMITS = SpoolLimits(reserve_bytes=6 * MEBIBYTE)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 MiB."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(tmp_path)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"needs the right to mount a tmpfs: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def free(disk: Path) -> int:
    state = os.statvfs(disk)
    return state.f_bavail * state.f_frsize


def crowd(disk: Path, leave: int) -> Path:
    """Somebody else's file that leaves only so many bytes."""
    other = disk / "other"
    with other.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free(disk) - leave)
    return other


async def fill(spool: Spool, size: int) -> None:
    with pytest.raises(SpoolFull):
        while True:
            await asyncio.gather(*(spool.append(lambda _: os.urandom(size), durable=False) for _ in range(20)))


@pytest.mark.parametrize("size", [400, 30_000])
async def test_a_disk_that_the_spool_filled_is_usable_after_acknowledgements(small_disk: Path, size: int) -> None:
    async with opened(small_disk / "spool", LIMITS) as spool:
        await fill(spool, size)
        last = spool.last_sequence
        with pytest.raises(SpoolFull):
            await spool.append(lambda _: bytes(size), durable=True)
        await spool.wait_durable(last - 1)
        stored = await everything(spool, spool.identity.spool_id)
        assert [record.sequence for record in stored] == list(range(1, last + 1))
        await spool.acknowledge(spool.identity.spool_id, last)
        assert await everything(spool, spool.identity.spool_id) == []
        assert await spool.append(lambda _: bytes(size), durable=True) == last + 1
        assert (small_disk / "spool" / "spool.reserve").stat().st_size == LIMITS.reserve_bytes


async def test_a_disk_that_others_filled_lets_acknowledged_records_go(small_disk: Path) -> None:
    async with opened(small_disk / "spool", LIMITS) as spool:
        for _ in range(2_000):
            await spool.append(lambda _: os.urandom(1_000), durable=False)
        crowd(small_disk, leave=0)
        await fill(spool, 1_000)
        last = await spool.wait_durable(spool.last_sequence - 1)
        for sequence in range(200, last, 200):
            await spool.acknowledge(spool.identity.spool_id, sequence)
        await spool.acknowledge(spool.identity.spool_id, last)
        with pytest.raises(SpoolFull):
            await spool.append(lambda _: b"record", durable=True)
        (small_disk / "other").unlink()
        assert await spool.append(lambda _: b"record", durable=True) == last + 1


async def test_a_start_on_a_full_disk_ships_but_does_not_record(small_disk: Path) -> None:
    async with opened(small_disk / "spool", LIMITS) as before:
        await before.append(lambda _: b"record", durable=True)
    (small_disk / "spool" / "spool.reserve").unlink()
    other = crowd(small_disk, leave=MEBIBYTE)
    async with opened(small_disk / "spool", LIMITS) as spool:
        with pytest.raises(SpoolFull):
            await spool.append(lambda _: b"record", durable=False)
        assert len(await everything(spool, before.identity.spool_id)) == 1
        await spool.acknowledge(before.identity.spool_id, 1)
        other.unlink()
        assert await spool.append(lambda _: b"record", durable=True) == 1


async def test_a_start_without_any_room_uses_the_reserve(small_disk: Path) -> None:
    async with opened(small_disk / "spool", LIMITS) as before:
        await before.append(lambda _: b"record", durable=True)
    crowd(small_disk, leave=0)
    async with opened(small_disk / "spool", LIMITS) as spool:
        assert len(await everything(spool, before.identity.spool_id)) == 1


async def test_a_first_start_without_any_room_is_refused(small_disk: Path) -> None:
    crowd(small_disk, leave=0)
    with pytest.raises((SpoolFull, OSError)):
        await open_spool(small_disk / "spool", LIMITS)


async def test_the_journal_stays_small_whatever_passes_through(tmp_path: Path) -> None:
    async with opened(tmp_path) as spool:
        for _ in range(60):
            await asyncio.gather(*(spool.append(lambda _: bytes(20_000), durable=False) for _ in range(50)))
            last = await spool.wait_durable(spool.last_sequence - 1)
            await spool.acknowledge(spool.identity.spool_id, last)
        assert (tmp_path / "spool.db-wal").stat().st_size < 8 * MEBIBYTE
        assert (tmp_path / "spool.db").stat().st_size < 16 * MEBIBYTE
