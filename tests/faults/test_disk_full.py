"""No room for another record: on the sidecar's disk, on the decision point's, or in the spool."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from gatehold import Guard
from gatehold.guard.answer import Answer
from tests.fakes.scripted_pdp import ScriptedPdp, always, reusable
from tests.faults.checks import READ, cached, missing, recorded
from tests.faults.conftest import SmallDisk
from tests.stack import Stack, until

LARGE = {"path": "/etc/hosts", "note": "n" * 100_000}
MEBIBYTE = 1024 * 1024


def answers_until_refused(guard: Guard) -> list[Answer]:
    """Makes large calls until three in a row were not answered; returns the answers."""
    answers: list[Answer] = []
    refused = 0
    while refused < 3:
        answer = guard.evaluate(READ, LARGE)
        refused = 0 if answer.decision_id else refused + 1
        answers.append(answer)
        assert len(answers) < 2_000
    return answers


def test_14_the_sidecars_disk_is_full(stack: Stack, small_disk: SmallDisk) -> None:
    pdp = stack.start_pdp("--lease-ttl", "60")
    stack.start_sidecar("dev", "--spool", str(small_disk.path / "spool"))
    guard = stack.guard(deadline=10)
    cached(guard)
    pdp.pause()  # else the decision point would take the records, and make room
    small_disk.fill()
    answers = answers_until_refused(guard)
    assert not any(answer.allowed for answer in answers if not answer.decision_id)
    small_disk.empty()
    answers.append(until(lambda: answered(guard.evaluate(READ))))
    assert answers[-1].allowed, "the lease is live, and there is room again"
    pdp.resume()
    assert missing(stack, {answer.decision_id for answer in answers} - {""}) == []


def answered(answer: Answer) -> Answer | None:
    return answer if answer.decision_id else None


def test_15_the_decision_points_disk_is_full(small_disk: SmallDisk, tmp_path: Path) -> None:
    with Stack(small_disk.path) as stack:
        stack.start_pdp("--lease-ttl", "1")
        stack.start_sidecar("dev", "--spool", str(tmp_path / "spool"))
        direct, guard = stack.direct(deadline=10), stack.guard()
        cached(guard)
        small_disk.fill()
        answers = answers_until_refused(direct)
        assert "nothing can be stored" in answers[-1].reason
        until(lambda: not guard.evaluate(READ).allowed)
        blocked = guard.evaluate(READ)
        assert blocked.decision_id and not blocked.allowed
        assert blocked.decision_id not in recorded(stack)
        small_disk.empty()
        until(lambda: direct.evaluate(READ).allowed)
        until(lambda: guard.evaluate(READ).allowed)
        assert missing(stack, {answer.decision_id for answer in answers} - {""} | {blocked.decision_id}) == []


@pytest.fixture
async def silent_pdp() -> AsyncIterator[ScriptedPdp]:
    """A decision point that decides and grants, and takes no records in."""
    pdp = ScriptedPdp()
    pdp.script, pdp.ttl, pdp.taking = always(reuse=reusable()), 60.0, False
    await pdp.start()
    yield pdp
    await pdp.stop()


async def test_18_nobody_acknowledges(stack: Stack, silent_pdp: ScriptedPdp) -> None:
    keys = stack.folder / "keys"
    keys.mkdir()
    (keys / "sidecar.key").write_text("gh_0123456789abcdef_" + "k" * 43)
    (keys / "sidecar.key").chmod(0o600)
    flags = ("--spool-max-mib", "64")
    sidecar = await asyncio.to_thread(stack.start_sidecar, "dev", *flags, pdp=silent_pdp.address)
    guard = stack.guard(deadline=10)
    await asyncio.to_thread(cached, guard)
    memory = psutil.Process(sidecar.pid)
    before = memory.memory_info().rss
    answers = await asyncio.to_thread(answers_until_refused, guard)
    assert sum(answer.allowed for answer in answers) * len(LARGE["note"]) > 50 * MEBIBYTE
    assert memory.memory_info().rss - before < 32 * MEBIBYTE
    assert "full" in answers[-1].reason
    await silent_pdp.stop()
    silent_pdp.taking = True
    await silent_pdp.start()
    last = await asyncio.to_thread(until, lambda: answered(guard.evaluate(READ)))
    assert uuid.UUID(last.decision_id)
