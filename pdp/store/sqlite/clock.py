"""The clock of a SQLite database: microseconds since 1970-01-01 UTC that no change of the wall clock moves.

A database server has a clock of its own; a file has none. This one is set by the wall clock once, and counts on
CLOCK_BOOTTIME from then on, also across starts on the same boot of the machine. After the machine has booted again it
is set anew, but never behind where it stood at its last start or stop. So a term lasts as long as it says, whatever
becomes of the wall clock; a wall clock that was wrong when this one was set is corrected only after the next boot.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gatehold.clock import boottime_ns

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # random(4); a new one for each boot


@dataclass(frozen=True, slots=True)
class _Anchor:
    """One moment on both clocks. `boot` is empty where the machine does not tell its boots apart."""

    boot: str
    boottime_ns: int
    time_us: int


class DatabaseClock:
    """Counts for one database, and remembers in `<database>.clock` where it stands.

    Args:
        path: of the database.
        boottime: nanoseconds on CLOCK_BOOTTIME.
        wall_us: microseconds on the wall clock.
        boot: names this boot of the machine; default what the kernel calls it.
    """

    def __init__(
        self,
        path: Path,
        boottime: Callable[[], int] = boottime_ns,
        wall_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
        boot: Callable[[], str] | None = None,
    ) -> None:
        self._file = path.with_name(f"{path.name}.clock")
        self._boottime = boottime
        self._anchor = self._anchored((boot or _boot_id)(), wall_us())
        self.remember()

    def now_us(self) -> int:
        """Never less than before."""
        return self._anchor.time_us + (self._boottime() - self._anchor.boottime_ns) // 1_000

    def remember(self) -> None:
        """Writes down where it stands, so that it does not go back behind this after the next boot."""
        state = {"boot": self._anchor.boot, "boottime_ns": self._boottime(), "time_us": self.now_us()}
        draft = self._file.with_name(f"{self._file.name}.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._file)

    def _anchored(self, boot: str, wall_us: int) -> _Anchor:
        known, now_ns = self._known(), self._boottime()
        if known is None:
            return _Anchor(boot, now_ns, wall_us)
        if boot and known.boot == boot and known.boottime_ns <= now_ns:
            return known
        return _Anchor(boot, now_ns, max(wall_us, known.time_us))

    def _known(self) -> _Anchor | None:
        try:
            match json.loads(self._file.read_text(encoding="ascii")):
                case {"boot": str(boot), "boottime_ns": int(boottime), "time_us": int(time_us)}:
                    return _Anchor(boot, boottime, time_us)
        except (OSError, ValueError):  # it has never been, or is damaged: the wall clock is the best there is
            pass
        return None


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
