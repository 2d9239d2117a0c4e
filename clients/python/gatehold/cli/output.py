"""Tables for people, JSON and YAML for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
Document = Mapping[str, Any]

_STYLES = {
    "allow": "green",
    "require_approval": "yellow",
    "block": "red",
    "LOW": "green",
    "MEDIUM": "yellow",
    "HIGH": "red",
}


def output_option(function: F) -> F:
    """`--output table|json|yaml`."""
    return click.option(
        "--output",
        "-o",
        type=click.Choice(["table", "json", "yaml"]),
        envvar="GATEHOLD_OUTPUT",
        default="table",
        show_default=True,
        help="A table for people, JSON or YAML for programs.",
    )(function)


def show(value: Any, output: str, columns: Sequence[str] = ()) -> None:
    """Prints a document or a list of documents.

    Args:
        value: what JSON shows whole.
        output: table, json or yaml.
        columns: keys that the table shows of each document; none shows every key of a single document.
    """
    if output == "json":
        click.echo(json.dumps(value, indent=2, ensure_ascii=False))
    elif output == "yaml":
        import yaml

        click.echo(yaml.safe_dump(value, sort_keys=False, allow_unicode=True), nl=False)
    elif isinstance(value, Mapping):
        _pairs(value)
    else:
        table(value, columns)


def table(rows: Sequence[Document], columns: Sequence[str], title: str = "") -> None:
    """Prints a table; one line instead where there is nothing to show."""
    if not rows:
        click.echo("nothing to show")
        return
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*[column.replace("_", " ") for column in columns], title=title or None, title_justify="left")
    for row in rows:
        drawn.add_row(*[cell(row.get(column)) for column in columns])
    Console().print(drawn)


def _pairs(document: Document) -> None:
    from rich.console import Console
    from rich.table import Table

    drawn = Table.grid(padding=(0, 2))
    for key, value in document.items():
        drawn.add_row(f"[bold]{key.replace('_', ' ')}", cell(value))
    Console().print(drawn)


def cell(value: Any) -> Any:
    """Returns one value as a table shows it: escaped, so that data can neither colour nor move the terminal."""
    from rich.text import Text

    from gatehold.redaction import printable

    if isinstance(value, str):
        text = value
    elif value is None:
        text = ""
    else:
        text = json.dumps(value, ensure_ascii=False)
    return Text(printable(text), style=_STYLES.get(text, ""))
