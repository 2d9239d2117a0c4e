"""Addresses that a sidecar listens on and connects to."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from gatehold.invalid import InvalidInput

_UNIX = "unix:"


@dataclass(frozen=True, slots=True)
class Address:
    """A gRPC address.

    Attributes:
        target: as gRPC takes it.
        path: of the Unix socket; None for TCP.
    """

    target: str
    path: Path | None


def parse_address(text: str, field: str, *, encrypted: bool = False) -> Address:
    """Reads `unix:PATH` or `HOST:PORT` on loopback.

    Args:
        text: the address.
        field: the setting that errors name.
        encrypted: TLS is spoken there, so that any host will do.

    Raises:
        InvalidInput: for anything else. Credentials and arguments would cross a network in the clear.
    """
    if text.startswith(_UNIX):
        path = text.removeprefix(_UNIX)
        path = path.removeprefix("//") if path.startswith("///") else path
        if not path or path.startswith("//"):
            raise InvalidInput(field, f"{text!r} names no path; write unix:PATH")
        return Address(_UNIX + path, Path(path))
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or not int(port) <= 65535:
        raise InvalidInput(field, f"{text!r} is neither unix:PATH nor HOST:PORT")
    if not encrypted and not _is_loopback(host.strip("[]")):
        raise InvalidInput(
            field, f"{text!r} is not on loopback; plain TCP would show credentials and arguments to a network"
        )
    return Address(text, None)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
