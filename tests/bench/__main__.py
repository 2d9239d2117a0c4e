"""`python -m tests.bench [NAME…] [--rounds N] [--output json]`."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

import click
from rich.console import Console
from rich.progress import Progress

from tests.bench import decision_point, echo, evaluator, footprint, peers, sidecar, spool
from tests.bench.figures import Row
from tests.bench.machine import machine
from tests.bench.rounds import Plan
from tests.bench.table import show

BENCHES: dict[str, ModuleType] = {
    bench.NAME: bench for bench in (decision_point, evaluator, peers, sidecar, spool, footprint, echo)
}


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--rounds", type=click.IntRange(min=1), default=9, show_default=True, help="Samples of each thing.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def main(names: tuple[str, ...], rounds: int, output: str) -> None:
    """Measure, and print medians and same-run ratios, each beside its floor. Without a NAME, everything."""
    if unknown := set(names) - BENCHES.keys():
        raise click.UsageError(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    chosen = names or tuple(BENCHES)
    rows: list[Row] = []
    with _progress() as step:
        for name in chosen:
            rows += BENCHES[name].run(Plan(rounds, tick=step(name)))
    if output == "json":
        click.echo(json.dumps({"machine": machine(), "rows": [one.document() for one in rows]}, indent=2))
    else:
        show(rows, machine())


@contextmanager
def _progress() -> Iterator[Callable[[str], Callable[[], None]]]:
    """A bar on a terminal; elsewhere nothing."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:

        def step(name: str) -> Callable[[], None]:
            task = bar.add_task(name, total=None)
            return lambda: bar.advance(task)

        yield step


if __name__ == "__main__":
    sys.exit(main())
