"""Handing a new secret over, once."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import click

from gatehold.cli.output import output_option, show
from gatehold.redaction import printable

F = TypeVar("F", bound=Callable[..., Any])


def secret_options(function: F) -> F:
    """`--secret-file` and `--output`."""
    option = click.option(
        "--secret-file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the secret to this new file, for its owner alone, instead of printing it.",
    )
    return option(output_option(function))


class Handover:
    """Where a secret will go: to a new file with mode 0600, or to standard output.

    The file is made before the secret is, so that none is made that could not be kept, and removed where none came.

    Args:
        path: of the file; None for standard output.
        output: table, json or yaml.

    Raises:
        ClickException: the file exists, or cannot be made.
    """

    def __init__(self, path: Path | None, output: str) -> None:
        self._path = path
        self._output = output
        self._descriptor = None if path is None else _created(path)

    def __enter__(self) -> "Handover":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is not None and self._descriptor is not None:
            os.close(self._descriptor)
            self._path.unlink(missing_ok=True)

    def give(self, name: str, secret: str, document: Mapping[str, Any], note: str) -> None:
        """Hands it over. As a table nothing but the secret goes to standard output, so that a script can take it.

        Args:
            name: of the secret in JSON and YAML.
            secret: empty where there is none.
            document: what was made.
            note: the same in a sentence, with what to do next.

        Raises:
            ClickException: the file cannot be written.
        """
        place = {name: secret} if self._path is None else self._write(name, secret)
        if self._output != "table":
            show({**document, **(place if secret else {})}, self._output)
            return
        click.echo(printable(note), err=True)
        if self._path is not None:
            click.echo(f"The secret is in {self._path}, for its owner alone.", err=True)
        elif secret:
            click.echo("The secret is not shown again:", err=True)
            click.echo(secret)

    def _write(self, name: str, secret: str) -> dict[str, str]:
        assert self._path is not None and self._descriptor is not None
        descriptor, self._descriptor = self._descriptor, None
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{secret}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise click.ClickException(
                f"the secret was made, and is lost, as {self._path} cannot be written ({error.strerror}): revoke it"
            ) from error
        return {f"{name}_file": str(self._path)}


def _created(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{path} exists: remove it, or name another file") from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be made: {error.strerror}") from error
