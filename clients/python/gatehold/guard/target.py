"""Where the sidecar is."""

import ipaddress
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gatehold.guard import peer
from gatehold.invalid import InvalidInput

VARIABLE = "GATEHOLD_SIDECAR"
TOKEN_VARIABLE = "GATEHOLD_TOKEN_FILE"  # noqa: S105 (a variable's name, not a secret)
UID_VARIABLE = "GATEHOLD_SIDECAR_UID"
_UNIX = "unix:"
DEFAULT = "unix:.gatehold/agent.sock"


@dataclass(frozen=True, slots=True)
class Target:
    """An address and what is sent along with every call.

    Attributes:
        address: a gRPC target, `unix:PATH` or `HOST:PORT` on loopback.
        metadata: `authorization` where a token is configured, else empty. Kept out of `repr`.
        sidecar_uid: user id of a sidecar that runs as another user; None where it does not.
    """

    address: str
    metadata: tuple[tuple[str, str], ...] = ()
    sidecar_uid: int | None = None

    def distrust(self) -> str:
        """Returns why nothing must be sent there now; empty when it may. For every call: the socket may be replaced."""
        if not self.address.startswith(_UNIX):
            return ""
        return peer.distrust(_socket(self.address), self.sidecar_uid)

    def __repr__(self) -> str:
        return f"Target({self.address!r})"


def resolve(target: str | None = None, token_file: str | None = None, sidecar_uid: int | None = None) -> Target:
    """Returns the target that is named, else the variable GATEHOLD_SIDECAR's, else `unix:.gatehold/agent.sock`.

    Args:
        target: `unix:PATH`, or `HOST:PORT` on loopback.
        token_file: file that holds a key or token; default the variable GATEHOLD_TOKEN_FILE; none on a Unix socket,
            where the socket is the identity.
        sidecar_uid: user id of a sidecar that runs as another user; default the variable GATEHOLD_SIDECAR_UID.

    Raises:
        InvalidInput: the target is neither a Unix socket nor on loopback: arguments would cross a network in the clear;
            or the variable is no user id.
        OSError: the token file cannot be read.
    """
    address = target or os.environ.get(VARIABLE) or DEFAULT
    if address.startswith(_UNIX):
        _socket(address)
    elif not _on_loopback(address):
        raise InvalidInput("target", f"{address!r} is neither unix:PATH nor on loopback")
    return Target(address, _metadata(token_file), _uid() if sidecar_uid is None else sidecar_uid)


def _metadata(token_file: str | None) -> tuple[tuple[str, str], ...]:
    path = token_file or os.environ.get(TOKEN_VARIABLE)
    if not path:
        return ()
    token = Path(path).read_text(encoding="ascii").strip()
    return (("authorization", f"Bearer {token}"),)


def _uid() -> int | None:
    text = os.environ.get(UID_VARIABLE)
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise InvalidInput(UID_VARIABLE, f"{text!r} is not a user id")
    return int(text)


def _socket(address: str) -> Path:
    """Returns the path that gRPC connects to (https://github.com/grpc/grpc/blob/master/doc/naming.md)."""
    path = address.removeprefix(_UNIX)
    path = path.removeprefix("//") if path.startswith("///") else path
    # gRPC reads a URI: it would decode or cut these, and connect to another path than the one that is checked.
    if not path or path.startswith("//") or set(path) & set("%?#"):
        raise InvalidInput("target", f"{address!r} is not unix:PATH with a path free of %, ? and #")
    return Path(path)


def _on_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_deadline(seconds: float) -> float:
    """Returns it. Raises InvalidInput unless it is more than 0 and finite: without a deadline a call could hang."""
    if not 0 < seconds < math.inf:
        raise InvalidInput("deadline", f"{seconds!r} is not a number of seconds above 0")
    return seconds


def channel_options() -> Sequence[tuple[str, int]]:
    """Returns the channel arguments: a sidecar that comes back is found again within a second."""
    return (
        ("grpc.max_receive_message_length", 8 * 1024 * 1024),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 1_000),  # how long one attempt may take: a busy machine needs its time
        ("grpc.max_reconnect_backoff_ms", 1_000),
        ("grpc.enable_retries", 0),
        ("grpc.enable_http_proxy", 0),
    )
