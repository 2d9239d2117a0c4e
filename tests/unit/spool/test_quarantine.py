"""A file that is not what was stored is put aside, and the record says so."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gatehold.v1.audit_record_pb2 import AuditRecord, RecordKind
from sidecar.spool import Spool, SpoolFailed, SpoolLimits
from sidecar.spool.chains import stored_chains
from sidecar.spool.faults import Damaged
from sidecar.spool.integrity import stored
from sidecar.spool.schema import connect
from tests.unit.spool.processes import everything, opened

PAGE = 4096


async def a_spool_with_records(directory: Path) -> str:
    """Leaves a file of some hundred pages; returns its chain."""
    async with opened(directory) as spool:
        for _ in range(400):
            await spool.append(lambda _: os.urandom(2_000), durable=False)
        return spool.identity.spool_id


def overwrite(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def damage_pages(path: Path) -> None:
    for offset in range(20 * PAGE, path.stat().st_size, 10 * PAGE):
        overwrite(path, offset + PAGE // 2 - 100, os.urandom(200))


def damage_header(path: Path) -> None:
    overwrite(path, 0, b"not a database at all")


def damage_first_page(path: Path) -> None:
    overwrite(path, 100, os.urandom(PAGE - 100))


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def change_one_bit_of_a_record(path: Path) -> None:
    """The kind of damage that SQLite's own check does not see."""
    execute(path, "UPDATE record SET record = CAST('another' AS BLOB) WHERE position = 7")


def change_the_last_record(path: Path) -> None:
    execute(path, "UPDATE record SET record = CAST('another' AS BLOB) WHERE position = 400")


def damage_only_the_agents_streams(path: Path) -> None:
    """Records and their links stay whole."""
    connection = sqlite3.connect(path)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'agent_stream_touched'").fetchone()
    connection.close()
    overwrite(path, (page - 1) * PAGE, b"\x0a\xff\xff" + os.urandom(PAGE - 3))


def take_a_record_out(path: Path) -> None:
    execute(path, "DELETE FROM record WHERE position = 7")


def take_the_first_record_out(path: Path) -> None:
    execute(path, "DELETE FROM record WHERE position = 1")


def execute(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def put_aside(directory: Path) -> tuple[str, int]:
    """Name and size of the one file that was put aside."""
    (aside,) = directory.glob("spool.corrupt-*.db")
    return aside.name, aside.stat().st_size


async def alarms(spool: Spool) -> list[AuditRecord]:
    return [AuditRecord.FromString(each.record) for each in await everything(spool, spool.identity.spool_id)]


@pytest.mark.parametrize(
    "damage",
    [
        damage_pages,
        damage_header,
        damage_first_page,
        cut_short,
        change_one_bit_of_a_record,
        change_the_last_record,
        damage_only_the_agents_streams,
        take_a_record_out,
        take_the_first_record_out,
    ],
)
async def test_a_damaged_file_is_kept_and_the_new_one_begins_with_an_alarm(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    await a_spool_with_records(tmp_path)
    damage(tmp_path / "spool.db")
    damaged = (tmp_path / "spool.db").read_bytes()
    async with opened(tmp_path) as spool:
        (alarm,) = await alarms(spool)
        assert alarm.kind == RecordKind.RECORD_KIND_ALARM
        assert alarm.alarm.type == "quarantined_spool"
        assert (alarm.spool_id, alarm.sequence) == (spool.identity.spool_id, 1)
        assert spool.identity.predecessor_id == ""
        assert await spool.unshipped() == []
        assert await spool.append(lambda _: b"record", durable=True) == 2
    name, size = put_aside(tmp_path)
    assert name in alarm.alarm.message
    assert size == len(damaged)


async def test_a_missing_record_behind_acknowledged_ones_is_damage(tmp_path: Path) -> None:
    name = await a_spool_with_records(tmp_path)
    async with opened(tmp_path) as spool:
        await spool.acknowledge(name, 3)
    execute(tmp_path / "spool.db", "DELETE FROM record WHERE position = 4")
    async with opened(tmp_path) as spool:
        assert [each.alarm.type for each in await alarms(spool)] == ["quarantined_spool"]


async def test_no_record_is_read_in_the_place_of_a_missing_one(tmp_path: Path) -> None:
    await a_spool_with_records(tmp_path)
    execute(tmp_path / "spool.db", "DELETE FROM record WHERE position = 4")
    with closing(connect(tmp_path / "spool.db", SpoolLimits())) as connection:
        (chain,) = stored_chains(connection)
        with closing(stored(connection, chain, 3, 400)) as records, pytest.raises(Damaged):
            next(records)


async def test_the_alarm_names_the_chain_that_was_lost_where_it_can_be_read(tmp_path: Path) -> None:
    lost = await a_spool_with_records(tmp_path)
    damage_pages(tmp_path / "spool.db")
    async with opened(tmp_path) as spool:
        (alarm,) = await alarms(spool)
    assert alarm.alarm.spool_id == lost


async def test_a_start_that_dies_after_putting_the_file_aside_does_not_lose_the_alarm(tmp_path: Path) -> None:
    await a_spool_with_records(tmp_path)
    (tmp_path / "spool.db").rename(tmp_path / "spool.corrupt-20260101T000000000000Z.db")
    async with opened(tmp_path) as spool:
        assert [each.alarm.type for each in await alarms(spool)] == ["quarantined_spool"]


async def test_the_alarm_is_raised_once(tmp_path: Path) -> None:
    await a_spool_with_records(tmp_path)
    damage_header(tmp_path / "spool.db")
    async with opened(tmp_path) as spool:
        first = spool.identity
    async with opened(tmp_path) as spool:
        assert await alarms(spool) == []
        assert await spool.unshipped() == [first]
        await spool.acknowledge(first.spool_id, 1)
    async with opened(tmp_path) as spool:
        assert await alarms(spool) == []


async def test_damage_seen_while_running_ends_all_recording(tmp_path: Path) -> None:
    async with opened(tmp_path) as before:
        for _ in range(3_000):
            await before.append(lambda _: os.urandom(2_000), durable=False)
    async with opened(tmp_path) as spool:
        damage_pages(tmp_path / "spool.db")
        with pytest.raises(SpoolFailed):
            await everything(spool, before.identity.spool_id)
        for durable in (False, True):
            with pytest.raises(SpoolFailed):
                await spool.append(lambda _: b"record", durable=durable)
        with pytest.raises(SpoolFailed):
            await spool.wait_durable(0)
        with pytest.raises(SpoolFailed):
            await spool.acknowledge(before.identity.spool_id, 1)
    async with opened(tmp_path) as spool:
        assert [each.alarm.type for each in await alarms(spool)] == ["quarantined_spool"]
