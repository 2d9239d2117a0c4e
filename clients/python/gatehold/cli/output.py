"""Tables for people, JSON and YAML for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

F = TypeVar("F", bound=Callable[..., Any])
Document = Mapping[str, Any]

_PIPE_WIDTH = 160
_HEADERS = {"risk_level": "risk", "policy_matched": "policy"}
_WORDS = {  # never broken over lines
    "access",
    "age",
    "decision",
    "id",
    "kind",
    "left",
    "risk_level",
    "source",
    "state",
    "time",
    "verb",
}
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
        click.echo(json_text(value, indent=2))
    elif output == "yaml":
        import yaml

        click.echo(yaml.safe_dump(value, sort_keys=False, allow_unicode=False), nl=False)
    elif isinstance(value, Mapping):
        pairs(value)
    else:
        table(value, columns)


def json_text(value: Any, indent: int | None = None) -> str:
    """The value as JSON in printable ASCII, so that nothing in it can move the terminal.

    Args:
        indent: spaces for each level; None writes one line.
    """
    # DEL is the one control character that JSON lets stand for itself.
    return json.dumps(value, indent=indent).replace("\x7f", "\\u007f")


def table(rows: Sequence[Document], columns: Sequence[str], title: str = "") -> None:
    """Prints a table; one line instead where there is nothing to show."""
    if not rows:
        click.echo("nothing to show")
        return
    _console().print(drawn(rows, columns, title))


def drawn(rows: Sequence[Document], columns: Sequence[str], title: str = "") -> "Table":
    """Returns a table that is not printed yet."""
    from rich import box
    from rich.table import Table

    made = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(_HEADERS.get(column, column.replace("_", " ")), overflow="fold", no_wrap=column in _WORDS)
    for row in rows:
        made.add_row(*[cell(row.get(column)) for column in columns])
    return made


def _console() -> "Console":
    """A console as wide as the terminal; into a file or pipe, wide enough not to break what somebody will search."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=_PIPE_WIDTH)


def pairs(document: Document) -> None:
    """Prints a document, one key a line."""
    from rich.table import Table

    drawn = Table.grid(padding=(0, 2))
    for key, value in document.items():
        drawn.add_row(f"[bold]{key.replace('_', ' ')}", cell(value))
    _console().print(drawn)


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
