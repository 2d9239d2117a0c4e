"""Starting `pdp serve` and `sidecar run` as processes of their own, for `dev` and `demo`."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import click

START_SECONDS = 30.0
STOP_SECONDS = 10.0


class Process:
    """One `gatehold …` process that says `ready` on its standard output once it listens.

    Args:
        name: for messages.
        arguments: after `gatehold`.
        log: file that its standard error goes to; None for this process's own.

    Raises:
        ClickException: it ended, or was not ready within 30 s.
    """

    def __init__(self, name: str, arguments: Sequence[str], log: Path | None = None) -> None:
        self.name = name
        self._log = log
        with _opened(log) if log else contextlib.nullcontext() as errors:
            self._process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
                [sys.executable, "-m", "gatehold", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,  # Ctrl-C reaches this process, which then stops both in order
            )
        self.ready_line = self._wait_until_ready()

    def _wait_until_ready(self) -> str:
        lines: list[str] = []
        reader = threading.Thread(target=lambda: lines.append(self._process.stdout.readline()), daemon=True)  # type: ignore[union-attr]
        reader.start()
        reader.join(START_SECONDS)
        if lines and lines[0].strip():
            return lines[0].strip()
        self.kill()
        hint = f"; its log is {self._log}" if self._log else ""
        tail = self._log.read_text(errors="replace").splitlines()[-5:] if self._log else []
        raise click.ClickException("\n".join([f"the {self.name} did not start{hint}", *tail]))

    @property
    def ended(self) -> bool:
        """True once the process is gone."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Asks it to end, and ends it after 10 s. Returns its exit code."""
        if not self.ended:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.returncode

    def __enter__(self) -> "Process":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _opened(log: Path) -> BinaryIO:
    """Opens a log to append to. It names verbs and agents, so it is its owner's alone."""
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
