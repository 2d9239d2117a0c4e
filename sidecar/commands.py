"""`gatehold sidecar run`."""

import asyncio
import gc
import os
import signal
from pathlib import Path

import click

from gatehold.identifier import require_agent_id
from gatehold.invalid import InvalidInput
from gatehold.version import VERSION
from sidecar.address import Address, parse_address
from sidecar.log import configure
from sidecar.settings import Settings, TlsFiles
from sidecar.spool import SpoolBusy, SpoolFailed, SpoolFull
from sidecar.wiring import serve

_FILE = click.Path(path_type=Path, dir_okay=False)
_SHORTEST_TOKEN = 16
DEFAULT_PDP = "127.0.0.1:8181"


@click.group()
def sidecar() -> None:
    """Stand beside an agent: answer its calls, fail closed, keep the record."""


@sidecar.command()
@click.option(
    "--data-dir",
    envvar="GATEHOLD_DATA_DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Supplies --listen unix:DIR/agent.sock, --spool DIR/spool, --key-file DIR/keys/sidecar.key.",
)
@click.option("--listen", help="unix:PATH, or HOST:PORT on loopback together with --token-file.")
@click.option("--agent", required=True, help="Id of the one agent that this sidecar serves.")
@click.option(
    "--pdp",
    help="HOST:PORT, without TLS on loopback, or unix:PATH.  [default: what `pdp serve` left in DIR, else :8181]",
)
@click.option("--tls-ca", type=_FILE, help="PEM file with the CA of the decision point: speaks TLS to it.")
@click.option("--tls-cert", type=_FILE, help="PEM file with the sidecar's certificate, shown instead of a key.")
@click.option("--tls-key", type=_FILE, help="PEM file with its private key, for its owner alone.")
@click.option("--spool", type=click.Path(path_type=Path, file_okay=False), help="Directory of unshipped records.")
@click.option(
    "--spool-max-mib",
    type=click.IntRange(min=1),
    default=256,
    show_default=True,
    help="Most that unshipped records may take, in MiB. Above it every call is refused.",
)
@click.option("--key-file", type=click.Path(path_type=Path, dir_okay=False), help="File with the sidecar's API key.")
@click.option("--token-file", type=click.Path(path_type=Path, dir_okay=False), help="File with the token for TCP.")
@click.option(
    "--require-session",
    is_flag=True,
    help="Refuse every call that shows no session's token: no caller is the whole agent.",
)
@click.option("--socket-group", default="", help="Unix group whose members may use the socket too.")
@click.option("--metrics-listen", help="HOST:PORT to serve Prometheus metrics on. Without it there are none.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="Least severe log entry on standard error.",
)
def run(
    data_dir: Path | None,
    listen: str | None,
    agent: str,
    pdp: str | None,
    tls_ca: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    spool: Path | None,
    spool_max_mib: int,
    key_file: Path | None,
    token_file: Path | None,
    require_session: bool,
    socket_group: str,
    metrics_listen: str | None,
    log_level: str,
) -> None:
    """Run a sidecar until SIGTERM or SIGINT. Prints `ready ADDRESS` once agents can connect.

    \b
    Examples:
      gatehold sidecar run --data-dir .gatehold --agent dev
      gatehold sidecar run --listen unix:/run/gatehold/agent.sock --agent billing-bot --pdp 127.0.0.1:8181 \\
        --spool /var/lib/gatehold/spool --key-file /etc/gatehold/sidecar.key
      gatehold sidecar run --listen unix:/run/gatehold/agent.sock --agent billing-bot --pdp pdp.example:8182 \\
        --spool /var/lib/gatehold/spool --tls-ca ca.pem --tls-cert sidecar.pem --tls-key sidecar.key
    """
    configure(log_level)
    os.umask(0o077)  # what it writes is its owner's alone, whatever the shell's mask
    try:
        tls = _tls(tls_ca, tls_cert, tls_key)
        listen_address = parse_address(_given(listen, data_dir, "listen", "unix:{}/agent.sock"), "listen")
        settings = Settings(
            agent=require_agent_id(agent, "agent"),
            listen=listen_address,
            pdp=parse_address(pdp or _pdp_address(data_dir), "pdp", encrypted=tls is not None),
            key=_key(key_file, data_dir, tls),
            tls=tls,
            spool=Path(_given(spool, data_dir, "spool", "{}/spool")),
            spool_bytes=spool_max_mib * 1024 * 1024,
            version=VERSION,
            socket_group=socket_group,
            token=_token(listen_address, token_file, require_session),
            require_session=require_session,
            metrics=_metrics(metrics_listen),
        )
        asyncio.run(_serve(settings))
    except (InvalidInput, SpoolBusy, SpoolFull, SpoolFailed, OSError) as error:
        raise click.ClickException(str(error)) from error


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(settings, lambda: _ready(settings), stop)


def _ready(settings: Settings) -> None:
    gc.freeze()  # what was loaded stays; without this every full collection walks it
    click.echo(f"ready {settings.listen.target}")


def _pdp_address(data_dir: Path | None) -> str:
    """What the decision point on this directory listens on, or listened on when it last started."""
    try:
        return (data_dir / "pdp.address").read_text(encoding="ascii").strip() if data_dir else DEFAULT_PDP
    except OSError:
        return DEFAULT_PDP


def _given(value: str | Path | None, data_dir: Path | None, name: str, default: str) -> str:
    if value is not None:
        return os.fspath(value)
    if data_dir is None:
        raise InvalidInput(name, f"give --{name.replace('_', '-')}, or --data-dir")
    return default.format(data_dir)


def _tls(ca: Path | None, certificate: Path | None, key: Path | None) -> TlsFiles | None:
    if ca is None:
        if certificate is not None or key is not None:
            raise InvalidInput("tls_ca", "is needed to know the decision point by; give --tls-ca too")
        return None
    if (certificate is None) != (key is None):
        raise InvalidInput("tls_cert", "goes with --tls-key, and the other way round")
    return TlsFiles(ca, certificate, key)


def _key(key_file: Path | None, data_dir: Path | None, tls: TlsFiles | None) -> str:
    """The sidecar's API key; none where a certificate stands for it."""
    if tls is not None and tls.certificate is not None:
        if key_file is not None:
            raise InvalidInput("key_file", "the certificate stands for the sidecar; give one of the two")
        return ""
    return _secret(Path(_given(key_file, data_dir, "key_file", "{}/keys/sidecar.key")), "key_file")


def _secret(path: Path, name: str) -> str:
    try:
        with path.open(encoding="ascii") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise InvalidInput(name, f"others can use {path}; run: chmod 600 {path}")
            secret = file.read().strip()
    except UnicodeDecodeError:
        raise InvalidInput(name, f"{path} holds something else than one line of ASCII") from None
    except OSError as error:
        raise InvalidInput(name, f"{path} cannot be read: {error.strerror}") from None
    if not secret.isprintable() or " " in secret or not secret:
        raise InvalidInput(name, f"{path} holds something else than one line of ASCII")
    return secret


def _token(listen: Address, token_file: Path | None, require_session: bool) -> str:
    """TCP needs a token, because every user of the machine can connect; a Unix socket takes none."""
    if listen.path is not None:
        if token_file is not None:
            raise InvalidInput("token_file", "is for TCP; a Unix socket is its own identity")
        return ""
    if require_session:
        if token_file is not None:
            raise InvalidInput("token_file", "lets nobody in with --require-session; leave it out")
        return ""
    if token_file is None:
        raise InvalidInput("token_file", "is needed for TCP, because every user of this machine can connect to it")
    token = _secret(token_file, "token_file")
    if len(token) < _SHORTEST_TOKEN:
        raise InvalidInput("token_file", f"holds a token shorter than {_SHORTEST_TOKEN} characters")
    return token


def _metrics(listen: str | None) -> tuple[str, int] | None:
    if listen is None:
        return None
    address = parse_address(listen, "metrics_listen")
    if address.path is not None:
        raise InvalidInput("metrics_listen", "must be HOST:PORT")
    host, _, port = address.target.rpartition(":")
    return host.strip("[]"), int(port)
