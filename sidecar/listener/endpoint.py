"""The socket itself: who can see it, and whose it is."""

import grp
import os
import socket
import stat
from pathlib import Path

import grpc

from gatehold.invalid import InvalidInput
from sidecar.address import Address
from sidecar.private import exposure

_LONGEST_PATH = 107  # bytes: sockaddr_un holds 108 with the final NUL (unix(7)); macOS holds 104
_FIELD = "listen"


class Endpoint:
    """Where the sidecar listens."""

    def __init__(self, address: Address, group: str = "") -> None:
        """Args:
        group: name of the Unix group whose members may connect too; empty for none.

        Raises:
            InvalidInput: there is no such group, or the address is TCP, where groups mean nothing.
        """
        self._address = address
        self._group = _group_id(group, address) if group else None

    def bind(self, server: grpc.aio.Server) -> None:
        """Makes the server listen. It removes the socket itself when it stops.

        Raises:
            InvalidInput: the place is taken, or others could put a socket of their own there.
        """
        if self._address.path is None:
            server.add_insecure_port(self._address.target)
            return
        self._prepare(self._address.path)
        # The mode has to be right from the first moment; a later chmod would leave a gap.
        before = os.umask(0o177 if self._group is None else 0o117)
        try:
            server.add_insecure_port(self._address.target)
        finally:
            os.umask(before)
        if self._group is not None:
            os.chown(self._address.path, -1, self._group)

    def _prepare(self, path: Path) -> None:
        if len(os.fsencode(path)) > _LONGEST_PATH:
            raise InvalidInput(_FIELD, f"{path} is longer than the {_LONGEST_PATH} bytes that a socket's path may have")
        folder = path.parent
        self._make(folder)
        if problem := exposure(folder.stat()):
            raise InvalidInput(_FIELD, f"{folder} {problem}, so another process could put a socket of its own there")
        _remove_stale(path)

    def _make(self, folder: Path) -> None:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(mode=0o700)
            if self._group is not None:  # it has to get through every one of them
                os.chown(one, -1, self._group)
                one.chmod(0o710)


def _group_id(group: str, address: Address) -> int:
    if address.path is None:
        raise InvalidInput("socket_group", "needs a Unix socket")
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise InvalidInput("socket_group", f"there is no group {group!r}") from None


def _remove_stale(path: Path) -> None:
    """Removes a socket that a dead process left. gRPC would take one over even from a living process."""
    if not path.exists() and not path.is_symlink():
        return
    if not stat.S_ISSOCK(path.lstat().st_mode):
        raise InvalidInput(_FIELD, f"{path} exists and is no socket")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except OSError as error:
            raise InvalidInput(_FIELD, f"{path} is in use: {error.strerror or error}") from None
    raise InvalidInput(_FIELD, f"{path} is in use: another process answers there")
