"""The clock of a database lasts as long as it says, whatever becomes of the wall clock, also across starts."""

import json
import stat
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pdp.store.sqlite.clock import DatabaseClock

WALL_US = 1_800_000_000_000_000
HOUR_US = 3_600 * 1_000_000


@dataclass
class Machine:
    """What the clock reads."""

    path: Path
    boottime_ns: int = 5_000_000_000
    wall_us: int = WALL_US
    boot: str = "first"
    clock: DatabaseClock = field(init=False)

    def start(self) -> int:
        self.clock = DatabaseClock(self.path, lambda: self.boottime_ns, lambda: self.wall_us, lambda: self.boot)
        return self.clock.now_us()

    def pass_us(self, us: int) -> None:
        self.boottime_ns += us * 1_000
        self.wall_us += us

    def reboot(self, boot: str = "second") -> None:
        self.boot, self.boottime_ns = boot, 1_000_000_000

    @property
    def file(self) -> Path:
        return self.path.with_name("gatehold.db.clock")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "gatehold.db")


def test_it_is_set_by_the_wall_clock_once(machine: Machine) -> None:
    assert machine.start() == WALL_US
    machine.pass_us(7)
    assert machine.clock.now_us() == WALL_US + 7


@pytest.mark.parametrize("jump_us", [HOUR_US, -HOUR_US, -WALL_US])
def test_the_wall_clock_does_not_move_it(machine: Machine, jump_us: int) -> None:
    machine.start()
    machine.wall_us += jump_us
    machine.pass_us(10)
    assert machine.clock.now_us() == WALL_US + 10
    assert machine.start() == WALL_US + 10, "nor over a start"
    machine.clock.remember()
    machine.pass_us(10)
    assert machine.start() == WALL_US + 20


def test_time_passes_while_nothing_runs(machine: Machine) -> None:
    machine.start()
    machine.pass_us(HOUR_US)
    assert machine.start() == WALL_US + HOUR_US


@pytest.mark.parametrize(("slept_us", "reads_us"), [(HOUR_US, 2 * HOUR_US), (-10 * HOUR_US, HOUR_US), (0, HOUR_US)])
def test_another_boot_sets_it_anew_and_never_back(machine: Machine, slept_us: int, reads_us: int) -> None:
    machine.start()
    machine.pass_us(HOUR_US)
    machine.clock.remember()
    machine.reboot()
    machine.wall_us += slept_us
    assert machine.start() == WALL_US + reads_us
    machine.pass_us(5)
    assert machine.start() == WALL_US + reads_us + 5


def test_a_kill_and_another_boot_lose_no_more_than_what_passed_since_the_start(machine: Machine) -> None:
    machine.start()
    machine.pass_us(HOUR_US)
    machine.start()  # and killed before it remembers where it stood later
    machine.pass_us(HOUR_US)
    machine.reboot()
    machine.wall_us = 0
    assert machine.start() == WALL_US + HOUR_US


def test_a_boot_that_cannot_be_told_apart_counts_as_another(machine: Machine) -> None:
    machine.boot = ""
    machine.start()
    machine.wall_us -= HOUR_US
    machine.boottime_ns += 1_000
    assert machine.start() == WALL_US


def test_a_boottime_behind_the_remembered_one_is_of_another_run(machine: Machine) -> None:
    machine.start()
    machine.boottime_ns -= 1
    machine.wall_us += HOUR_US
    assert machine.start() == WALL_US + HOUR_US


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 60,
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"boot": "first", "boottime_ns": 1}',
        b'{"boot": "first", "boottime_ns": "1", "time_us": 1}',
        b'{"boot": "first", "boottime_ns": 1, "time_us": 1.5}',
        b'{"boot": null, "boottime_ns": 1, "time_us": 1}',
        b'{"boot": "first", "boottime_ns": 1, "time_us": 99',
    ],
)
def test_a_damaged_file_is_as_none(machine: Machine, content: bytes) -> None:
    machine.file.write_bytes(content)
    assert machine.start() == WALL_US
    assert json.loads(machine.file.read_text())["time_us"] == WALL_US


def test_the_file_is_its_owners_alone_and_replaced_whole(machine: Machine) -> None:
    machine.start()
    assert stat.S_IMODE(machine.file.stat().st_mode) == 0o600
    before = machine.file.stat().st_ino
    machine.clock.remember()
    assert machine.file.stat().st_ino != before
    assert [one.name for one in machine.path.parent.iterdir()] == [machine.file.name]


def test_it_counts_on_the_clock_that_runs_through_suspend(tmp_path: Path) -> None:
    first = DatabaseClock(tmp_path / "gatehold.db")
    second = DatabaseClock(tmp_path / "gatehold.db")
    assert first.now_us() <= second.now_us() <= first.now_us()
