"""Approving a call with other arguments: what would change, shown before anybody votes for it."""

import difflib
from collections.abc import Iterator
from pathlib import Path

import click

from gatehold import digest
from gatehold.cli.approval_view import pretty
from gatehold.cli.documents import to_document
from gatehold.v1.approval_pb2 import Approval

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def edited_args(path: Path) -> str:
    """Returns the arguments in a file, as canonical JSON: never empty, which on the wire means as they are.

    Raises:
        ClickException: it cannot be read, or holds nothing.
        InvalidInput: it holds no JSON object that can be arguments.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    if not text.strip():
        raise click.ClickException(f"{path} is empty; for a call without arguments write {{}}")
    return digest.canonical(digest.parse_object(text, str(path))).decode()


def confirm_edit(approval: Approval, edited: str, yes: bool) -> None:
    """Shows what the edit changes, and asks whether to vote for it.

    Args:
        edited: the new arguments, as JSON.
        yes: shows only.

    Raises:
        ClickException: nothing differs, or the answer is no, or nobody answers.
    """
    changes = list(differences(approval, edited))
    if not changes:
        raise click.ClickException("the edited arguments are those that are frozen: approve without --edit")
    for line in changes:
        click.secho(line, fg=_STYLES.get(line[0]))
    if not yes and not _agreed():
        raise click.ClickException("nothing was approved")


def differences(approval: Approval, edited: str) -> Iterator[str]:
    """Yields a unified diff of the arguments as they were shown and as they would be, each line safe to print."""
    before = pretty(to_document(approval)["args"] or {})
    after = pretty(digest.parse_object(edited, "edited"))
    was = "edited before" if approval.edited else "requested"
    return difflib.unified_diff(before, after, fromfile=was, tofile="edited", lineterm="")


def _agreed() -> bool:
    try:
        return click.confirm("Approve with these arguments instead?")
    except click.Abort:
        raise click.ClickException("nothing was approved: nobody answered; --yes approves without asking") from None
