"""What one sidecar is told when it starts."""

from dataclasses import dataclass, field
from pathlib import Path

from sidecar.address import Address


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files of the connection to the decision point.

    Attributes:
        ca: who signs the decision point's certificate.
        certificate, key: the sidecar's own, with its SPIFFE ID; None where it shows an API key.
    """

    ca: Path
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """One sidecar.

    Attributes:
        agent: id of the one agent that it serves.
        listen: where that agent reaches it.
        pdp: the decision point.
        key: API key of the sidecar; empty where it shows a certificate.
        tls: of the connection to the decision point; None for plain TCP on loopback or a Unix socket.
        spool: directory of the records that are not shipped yet.
        version: of the product.
        socket_group: Unix group that may use the socket too; empty for none.
        token: what agents must show on a TCP port; empty on a Unix socket, and where only sessions are let in.
        require_session: whether every call must be in a session.
        metrics: host and port to serve metrics on; None for none.
        spool_bytes: most that unshipped records may take; above it every call is refused.
    """

    agent: str
    listen: Address
    pdp: Address
    key: str = field(repr=False)
    spool: Path
    version: str
    socket_group: str = ""
    token: str = field(default="", repr=False)
    require_session: bool = False
    metrics: tuple[str, int] | None = None
    tls: TlsFiles | None = None
    spool_bytes: int = 256 * 1024 * 1024
