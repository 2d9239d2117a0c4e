"""What a decision point is started with, checked before anything is opened."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gatehold.invalid import InvalidInput
from pdp.fleet.leases import DEFAULT_NS
from pdp.identity.certificates import TRUST_DOMAIN

TENANT = "default"
"""The tenant that a first start makes."""


@dataclass(frozen=True, slots=True)
class HostPort:
    """A TCP address. Port 0 takes any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files.

    Attributes:
        certificate: the server's, with its chain.
        key: the server's private key.
        client_ca: who signs clients' certificates; None where clients show none.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """One decision point.

    Attributes:
        listen: where it serves gRPC.
        database: URL of the database.
        data_dir: existing directory in which a first start leaves keys; None where nothing may be written.
        policies: (text, name of its source) of each file to seed an empty store with; None for nothing.
        apply: whether `policies` replace those in force where they differ.
        lease_ns: length of a sidecar's lease, 1 to 60 s.
        metrics: where Prometheus metrics are served; None for nowhere.
        tls: certificate and key of `listen`; None for plain TCP, on loopback only.
        sidecar_listen: where sidecars that show certificates are served, by `tls` and its client CA; None for nowhere.
        trust_domain: of the SPIFFE IDs in those certificates.
        sealing_key_file: what frozen arguments are encrypted with; None for `keys/sealing.key` in `data_dir`.
    """

    listen: HostPort
    database: str
    data_dir: Path | None
    policies: Sequence[tuple[str, str]] | None = None
    apply: bool = False
    lease_ns: int = DEFAULT_NS
    metrics: HostPort | None = None
    sealing_key_file: Path | None = None
    tls: TlsFiles | None = None
    sidecar_listen: HostPort | None = None
    trust_domain: str = TRUST_DOMAIN


def parse_host_port(text: str, field: str) -> HostPort:
    """Reads `HOST:PORT`, an IPv6 host in brackets.

    Raises:
        InvalidInput: on `field`.
    """
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isascii() and port.isdigit() and int(port) <= 65_535):
        raise InvalidInput(field, f"{text!r} is not HOST:PORT, for example 127.0.0.1:8181")
    return HostPort(host.removeprefix("[").removesuffix("]"), int(port))


def parse_loopback(text: str, field: str) -> HostPort:
    """Reads `HOST:PORT` on loopback.

    Raises:
        InvalidInput: on `field`, also for any other host: credentials and arguments would cross a network in the clear.
    """
    address = parse_host_port(text, field)
    if not _is_loopback(address.host):
        raise InvalidInput(field, f"{text!r} is not on loopback; plain TCP would show keys and arguments to a network")
    return address


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
