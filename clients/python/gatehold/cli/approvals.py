"""`gatehold approvals`."""

from collections.abc import Sequence
from typing import ClassVar

import click

from gatehold.cli.app import Commands
from gatehold.cli.approval_row import COLUMNS, row
from gatehold.cli.approval_view import show_approval
from gatehold.cli.approver import Approver
from gatehold.cli.connection import Connection, connected
from gatehold.cli.documents import short_spelling, to_document
from gatehold.cli.output import output_option, show
from gatehold.v1.approval_pb2 import ApprovalState

_STATES = [short_spelling("ApprovalState", name) for name in ApprovalState.keys()[1:]]


class _Approvals(Commands):
    sources: ClassVar[dict[str, str]] = {
        "approve": "gatehold.cli.ballots:approve",
        "cancel": "gatehold.cli.ballots:cancel",
        "deny": "gatehold.cli.ballots:deny",
        "resolve": "gatehold.cli.ballots:resolve",
        "watch": "gatehold.cli.approval_watch:watch",
    }


@click.group(cls=_Approvals)
def approvals() -> None:
    """See the calls that wait for a person, and decide on them.

    \b
    Examples:
      gatehold approvals list
      gatehold approvals show 1b4e28ba
      gatehold approvals approve 1b4e28ba --reason "the customer called"
      gatehold approvals deny 1b4e28ba --reason "twice the price of the order"
      gatehold approvals watch

    An id may be shortened to its first 4 or more characters, as long as only one open approval begins with them.
    """


@approvals.command("list")
@connected("approver")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="In this state; repeatable.")
@click.option("--agent", default="", help="Only of this agent.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many at most.")
@output_option
def list_(connection: Connection, states: Sequence[str], agent: str, limit: int, output: str) -> None:
    """List approvals, the ones that wait longest first; without --state, the pending ones.

    \b
    Examples:
      gatehold approvals list --agent dev
      gatehold approvals list --state approved --state claimed
      gatehold approvals list --output json
    """
    found = list(Approver(connection).approvals([f"APPROVAL_STATE_{state.upper()}" for state in states], agent, limit))
    if output != "table":
        show([to_document(approval) for approval in found], output)
        return
    columns = (*COLUMNS[:1], "state", *COLUMNS[1:]) if states else COLUMNS
    show([row(approval) for approval in found], output, columns)


@approvals.command("show")
@connected("approver")
@click.argument("approval_id", metavar="ID")
@output_option
def show_(connection: Connection, approval_id: str, output: str) -> None:
    """Show one approval whole: the call, what is asked and still missing, the votes, the policies, what happened.

    \b
    Examples:
      gatehold approvals show 1b4e28ba
      gatehold approvals show 1b4e28ba --output json
    """
    approver = Approver(connection)
    response = approver.read(approver.find(approval_id, ended=True))
    if output == "table":
        show_approval(response)
    else:
        show(to_document(response), output)
