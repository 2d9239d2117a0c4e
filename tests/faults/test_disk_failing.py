"""Storage that is busy, lies, or holds something else than was stored."""

import sqlite3
from contextlib import closing

import grpc
import pytest

from gatehold.v1.audit_record_pb2 import RecordKind
from gatehold.vocabulary import DecisionSource
from tests.faults.checks import READ, REFUND, cached, missing, recorded
from tests.faults.conftest import FailingDisk
from tests.faults.scenarios import BLOCK
from tests.stack import Stack, status, until

LARGE = {"path": "/etc/hosts", "note": "n" * 100_000}


def test_13_another_process_holds_a_lock_on_the_database(stack: Stack) -> None:
    stack.start_pdp()
    direct = stack.direct(deadline=20)
    assert direct.evaluate(READ).allowed
    with closing(sqlite3.connect(stack.folder / "gatehold.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = direct.evaluate(READ)
        assert not refused.allowed
        assert "UNAVAILABLE: nothing can be stored" in refused.reason
        with pytest.raises(grpc.RpcError) as caught:
            stack.apply_policies(BLOCK, request_id="once")
        assert status(caught.value) is grpc.StatusCode.UNAVAILABLE
        other.execute("ROLLBACK")
    until(lambda: direct.evaluate(READ).allowed)
    revision = stack.apply_policies(BLOCK, request_id="once")
    assert stack.apply_policies(BLOCK, request_id="once") == revision
    assert not direct.evaluate(READ).allowed


def test_16_an_fsync_of_the_decision_point_fails(stack: Stack, failing_disk: FailingDisk) -> None:
    pdp = stack.start_pdp(environment=failing_disk.environment)
    stack.start_sidecar()
    direct = stack.direct(deadline=20)
    answered = [direct.evaluate(READ).decision_id for _ in range(10)]
    failing_disk.fail()
    assert not direct.evaluate(READ).allowed
    assert pdp.wait() != 0
    assert "fsync" in (stack.folder / "pdp.log").read_text()
    stack.start_pdp()
    assert missing(stack, answered) == []


@pytest.mark.parametrize("verb", [READ, REFUND])
def test_16_an_fsync_of_the_sidecar_fails(stack: Stack, failing_disk: FailingDisk, verb: str) -> None:
    stack.start_pdp()
    sidecar = stack.start_sidecar(environment=failing_disk.environment)
    guard = stack.guard()
    answered = {cached(guard, verb).decision_id for _ in range(10)}
    until(lambda: answered <= set(recorded(stack)))
    failing_disk.fail()
    answer = guard.evaluate(verb)
    assert verb == READ or not answer.decision_id, "answered before the fsync"
    assert sidecar.wait() != 0
    assert not guard.evaluate(verb).allowed
    stack.start_sidecar()
    assert missing(stack, answered) == []


def damage(stack: Stack) -> None:
    """Changes bytes in the middle of records that are spooled, as a failing disk would."""
    path = stack.spool() / "spool.db"
    with path.open("r+b") as file:
        content = file.read()
        place = content.find(b"n" * 1_000, len(content) // 2)
        assert place > 0, "no record has come into the file"
        file.seek(place)
        file.write(b"x" * 100)


def spooled(stack: Stack, megabytes: int) -> None:
    """Fills a spool that nobody takes away."""
    guard = stack.guard(deadline=10)
    cached(guard)
    assert stack.pdp is not None
    stack.pdp.pause()
    for _ in range(megabytes * 10):
        assert guard.evaluate(READ, LARGE).allowed


def test_17_a_start_on_a_damaged_spool(stack: Stack) -> None:
    pdp = stack.start_pdp("--lease-ttl", "60")
    sidecar = stack.start_sidecar()
    spooled(stack, 12)
    sidecar.kill()
    damage(stack)
    pdp.resume()
    stack.start_sidecar()
    until(lambda: stack.records(kind=RecordKind.RECORD_KIND_ALARM))
    (alarm,) = stack.records(kind=RecordKind.RECORD_KIND_ALARM)
    assert alarm.alarm.type == "quarantined_spool"
    (kept,) = stack.spool().glob("spool.corrupt-*.db")
    assert kept.name in alarm.alarm.message
    until(lambda: stack.guard().evaluate(READ).allowed)


def test_17_a_spool_that_is_damaged_under_a_running_sidecar(stack: Stack) -> None:
    pdp = stack.start_pdp("--lease-ttl", "60")
    stack.start_sidecar()
    spooled(stack, 12)
    damage(stack)
    pdp.resume()
    guard = stack.guard()
    until(lambda: not guard.evaluate(READ).allowed)
    refused = [guard.evaluate(READ) for _ in range(5)]
    assert {answer.source for answer in refused} == {DecisionSource.FAIL_CLOSED}
    assert not any(answer.decision_id for answer in refused)
