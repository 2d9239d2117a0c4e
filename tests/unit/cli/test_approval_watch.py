"""`gatehold approvals watch`, a process of its own: on a terminal, into a pipe, across restarts."""

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import grpc
import pytest

from gatehold.cli.approval_feed import Link
from gatehold.cli.approval_watch import Board
from gatehold.serving import Refusal
from gatehold.v1.approval_pb2 import APPROVAL_STATE_DENIED
from gatehold.v1.error_reason_pb2 import ErrorReason
from tests.fakes.scripted_approver import ScriptedApprover, pending

ID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
OTHER = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202efine"
PATIENCE_SECONDS = 30


class Watch:
    """The process, and what it printed so far."""

    def __init__(self, data_dir: Path, *words: str, screen: bool = False) -> None:
        self.out = self.err = b""
        mine, theirs = pty.openpty() if screen else os.pipe()
        command = [sys.executable, "-m", "gatehold", "approvals", "watch", "--data-dir", str(data_dir), *words]
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200", "LINES": "40"}
        self.process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=environment)
        os.close(theirs)
        assert self.process.stderr is not None
        for stream, name in ((os.fdopen(mine, "rb", 0), "out"), (self.process.stderr, "err")):
            threading.Thread(target=self._drain, args=(stream, name), daemon=True).start()

    def _drain(self, stream: IO[bytes], name: str) -> None:
        try:
            while data := os.read(stream.fileno(), 65_536):
                setattr(self, name, getattr(self, name) + data)
        except OSError:  # how a pseudo-terminal says that the other side is gone
            return

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < end, (self.out, self.err)
            time.sleep(0.02)

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_SECONDS)


@pytest.fixture
def watch(data_dir: Path) -> Iterator[Callable[..., Watch]]:
    started: list[Watch] = []

    def start(*words: str, screen: bool = False) -> Watch:
        started.append(Watch(data_dir, *words, screen=screen))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def denied(**fields: Any) -> Any:
    made = pending(ID, state=APPROVAL_STATE_DENIED, end_reason="too much", **fields)
    made.ClearField("time_left")
    return made


def test_into_a_pipe_each_change_is_a_line_and_interrupting_ends_it_cleanly(
    gatekeeper: ScriptedApprover, watch: Callable[..., Watch]
) -> None:
    gatekeeper.add(pending(ID, justification=HOSTILE, on_behalf_of=HOSTILE, reason=HOSTILE))
    running = watch()
    running.until(lambda: b"1b4e28ba  pending  26m 40s left  HIGH  dev for " in running.out)
    gatekeeper.add(denied(on_behalf_of=HOSTILE))
    running.until(lambda: b"1b4e28ba  denied" in running.out and running.out.endswith(b"too much\n"))
    assert running.interrupt() == 130
    assert running.out.count(b"\n") == 2 and b"Traceback" not in running.err
    assert not set(b"\x1b\x07") & set(running.out) and "\u202e" not in running.out.decode()


def test_json_is_one_document_a_line(gatekeeper: ScriptedApprover, watch: Callable[..., Watch]) -> None:
    gatekeeper.add(pending(ID, reason=HOSTILE), pending(OTHER))
    running = watch("--output", "json", screen=True)
    running.until(lambda: running.out.count(b"\n") == 2)
    first, second = map(json.loads, running.out.splitlines())
    assert (first["approval_id"], first["state"], first["reason"]) == (ID, "pending", HOSTILE)
    assert second["args"] == {"amount": 250}
    assert b"\x1b" not in running.out


def test_on_a_terminal_the_time_left_runs_down_and_changes_are_told(
    gatekeeper: ScriptedApprover, watch: Callable[..., Watch]
) -> None:
    running = watch(screen=True)
    running.until(lambda: b"nothing waits" in running.out)
    gatekeeper.add(pending(ID, on_behalf_of=HOSTILE, args_json=json.dumps({"note": HOSTILE})))
    running.until(lambda: b"1 waiting" in running.out)
    for shown in (rb"26m \d+s", rb"3m \d+s"):  # left, and waiting since
        running.until(lambda shown=shown: len(set(re.findall(shown, running.out))) > 2)
    gatekeeper.add(denied())
    running.until(lambda: running.out.rpartition(b"1b4e28ba  denied")[1])
    before = len(running.out)
    running.until(lambda: b"nothing waits" in running.out[before:])
    assert running.interrupt() == 130
    running.until(lambda: b"\x1b[?25h" in running.out)  # the cursor is shown again
    assert b"Traceback" not in running.err + running.out
    assert b"\x1b[2J" not in running.out and b"\x1b]" not in running.out and "\u202e" not in running.out.decode()


def test_it_goes_on_when_the_decision_point_restarts(gatekeeper: ScriptedApprover, watch: Callable[..., Watch]) -> None:
    gatekeeper.add(pending(ID))
    running = watch()
    running.until(lambda: b"1b4e28ba" in running.out)
    gatekeeper.stop()
    running.until(lambda: Link.LOST.value.encode() in running.err)
    gatekeeper.start()
    gatekeeper.add(pending(OTHER))
    running.until(lambda: b"6fa459ea" in running.out)
    assert Link.BACK.value.encode() in running.err


def test_nothing_there_at_first_is_an_error(gatekeeper: ScriptedApprover, watch: Callable[..., Watch]) -> None:
    gatekeeper.stop()
    running = watch()
    assert running.process.wait(PATIENCE_SECONDS) == 1
    running.until(lambda: b"nothing answers at" in running.err)


def test_a_refusal_for_good_ends_it(gatekeeper: ScriptedApprover, watch: Callable[..., Watch]) -> None:
    no = ErrorReason.ERROR_REASON_NOT_PERMITTED
    gatekeeper.refusals["WatchApprovals", ""] = Refusal(grpc.StatusCode.PERMISSION_DENIED, no, "only people may")
    running = watch()
    assert running.process.wait(PATIENCE_SECONDS) == 1
    running.until(lambda: b"only people may (PERMISSION_DENIED)" in running.err)


def drawn(board: Board, now: float) -> str:
    from rich.console import Console

    console = Console(width=200, record=True, file=io.StringIO())
    console.print(board.picture(now))
    return " ".join(console.export_text().split())


def test_what_waited_before_the_connection_was_lost_is_not_shown_as_waiting() -> None:
    board = Board()
    board.take(pending(ID), 100.0)
    assert "26m 35s" in drawn(board, 105.0)
    board.take(Link.LOST, 106.0)
    assert drawn(board, 106.0) == Link.LOST.value
    board.take(Link.BACK, 107.0)
    assert drawn(board, 107.0) == "nothing waits"
    board.take(pending(OTHER), 108.0)
    assert "1 waiting" in drawn(board, 9_999.0) and " 0s " in drawn(board, 9_999.0)
