"""What every command that changes the configuration has in common."""

import uuid
from collections.abc import Callable, Iterable
from typing import Any

import click

from gatehold.cli.output import show, table
from gatehold.v1.policy_pb2 import ObjectChange


def change_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--expected-revision`, `--dry-run`, `--reason` and `--request-id`."""
    for option in (
        click.option("--reason", default="", help="Why, for the record."),
        click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing."),
        click.option("--expected-revision", type=int, help="Refuse when this is no longer the current revision."),
        click.option("--request-id", default="", help="Idempotency key: the same again changes nothing more."),
    ):
        function = option(function)
    return function


def request_fields(reason: str, dry_run: bool, expected_revision: int | None, request_id: str) -> dict[str, Any]:
    """Returns the fields that the flags stand for. Where the caller has no key, a random one makes a retry harmless."""
    return {
        "change_reason": reason,
        "validate_only": dry_run,
        "expected_revision": expected_revision,
        "request_id": request_id or str(uuid.uuid4()),
    }


def show_changes(revision: int, changes: Iterable[ObjectChange], dry_run: bool, output: str) -> None:
    """Prints what changed, or would."""
    rows = [{"object": change.object, "change": _word(change)} for change in changes]
    if output != "table":
        show({"revision": revision, "dry_run": dry_run, "changes": rows}, output)
        return
    if rows:
        table(rows, ("change", "object"))
    state = "nothing differs" if not rows else "this would change" if dry_run else "decides everywhere now"
    click.echo(f"revision {revision}: {state}")


def _word(change: ObjectChange) -> str:
    if not change.old_json:
        return "added"
    return "changed" if change.new_json else "removed"
