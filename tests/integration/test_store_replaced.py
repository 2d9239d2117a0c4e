"""A decision point that comes back with another store: its revisions have the same numbers, and are others."""

from pathlib import Path

import pytest

from tests.stack import Stack, until

READ = "filesystem:read_text_file"
OPEN = f'- {{id: open, verb: "{READ}", action: allow}}\n'
SHUT = f'- {{id: shut, verb: "{READ}", action: block}}\n'


@pytest.mark.parametrize("keys_too", [False, True])
def test_nothing_decided_under_the_store_before_answers_after_a_change(tmp_path: Path, keys_too: bool) -> None:
    with Stack(tmp_path) as stack:
        stack.start_pdp()
        revision = stack.apply_policies(OPEN)
        stack.start_sidecar()
        guard = stack.guard()
        until(lambda: guard.evaluate(READ, {"path": "x"}).source == "cache")
        assert stack.pdp is not None
        stack.pdp.stop()
        for path in tmp_path.glob("gatehold.db*"):
            path.unlink()
        if keys_too:
            for path in (tmp_path / "keys").iterdir():
                path.unlink()
            (tmp_path / "keys").rmdir()
        stack.start_pdp()
        assert stack.apply_policies(SHUT) == revision, "the numbers are the same, or this shows nothing"
        answers = [guard.evaluate(READ, {"path": "x"}) for _ in range(3)]
        assert {answer.decision for answer in answers} == {"block"}
        if not keys_too:  # with new keys the sidecar has to be given its own anew
            until(lambda: guard.evaluate(READ, {"path": "x"}).source == "cache")
            assert guard.evaluate(READ, {"path": "x"}).decision == "block"
