"""Processes that end without a word."""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from gatehold.v1.audit_record_pb2 import RecordKind
from gatehold.vocabulary import DecisionSource
from tests.fakes.fault_proxy import Direction, FaultProxy
from tests.faults.checks import READ, Callers, cached, missing, recorded
from tests.faults.scenarios import unrecorded_after_a_kill
from tests.stack import Stack, until


def test_1_a_decision_point_killed_under_calls(stack: Stack) -> None:
    pdp = stack.start_pdp("--lease-ttl", "2")
    stack.start_sidecar()
    cached(stack.guard())
    asking = Callers([stack.guard(), stack.guard(), stack.direct(), stack.direct()], explain=True)
    with asking, Callers([stack.guard()]) as reusing:
        asking.until(100)
        pdp.kill()
        killed_ns = time.monotonic_ns()
        asking.until(4, lambda seen: not seen.answer.allowed)
        reusing.until(5, lambda seen: not seen.answer.allowed)
    after = [seen.answer for seen in reusing.observed if seen.began_ns > killed_ns]
    blocked = next(index for index, answer in enumerate(after) if not answer.allowed)
    assert blocked > 0, "the lease was not used"
    assert {answer.source for answer in after[:blocked]} == {DecisionSource.CACHE}
    assert not any(answer.allowed for answer in after[blocked:])
    assert not any(seen.answer.allowed for seen in asking.observed if seen.began_ns > killed_ns)
    stack.start_pdp("--lease-ttl", "2")
    assert missing(stack, asking.ids | reusing.ids) == []


def test_4_a_sidecar_killed_after_answering(stack: Stack) -> None:
    stack.start_pdp()
    assert unrecorded_after_a_kill(stack) == []


def unshipped(folder: Path, spool: Path) -> int:
    """Records in the spool of a sidecar that was killed."""
    copy = folder / "copy"
    shutil.copytree(spool, copy)
    with closing(sqlite3.connect(copy / "spool.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM record").fetchone()[0])


def test_5_a_sidecar_killed_before_the_acknowledgement(stack: Stack) -> None:
    stack.start_pdp("--lease-ttl", "60")
    with FaultProxy(stack.address) as path:
        sidecar = stack.start_sidecar(pdp=path.address)
        guard = stack.guard()
        cached(guard)
        path.hold(Direction.DOWN)
        answered = [guard.evaluate(READ).decision_id for _ in range(50)]
        until(lambda: set(answered) & set(recorded(stack)))
        sidecar.kill()
        assert unshipped(stack.folder, stack.spool()) >= 50
    stack.start_sidecar()
    assert missing(stack, answered) == []
    assert not stack.records(kind=RecordKind.RECORD_KIND_ALARM)
