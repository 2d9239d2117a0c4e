"""Where the sidecar is."""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gatehold.invalid import InvalidInput

VARIABLE = "GATEHOLD_SIDECAR"
TOKEN_VARIABLE = "GATEHOLD_TOKEN_FILE"  # noqa: S105 (a variable's name, not a secret)
DEFAULT = "unix:.gatehold/agent.sock"


@dataclass(frozen=True, slots=True)
class Target:
    """An address and what is sent along with every call.

    Attributes:
        address: a gRPC target, `unix:PATH` or `HOST:PORT` on loopback.
        metadata: `authorization` where a token is configured, else empty. Kept out of `repr`.
    """

    address: str
    metadata: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"Target({self.address!r})"


def resolve(target: str | None = None, token_file: str | None = None) -> Target:
    """Returns the target that is named, else the variable GATEHOLD_SIDECAR's, else `unix:.gatehold/agent.sock`.

    Args:
        target: `unix:PATH`, or `HOST:PORT` on loopback.
        token_file: file that holds a key or token; default the variable GATEHOLD_TOKEN_FILE; none on a Unix socket,
            where the socket is the identity.

    Raises:
        InvalidInput: the target is neither a Unix socket nor on loopback: arguments would cross a network in the clear.
    """
    address = target or os.environ.get(VARIABLE) or DEFAULT
    if not address.startswith("unix:") and not _on_loopback(address):
        raise InvalidInput("target", f"{address!r} is neither unix:PATH nor on loopback")
    path = token_file or os.environ.get(TOKEN_VARIABLE)
    if not path:
        return Target(address)
    token = Path(path).read_text(encoding="ascii").strip()
    return Target(address, (("authorization", f"Bearer {token}"),))


def _on_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def channel_options() -> Sequence[tuple[str, int]]:
    """Returns the channel arguments: a sidecar that comes back is found again within a second."""
    return (
        ("grpc.max_receive_message_length", 8 * 1024 * 1024),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 1_000),
        ("grpc.enable_retries", 0),
        ("grpc.enable_http_proxy", 0),
    )
