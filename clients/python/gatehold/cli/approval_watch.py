"""`gatehold approvals watch`."""

import time
from collections import deque
from typing import TYPE_CHECKING

import click

from gatehold.cli.approval_feed import Event, Feed, Link
from gatehold.cli.approval_row import COLUMNS, line, row
from gatehold.cli.connection import Connection, connected
from gatehold.cli.documents import to_document
from gatehold.cli.output import cell, drawn, json_text
from gatehold.v1.approval_pb2 import Approval, ApprovalState

if TYPE_CHECKING:
    from rich.console import RenderableType

_TICK_SECONDS = 1.0
_CHANGES = 5  # of those that wait no more, how many stay on the screen


@click.command()
@connected("approver")
@click.option(
    "--output",
    "-o",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="table: a live view on a terminal, else one line for each change; json: one document a line.",
)
def watch(connection: Connection, output: str) -> None:
    """Show what waits for a person, with the time that is left, until interrupted.

    \b
    Examples:
      gatehold approvals watch
      gatehold approvals watch --output json | jq .verb
    """
    with Feed(connection) as feed:
        if output == "table" and _is_screen():
            _live(feed)
        else:
            _lines(feed, output)


def _is_screen() -> bool:
    from rich.console import Console

    console = Console()
    return console.is_terminal and not console.is_dumb_terminal


def _lines(feed: Feed, output: str) -> None:
    while True:
        event = feed.next()
        if isinstance(event, Link):
            click.echo(event.value, err=True)
        elif event is not None:
            click.echo(json_text(to_document(event)) if output == "json" else line(event))


def _live(feed: Feed) -> None:
    from rich.live import Live

    board = Board()
    with Live(board.picture(time.monotonic()), auto_refresh=False) as live:
        while True:
            event = feed.next(_TICK_SECONDS)
            if event is not None:
                board.take(event, time.monotonic())
            live.update(board.picture(time.monotonic()), refresh=True)


class Board:
    """What waits, when it was heard of, and what changed last."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Approval, float]] = {}
        self._changes: deque[str] = deque(maxlen=_CHANGES)
        self._lost = False

    def take(self, event: Event, now: float) -> None:
        """Takes in what the feed told.

        Args:
            now: seconds on a monotonic clock.
        """
        if isinstance(event, Link):
            self._lost = event is Link.LOST
            self._waiting.clear()  # what still waits is told anew; the rest ended unheard
        elif event.state == ApprovalState.APPROVAL_STATE_PENDING:
            self._waiting[event.approval_id] = (event, now)
        else:
            self._waiting.pop(event.approval_id, None)
            self._changes.append(line(event))

    def picture(self, now: float) -> "RenderableType":
        """What the screen shows at a time."""
        from rich.console import Group

        return Group(self._table(now), *map(cell, self._changes))

    def _table(self, now: float) -> "RenderableType":
        rows = [row(approval, now - heard) for approval, heard in self._waiting.values()]
        if rows:
            return drawn(rows, COLUMNS, f"{len(rows)} waiting")
        return Link.LOST.value if self._lost else "nothing waits"
