"""A decision point that comes back with another store: its revisions have the same numbers, and are others."""

from pathlib import Path

import pytest

from gatehold import Answer, Guard
from tests.stack import Stack, until

READ = "filesystem:read_text_file"
OPEN = f'- {{id: open, verb: "{READ}", action: allow}}\n'
SHUT = f'- {{id: shut, verb: "{READ}", action: block}}\n'


def asked(guard: Guard, subject: str) -> Answer:
    """The answer to the same call, reused apart for each subject."""
    return guard.evaluate(READ, {"path": "x"}, on_behalf_of=subject)


def reused(guard: Guard, subject: str) -> Answer:
    until(lambda: asked(guard, subject).source == "cache")
    return asked(guard, subject)


def empty(folder: Path, names: str) -> None:
    for path in folder.glob(names):
        path.unlink()


@pytest.mark.parametrize("keys_too", [False, True])
def test_nothing_decided_under_the_store_before_answers_after_a_change(tmp_path: Path, keys_too: bool) -> None:
    with Stack(tmp_path) as stack:
        pdp = stack.start_pdp()
        revision = stack.apply_policies(OPEN)
        stack.start_sidecar()
        guard = stack.guard()
        assert {reused(guard, subject).decision for subject in ("at once", "leased again")} == {"allow"}
        pdp.stop()
        empty(tmp_path, "gatehold.db*")
        if keys_too:
            empty(tmp_path / "keys", "*")
            (tmp_path / "keys").rmdir()
        stack.start_pdp()
        assert stack.apply_policies(SHUT) == revision, "the numbers are the same, or this shows nothing"
        assert asked(guard, "at once").decision == "block"
        if not keys_too:  # with new keys the sidecar has to be given its own anew
            assert reused(guard, "new").decision == "block"
        assert asked(guard, "leased again").decision == "block"
