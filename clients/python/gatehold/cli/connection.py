"""How administrative commands reach the decision point."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
import grpc

from gatehold.cli.refusal import explain
from gatehold.guard.target import channel_options, resolve
from gatehold.pem import read_certificates

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_DATA_DIR = ".gatehold"
DEADLINE_SECONDS = 30.0


class Connection:
    """A channel to the decision point, and the credential that goes with every call.

    Attributes:
        channel: to make stubs from.
        metadata: to pass with every call; a secret.
    """

    def __init__(self, address: str, key_file: Path, ca_file: Path | None = None) -> None:
        self.address = address
        if ca_file is None:
            self.metadata = resolve(address, str(key_file)).metadata
            self.channel = grpc.insecure_channel(address, options=channel_options())
        else:
            self.metadata = (("authorization", f"Bearer {key_file.read_text(encoding='ascii').strip()}"),)
            credentials = grpc.ssl_channel_credentials(read_certificates(ca_file, "tls_ca"))
            self.channel = grpc.secure_channel(address, credentials, options=channel_options())


def data_dir_option(function: F) -> F:
    """`--data-dir`, from GATEHOLD_DATA_DIR, `.gatehold` by default."""
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path),
        envvar="GATEHOLD_DATA_DIR",
        default=DEFAULT_DATA_DIR,
        show_default=True,
        help="Where `gatehold dev` or `pdp serve` keep sockets and keys.",
    )(function)


def connected(role: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a command `--pdp`, `--key-file` and `--data-dir`, and hands it a `Connection` as its first argument.

    Args:
        role: whose key in DATA_DIR/keys is used by default, for example `administrator`.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @data_dir_option
        @click.option(
            "--pdp",
            envvar="GATEHOLD_PDP",
            help="HOST:PORT of the decision point.  [default: what `pdp serve` left in DATA_DIR]",
        )
        @click.option(
            "--tls-ca",
            type=click.Path(path_type=Path, dir_okay=False),
            envvar="GATEHOLD_TLS_CA",
            help="PEM file with the CA of the decision point's certificate: speaks TLS, to any host.",
        )
        @click.option(
            "--key-file",
            type=click.Path(path_type=Path),
            envvar="GATEHOLD_KEY_FILE",
            help=f"File with an API key.  [default: DATA_DIR/keys/{role}.key]",
        )
        @wraps(function)
        def command(data_dir: Path, pdp: str | None, tls_ca: Path | None, key_file: Path | None, **options: Any) -> Any:
            path = key_file or data_dir / "keys" / f"{role}.key"
            if not os.access(path, os.R_OK):
                raise click.ClickException(
                    f"there is no readable key at {path}: name one with --key-file, "
                    "or the directory of `pdp serve` with --data-dir"
                )
            with refusals(pdp_address(data_dir, pdp)):
                return function(Connection(pdp_address(data_dir, pdp), path, tls_ca), **options)

        return command

    return decorate


def pdp_address(data_dir: Path, pdp: str | None) -> str:
    """Returns the address that is named, else the one that `pdp serve` left in DATA_DIR, else the default."""
    if pdp:
        return pdp
    try:
        return (data_dir / "pdp.address").read_text(encoding="ascii").strip()
    except OSError:
        return "127.0.0.1:8181"


@contextmanager
def refusals(address: str) -> Iterator[None]:
    """Turns an error status into a sentence that says what to do."""
    try:
        yield
    except grpc.RpcError as error:
        raise click.ClickException(explain(error, address)) from error
