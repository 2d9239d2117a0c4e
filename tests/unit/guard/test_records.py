"""How a guarded run ended goes on the record, and so do an agent's own records, in order and each once."""

import logging
from typing import Any

import pytest

from gatehold import Execution, NotRecorded
from gatehold.guard.journal import MOST_KEPT, Journal
from gatehold.v1 import audit_record_pb2
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
        journal.add(audit_record_pb2.AuditRecord())
    with pytest.raises(NotRecorded):
        journal.add(audit_record_pb2.AuditRecord())
    journal.acknowledged(1)
    assert journal.add(audit_record_pb2.AuditRecord()) == MOST_KEPT + 1
