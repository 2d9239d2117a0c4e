"""Whose the socket is and who can see it, with real sockets."""

import grp
import os
import socket
import stat
from pathlib import Path

import grpc
import pytest

from gatehold.invalid import InvalidInput
from sidecar.address import parse_address
from sidecar.listener import Endpoint


def endpoint(path: Path, group: str = "") -> Endpoint:
    return Endpoint(parse_address(f"unix:{path}", "listen"), group)


def foreign(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a user who is neither this one nor root, as far as the sidecar can tell."""
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, 12_345, 12_345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    return folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_the_socket_and_its_new_folder_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "run" / "agent.sock"
    server = grpc.aio.server()
    endpoint(path).bind(server)
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)
    await server.start()
    await server.stop(None)
    assert not path.exists()


async def test_a_group_may_be_let_in(tmp_path: Path) -> None:
    path = tmp_path / "run" / "agent.sock"
    server = grpc.aio.server()
    endpoint(path, grp.getgrgid(os.getgid()).gr_name).bind(server)
    assert (mode(path.parent), mode(path)) == (0o710, 0o660)
    await server.stop(None)


async def test_a_group_gets_through_every_new_folder_whatever_the_mask(tmp_path: Path) -> None:
    path = tmp_path / "run" / "agent" / "a.sock"
    server = grpc.aio.server()
    before = os.umask(0o077)
    try:
        endpoint(path, grp.getgrgid(os.getgid()).gr_name).bind(server)
    finally:
        os.umask(before)
    assert [mode(one) for one in (tmp_path / "run", path.parent, path)] == [0o710, 0o710, 0o660]
    await server.stop(None)


def test_a_group_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="socket_group"):
        endpoint(tmp_path / "agent.sock", "no-such-group")


async def test_a_dead_process_leaves_a_socket_that_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "agent.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = grpc.aio.server()
    endpoint(path).bind(server)
    await server.stop(None)


async def test_a_living_process_keeps_its_socket(tmp_path: Path) -> None:
    path = tmp_path / "agent.sock"
    with socket.socket(socket.AF_UNIX) as living:
        living.bind(str(path))
        living.listen()
        inode = path.stat().st_ino
        with pytest.raises(InvalidInput, match="in use"):
            endpoint(path).bind(grpc.aio.server())
        assert path.stat().st_ino == inode


async def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "agent.sock"
    path.write_text("precious")
    with pytest.raises(InvalidInput, match="no socket"):
        endpoint(path).bind(grpc.aio.server())
    assert path.read_text() == "precious"


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777])
async def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(InvalidInput, match="written to by others"):
        endpoint(folder / "agent.sock").bind(grpc.aio.server())


async def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = foreign(tmp_path / "theirs", monkeypatch)
    with pytest.raises(InvalidInput, match="another user"):
        endpoint(folder / "agent.sock").bind(grpc.aio.server())
    assert not list(folder.iterdir())


async def test_a_path_longer_than_a_socket_may_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="longer"):
        endpoint(tmp_path / ("x" * 110)).bind(grpc.aio.server())


@pytest.mark.parametrize("text", ["unix:/run/a.sock", "unix:///run/a.sock", "unix:a.sock"])
def test_paths_are_read_as_grpc_reads_them(text: str) -> None:
    address = parse_address(text, "listen")
    assert address.path == Path(text.removeprefix("unix:").replace("///", "/"))


@pytest.mark.parametrize("text", ["127.0.0.1:8181", "localhost:8181", "[::1]:8181", "127.8.8.8:1"])
def test_loopback_is_an_address(text: str) -> None:
    assert parse_address(text, "pdp").target == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unix:",
        "unix://host/a.sock",
        "127.0.0.1",
        ":8181",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:70000",
        "127.0.0.1:٣",
        "10.0.0.1:8181",
        "0.0.0.0:8181",
        "[::]:8181",
        "example.com:8181",
        "localhost.example.com:8181",
        "dns:///127.0.0.1:8181",
        "unix-abstract:x",
    ],
)
def test_every_other_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="pdp"):
        parse_address(text, "pdp")
