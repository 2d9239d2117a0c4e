"""A guard asks only a socket that nobody but its own user, root or the named sidecar's user can have put there."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatehold import Approval, ApprovalPending, Execution, InvalidInput, NotRecorded, ReasonCode
from gatehold.guard.peer import distrust
from gatehold.guard.target import resolve
from tests.fakes.scripted_approvals import ScriptedApprovals
from tests.fakes.scripted_gate import ScriptedGate

OTHER = 12_345


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(folder / "a.sock"))
        yield folder / "a.sock"


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Makes it another user's, as far as the guard can tell. Returns that user's id."""
    if os.geteuid() == 0:
        os.chown(path, OTHER, OTHER, follow_symlinks=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: OTHER)
    return path.lstat().st_uid


def test_its_own_socket_in_its_own_folder_is_used(path: Path) -> None:
    assert distrust(path) == ""


@pytest.mark.parametrize("which", ["socket", "folder"])
def test_another_users_is_used_only_when_named(path: Path, which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = give_away(path if which == "socket" else path.parent, monkeypatch)
    assert f"belongs to user {owner}" in distrust(path)
    assert distrust(path, owner + 1)
    assert distrust(path, owner) == ""


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o1777])
def test_a_folder_that_others_can_write_to_is_refused(path: Path, mode: int) -> None:
    path.parent.chmod(mode)
    assert "chmod go-w" in distrust(path)


def test_another_users_link_to_the_folder_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = path.parent.parent / "link"
    link.symlink_to(path.parent)
    assert distrust(link / "a.sock") == ""
    give_away(link, monkeypatch)
    assert f"{link} belongs to user" in distrust(link / "a.sock")


def test_what_is_no_socket_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path.parent / "link.sock").symlink_to(path)
    assert "is not a socket" in distrust(path.parent / "link.sock")
    assert "is not a socket" in distrust(Path("/dev/null"))
    assert "there is no socket" in distrust(path.parent / "none.sock")
    assert "cannot be looked at" in distrust(path / "a.sock")
    monkeypatch.chdir(path.parent)
    assert distrust(Path("a.sock")) == ""


def test_a_distrusted_gate_gets_neither_calls_nor_records(
    make_guard: Any, gate: ScriptedGate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = make_guard(gate.target)
    assert guard.evaluate("files:read").allowed
    owner = give_away(tmp_path / "gate.sock", monkeypatch)
    answer = guard.evaluate("files:read", {"secret": 1})
    assert answer.reason_code is ReasonCode.SIDECAR_UNREACHABLE and "GATEHOLD_SIDECAR_UID" in answer.reason
    with pytest.raises(NotRecorded, match="belongs to user"):
        guard.record(Execution("files:read", "d1", "succeeded"))
    assert len(gate.requests) == 1 and gate.records == []
    assert make_guard(gate.target, sidecar_uid=owner).evaluate("files:read").allowed
    monkeypatch.setenv("GATEHOLD_SIDECAR_UID", str(owner))
    assert make_guard(gate.target).evaluate("files:read").allowed


def test_a_distrusted_gate_is_not_watched(
    guard: Any, approvals: ScriptedApprovals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(approval: Approval) -> None:
        give_away(tmp_path / "gate.sock", monkeypatch)

    with pytest.raises(ApprovalPending):
        guard.protect("bank:pay", lambda amount: amount, timeout=0.3, on_wait=wait)(250)
    assert len(approvals.of("RequestApproval")) == 1 and approvals.of("WatchApproval") == []


def test_the_variable_is_a_user_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOLD_SIDECAR_UID", "agent")
    with pytest.raises(InvalidInput, match="is not a user id"):
        resolve()


@pytest.mark.parametrize("target", ["unix:", "unix://a/b", "unix:/a%2fb", "unix:/a?b", "unix:/a#b"])
def test_a_path_that_grpc_reads_otherwise_is_refused(target: str) -> None:
    with pytest.raises(InvalidInput, match="free of"):
        resolve(target)
