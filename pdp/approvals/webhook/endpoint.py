"""Where a webhook is, read once, so that what is checked is what is connected to."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from gatehold.invalid import InvalidInput
from pdp.approvals.webhook.addresses import Address, may_send

MAX_URL = 2_048

_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]*")  # RFC 3986, without the sign of a fragment
_NAME = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_.])?")
_PORTS = {"http": 80, "https": 443}
_FIELD = "url"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The parts of a URL that a request needs.

    Attributes:
        plain: without TLS.
        host: a name in lowercase, or an address without brackets.
        authority: host and port as the URL has them.
        target: path and query, beginning with a slash.
    """

    plain: bool
    host: str
    port: int
    authority: str
    target: str


def parse_endpoint(url: str) -> Endpoint:
    """Reads `https://…`, or `http://…` on loopback.

    Raises:
        InvalidInput: it is neither, is longer than 2,048 characters, names a user or a fragment, or an address that no
            message may be sent to. Never carries the URL: some hold a secret.
    """
    parts, port = _split(url)
    scheme, host = parts.scheme, parts.hostname or ""
    if scheme not in _PORTS:
        raise InvalidInput(_FIELD, "must begin with https://, or with http:// on loopback")
    if "@" in parts.netloc:
        raise InvalidInput(_FIELD, "must not name a user; every message is signed instead")
    plain = scheme == "http"
    _require_host(host, plain)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(plain, host, port or _PORTS[scheme], parts.netloc, target)


def literal(host: str) -> Address | None:
    """The address that a host spells out; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _split(url: str) -> tuple[SplitResult, int | None]:
    if not url or len(url) > MAX_URL:
        raise InvalidInput(_FIELD, f"must have 1 to {MAX_URL} characters")
    if not _CHARACTERS.fullmatch(url):
        raise InvalidInput(_FIELD, "holds a character that no URL has, or a fragment; escape others as %XX or xn--")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInput(_FIELD, "is not a URL") from None
    if port == 0:
        raise InvalidInput(_FIELD, "has no port that can be connected to")
    return parts, port


def _require_host(host: str, plain: bool) -> None:
    address = literal(host)
    if "%" in host or (address is None and not _NAME.fullmatch(host)):
        raise InvalidInput(_FIELD, "must name a host")
    reachable = may_send(address, plain) if address else not plain or host == "localhost"
    if not reachable and plain:
        raise InvalidInput(_FIELD, "must begin with https:// for any host but localhost, 127.0.0.1 and ::1")
    if not reachable:
        raise InvalidInput(_FIELD, "names an address that is link-local, multicast, reserved or unspecified")
