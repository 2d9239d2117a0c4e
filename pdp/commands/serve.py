"""`gatehold pdp serve`."""

import asyncio
import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import click

from gatehold.invalid import InvalidInput
from pdp.documents import InvalidDocuments
from pdp.fleet.errors import DifferentPolicies
from pdp.fleet.leases import SECOND_NS
from pdp.identity import KeyFileError
from pdp.identity.certificates import TRUST_DOMAIN, is_trust_domain
from pdp.log import configure
from pdp.settings import HostPort, Settings, TlsFiles, parse_host_port, parse_loopback
from pdp.store.errors import StoreError
from pdp.wiring import serve as run_server

_FILE = click.Path(path_type=Path, dir_okay=False)
_SUFFIXES = {".yaml", ".yml", ".json"}


@click.group()
def pdp() -> None:
    """Decide: the policy decision point."""


@pdp.command()
@click.option(
    "--listen",
    default="127.0.0.1:8181",
    show_default=True,
    help="HOST:PORT; without TLS on loopback. Port 0 takes any.",
)
@click.option("--tls-cert", type=_FILE, help="PEM file with the certificate and its chain. Read again when it changes.")
@click.option("--tls-key", type=_FILE, help="PEM file with its private key, for its owner alone.")
@click.option("--tls-client-ca", type=_FILE, help="PEM file with the CA that signs sidecars' certificates.")
@click.option("--sidecar-listen", help="HOST:PORT for sidecars that show a certificate; needs the three files above.")
@click.option(
    "--trust-domain", default=TRUST_DOMAIN, show_default=True, help="Of the SPIFFE IDs in sidecars' certificates."
)
@click.option("--database", help="sqlite:///PATH. Default: gatehold.db in --data-dir.")
@click.option(
    "--data-dir",
    envvar="GATEHOLD_DATA_DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Holds the database, and the keys that a first start writes to DIR/keys.",
)
@click.option(
    "--policies",
    type=click.Path(path_type=Path, exists=True),
    help="File or directory of policies to seed an empty store with.",
)
@click.option("--apply", is_flag=True, help="Replace the policies in force by --policies where they differ.")
@click.option(
    "--lease-ttl",
    type=click.FloatRange(1, 60),
    default=5,
    show_default=True,
    help="Seconds for which a sidecar may answer from its cache without asking.",
)
@click.option(
    "--sealing-key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Key that frozen arguments are encrypted with; made where there is none. Default: keys/sealing.key in DIR.",
)
@click.option("--metrics-listen", help="HOST:PORT to serve Prometheus metrics on. Without it there are none.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="Least severe log entry on standard error.",
)
def serve(
    listen: str,
    tls_cert: Path | None,
    tls_key: Path | None,
    tls_client_ca: Path | None,
    sidecar_listen: str | None,
    trust_domain: str,
    database: str | None,
    data_dir: Path | None,
    policies: Path | None,
    apply: bool,
    lease_ttl: float,
    sealing_key_file: Path | None,
    metrics_listen: str | None,
    log_level: str,
) -> None:
    """Run a decision point until SIGTERM or SIGINT. Prints `ready ADDRESS` once callers can connect.

    \b
    Examples:
      gatehold pdp serve --data-dir .gatehold
      gatehold pdp serve --data-dir /var/lib/gatehold --policies policies/ --metrics-listen 127.0.0.1:9181
      gatehold pdp serve --data-dir /var/lib/gatehold --listen 0.0.0.0:8181 --tls-cert pdp.pem --tls-key pdp.key \\
        --sidecar-listen 0.0.0.0:8182 --tls-client-ca ca.pem
    """
    configure(log_level)
    os.umask(0o077)  # what it writes is its owner's alone, whatever the shell's mask
    try:
        tls = _tls(tls_cert, tls_key, tls_client_ca)
        settings = Settings(
            listen=parse_host_port(listen, "listen") if tls else parse_loopback(listen, "listen"),
            tls=tls,
            sidecar_listen=_sidecar_listen(sidecar_listen, tls),
            trust_domain=_trust_domain(trust_domain),
            database=_database(database, data_dir),
            data_dir=_made(data_dir),
            policies=_texts(policies, apply),
            apply=apply,
            lease_ns=int(lease_ttl * SECOND_NS),
            metrics=parse_host_port(metrics_listen, "metrics_listen") if metrics_listen else None,
            sealing_key_file=sealing_key_file,
        )
        asyncio.run(_serve(settings))
    except DifferentPolicies as error:
        raise click.ClickException(f"{error}\nAdd --apply to put the given ones in force.") from error
    except (InvalidInput, InvalidDocuments, StoreError, KeyFileError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _tls(certificate: Path | None, key: Path | None, client_ca: Path | None) -> TlsFiles | None:
    if certificate is None and key is None and client_ca is None:
        return None
    if certificate is None or key is None:
        raise InvalidInput("tls_cert", "TLS needs both --tls-cert and --tls-key")
    return TlsFiles(certificate, key, client_ca)


def _sidecar_listen(text: str | None, tls: TlsFiles | None) -> HostPort | None:
    if text is None:
        if tls is not None and tls.client_ca is not None:
            raise InvalidInput("tls_client_ca", "is for --sidecar-listen; give that too")
        return None
    if tls is None or tls.client_ca is None:
        raise InvalidInput("sidecar_listen", "needs --tls-cert, --tls-key and --tls-client-ca")
    return parse_host_port(text, "sidecar_listen")


def _trust_domain(text: str) -> str:
    if not is_trust_domain(text):
        raise InvalidInput("trust_domain", f"{text!r} is not made of a-z, 0-9, ., _ and -")
    return text


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run_server(settings, _ready, stop)


def _ready(address: HostPort) -> None:
    gc.freeze()  # modules, catalog and policies stay; to walk them at every full collection costs a tenth of each call
    click.echo(f"ready {address}")


def _database(database: str | None, data_dir: Path | None) -> str:
    if database is not None:
        return database
    if data_dir is None:
        raise InvalidInput("database", "give --database, or --data-dir to keep it there")
    return f"sqlite:///{data_dir / 'gatehold.db'}"


def _made(data_dir: Path | None) -> Path | None:
    if data_dir is not None:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return data_dir


def _texts(policies: Path | None, apply: bool) -> list[tuple[str, str]] | None:
    if policies is None:
        if apply:
            raise InvalidInput("apply", "says what to do with --policies; give --policies too")
        return None
    return [(_text(file), str(file)) for file in _files(policies)]


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES and file.is_file())
    if not found:
        # An empty set would remove every policy; that is asked for with an empty file.
        raise InvalidInput("policies", f"{path} holds no .yaml, .yml or .json file")
    yield from found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidInput("policies", f"{file} is not UTF-8") from None
