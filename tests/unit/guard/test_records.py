"""How a guarded run ended goes on the record, and so do an agent's own records, in order and each once."""

import contextlib
import logging
from typing import Any

import grpc
import pytest

from gatehold import Execution, NotRecorded
from gatehold.guard.conversation import Reply, converse
from gatehold.guard.journal import MOST_BYTES, MOST_KEPT, Entry, Journal
from gatehold.v1 import audit_record_pb2
from gatehold.v1.audit_record_pb2 import AuditRecord
from tests.fakes.scripted_gate import ScriptedGate


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def pay(amount: int) -> int:
    return amount


def raising(error: Exception) -> Any:
    def fail(amount: int) -> None:
        raise error

    return fail


def test_the_outcome_goes_on_the_record(guard: Any, gate: ScriptedGate) -> None:
    guard.protect("bank:pay", pay)(5)
    with pytest.raises(ValueError, match="no money on card 4111"):
        guard.protect("bank:pay", raising(ValueError("no money on card 4111")))(7)
    first, second = gate.wait_for_records(2)
    assert first.kind == audit_record_pb2.RECORD_KIND_TOOL_EXECUTION
    assert first.execution.outcome == audit_record_pb2.OUTCOME_SUCCEEDED and first.execution.decision_id
    assert second.execution.outcome == audit_record_pb2.OUTCOME_FAILED
    assert second.execution.error == "ValueError", "the text may quote what must not be on the record"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no money"), "ValueError: no money"),
        (Unspeakable(), "Unspeakable"),
        (OSError("file \udcff"), "OSError: file ?"),
        (ValueError("é" * 4_000), "ValueError: " + "é" * 2_042),
    ],
    ids=["text", "unspeakable", "surrogate", "long"],
)
def test_error_text_is_recorded_on_request(make_guard: Any, gate: ScriptedGate, error: Exception, text: str) -> None:
    guard = make_guard(gate.target, record_error_text=True)
    with pytest.raises(type(error)) as raised:
        guard.protect("bank:pay", raising(error))(7)
    assert raised.value is error
    assert gate.wait_for_records(1)[0].execution.error == text


def test_recording_never_replaces_what_came_of_the_run(
    guard: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("cannot be recorded")

    monkeypatch.setattr(Journal, "add", fail)
    with caplog.at_level(logging.ERROR, "gatehold.record"):
        assert guard.protect("bank:pay", pay)(5) == 5
        with pytest.raises(ValueError, match="no money"):
            guard.protect("bank:pay", raising(ValueError("no money")))(7)
    assert [r.message for r in caplog.records] == ["the outcome of bank:pay is not on the record: RuntimeError"] * 2


def test_record_waits_for_durability_and_sends_again(guard: Any, gate: ScriptedGate) -> None:
    gate.refuse_records = True
    with pytest.raises(NotRecorded):
        guard.record(Execution("bank:pay", "d1", "succeeded"))
    gate.refuse_records = False
    guard.record(Execution("bank:pay", "d2", "failed", error="x" * 10_000))
    records = gate.wait_for_records(2)
    assert [r.execution.decision_id for r in records] == ["d1", "d2"]
    assert len(records[1].execution.error) == 4096


def test_an_unknown_outcome_is_refused(guard: Any) -> None:
    with pytest.raises(ValueError, match="OUTCOME_GREAT"):
        guard.record(Execution("bank:pay", "d1", "great"))


def test_the_journal_is_bounded() -> None:
    journal = Journal()
    for _ in range(MOST_KEPT):
        journal.add(AuditRecord())
    with pytest.raises(NotRecorded, match="wait for the sidecar already"):
        journal.add(AuditRecord())
    journal.acknowledged(1)
    journal.add(AuditRecord())
    assert journal.messages()[-1].agent_record.sequence == MOST_KEPT + 1


def test_a_record_that_no_gate_takes_is_not_kept(guard: Any, gate: ScriptedGate) -> None:
    large = AuditRecord(kind=audit_record_pb2.RECORD_KIND_TASK_ACTIVITY, args_json="x" * MOST_BYTES)
    with pytest.raises(NotRecorded, match="larger than"):
        guard.record(large)
    guard.record(Execution("bank:pay", "d1", "succeeded"))


def test_a_refused_record_does_not_hold_up_the_others(
    guard: Any, gate: ScriptedGate, caplog: pytest.LogCaptureFixture
) -> None:
    gate.refused = {"bad1", "bad2"}
    guard.record(Execution("bank:pay", "d1", "succeeded"))
    gate.refuse_records = True
    for decision in ("d2", "bad1", "d3", "bad2", "d4"):
        with pytest.raises(NotRecorded, match=r"UNAVAILABLE: not now[)]; it is kept and sent again"):
            guard.record(Execution("bank:pay", decision, "succeeded"))
    gate.refuse_records = False
    guard.record(Execution("bank:pay", "d5", "succeeded"))
    assert [r.execution.decision_id for r in gate.wait_for_records(5)] == ["d1", "d2", "d3", "d4", "d5"]
    lost = [r.message for r in caplog.records if r.levelno == logging.ERROR]
    assert lost == ["a record of bank:pay is lost, for the gate refused it: record.execution: is wrong"] * 2


def test_a_refused_record_is_told_to_whom_it_was_from(guard: Any, gate: ScriptedGate) -> None:
    gate.refused = {"bad"}
    with pytest.raises(NotRecorded, match=r"refused the record, which is lost: record[.]execution: is wrong"):
        guard.record(Execution("bank:pay", "bad", "succeeded"))
    guard.record(Execution("bank:pay", "d1", "succeeded"))
    assert [r.execution.decision_id for r in gate.wait_for_records(1)] == ["d1"]


def test_a_gate_that_forgot_the_stream_gets_a_new_one(guard: Any, gate: ScriptedGate) -> None:
    guard.record(Execution("bank:pay", "d1", "succeeded"))
    gate.streams.clear()
    guard.record(Execution("bank:pay", "d2", "succeeded"))
    assert [r.execution.decision_id for r in gate.wait_for_records(2)] == ["d1", "d2"]


def waiting(*decisions: str) -> tuple[Journal, list[Entry]]:
    journal = Journal()
    return journal, [journal.add(Execution("bank:pay", d, "succeeded").to_record()) for d in decisions]


def test_a_stored_record_is_not_taken_for_the_refused_one() -> None:
    """The status may overtake acknowledgements, and then the first stream tells of none."""
    journal, (stored, refused, later) = waiting("stored", "refused", "later")
    conversation = converse(journal)
    before = next(conversation)[0].open.stream_id
    assert len(conversation.send(Reply(0, grpc.StatusCode.INVALID_ARGUMENT, "wrong"))) == 1
    opening, renumbered = conversation.send(Reply(1))
    assert opening.open.stream_id != before
    assert (renumbered.agent_record.sequence, renumbered.agent_record.record) == (1, later.record)
    assert (stored.durable, refused.refusal, later.durable) == (True, "wrong", False)


@pytest.mark.parametrize("code", [c for c in grpc.StatusCode if c is not grpc.StatusCode.OK])
def test_an_error_that_speaks_of_no_record_costs_none(code: grpc.StatusCode) -> None:
    journal, entries = waiting("d1", "d2")
    conversation = converse(journal)
    next(conversation)
    with contextlib.suppress(StopIteration):
        for _ in range(3):  # INVALID_ARGUMENT for the opening alone speaks of the stream
            conversation.send(Reply(0, code))
        pytest.fail("it would try for ever")
    assert journal.waiting == 2 and not any(entry.durable or entry.refusal for entry in entries)


def test_an_acknowledgement_of_what_was_never_sent_settles_nothing_later() -> None:
    journal, (sent,) = waiting("sent")
    conversation = converse(journal)
    next(conversation)
    later = journal.add(AuditRecord())
    with contextlib.suppress(StopIteration):
        conversation.send(Reply(99))
    assert sent.durable and not later.durable


def test_a_closed_guard_takes_no_record(make_guard: Any, gate: ScriptedGate) -> None:
    guard = make_guard(gate.target)
    guard.close()
    with pytest.raises(NotRecorded, match="closed"):
        guard.record(Execution("bank:pay", "d1", "succeeded"))
