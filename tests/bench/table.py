"""The rows as people read them."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench.figures import Row

_PIPE_WIDTH = 200


def show(rows: Sequence[Row], machine: Mapping[str, object]) -> None:
    """Prints the table; into a file or a pipe, wide enough not to be broken."""
    console = Console()
    console = console if console.is_terminal else Console(width=_PIPE_WIDTH)
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("bench", "what", "against"):
        drawn.add_column(column, overflow="fold")
    for column in ("median", "its median", "ratio", "least", "most", "goal"):
        drawn.add_column(column, justify="right", no_wrap=True)
    drawn.add_column("unit", no_wrap=True)
    drawn.add_column("", no_wrap=True)
    drawn.add_column("note", overflow="fold")
    for one in rows:
        drawn.add_row(
            one.bench,
            one.name,
            one.against,
            *map(_number, (one.value, one.floor, one.ratio, one.ratio_least, one.ratio_most)),
            one.goal,
            one.unit,
            {True: "[green]met", False: "[red]missed", None: ""}[one.met],
            one.note,
        )
    console.print(drawn)
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()))


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
