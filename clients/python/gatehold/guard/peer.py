"""Whose Unix socket it is: whoever can put one at the guard's path answers for the gate."""

import os
import stat
from collections.abc import Collection
from pathlib import Path


def distrust(path: Path, sidecar_uid: int | None = None) -> str:
    """Returns why the socket must not be used and what to do about it; empty when it may be used.

    Only this user, root and `sidecar_uid` may own the socket, its folder and a link that leads to the folder, and only
    the owner may write to the folder. A sticky folder such as /tmp is no exception: gRPC connects again by itself, so
    a socket that stood there for a moment between two checks, while the sidecar was down, would have the connection.
    The folders above are not looked at; nor is the process behind the socket, which Python's gRPC does not tell.

    Args:
        path: of the socket; a symbolic link is refused, for its own folder would not be the one that is checked.
        sidecar_uid: user id of a sidecar that runs as another user; None where it does not.
    """
    trusted = {0, os.geteuid(), *([] if sidecar_uid is None else [sidecar_uid])}
    folder = path.parent
    try:
        link, directory, socket = folder.lstat(), folder.stat(), path.lstat()
    except FileNotFoundError:
        return f"there is no socket {path}: start the sidecar, or name another by GATEHOLD_SIDECAR"
    except OSError as error:
        return f"{path} cannot be looked at: {error.strerror}"
    if not stat.S_ISSOCK(socket.st_mode):
        return f"{path} is not a socket: name the sidecar's by GATEHOLD_SIDECAR"
    if directory.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"others could put a socket of their own into {folder}: run chmod go-w on it, or use a folder of its own"
    return _foreign(((folder, link), (folder, directory), (path, socket)), trusted)


def _foreign(seen: Collection[tuple[Path, os.stat_result]], trusted: Collection[int]) -> str:
    for name, status in seen:
        if status.st_uid not in trusted:
            return f"{name} belongs to user {status.st_uid}: if that is the sidecar's, set GATEHOLD_SIDECAR_UID to it"
    return ""
