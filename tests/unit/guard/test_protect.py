"""A guarded function runs on a sound allow only, with the values that were decided on, and its outcome is recorded."""

from typing import Any

import grpc
import pytest

from gatehold import ApprovalRequired, Blocked, Execution, Guard, NotRecorded
from gatehold.guard.journal import MOST_KEPT, Journal
from gatehold.v1 import audit_record_pb2, decision_pb2
from tests.fakes.scripted_gate import ScriptedGate, allow


class Ledger:
    def __init__(self) -> None:
        self.paid: list[Any] = []

    def pay(self, amount: int, to: dict[str, str], note: str = "none") -> int:
        self.paid.append((amount, to, note))
        return amount


def decided(decision: Any) -> Any:
    def script(request: Any, _: Any) -> Any:
        response = allow(request)
        response.decision = decision
        return response

    return script


def test_an_allowed_call_runs_with_the_decided_values(guard: Any, gate: ScriptedGate) -> None:
    ledger, to = Ledger(), {"iban": "A"}
    original = to

    def swap(request: Any, _: Any) -> Any:
        to["iban"] = "THIEF"  # between the decision and the run
        return allow(request)

    gate.script = swap
    assert guard.protect("bank:pay", ledger.pay)(5, to=original) == 5
    assert ledger.paid == [(5, {"iban": "A"}, "none")]
    assert gate.requests[0].args_json == '{"amount":5,"to":{"iban":"A"},"note":"none"}'


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (decided(decision_pb2.DECISION_BLOCK), Blocked),
        (decided(decision_pb2.DECISION_REQUIRE_APPROVAL), ApprovalRequired),
        (decided(0), Blocked),
        (lambda request, context: context.abort(grpc.StatusCode.INTERNAL, "bug"), Blocked),
    ],
    ids=["block", "approval", "garbage", "error"],
)
def test_nothing_else_runs(guard: Any, gate: ScriptedGate, script: Any, error: type[Exception]) -> None:
    ledger = Ledger()
    gate.script = script
    with pytest.raises(error) as raised:
        guard.protect("bank:pay", ledger.pay)(5, {})
    assert ledger.paid == []
    assert raised.value.answer.reason and raised.value.verb == "bank:pay"  # type: ignore[attr-defined]


def test_an_obligation_that_cannot_be_met_blocks(make_guard: Any, gate: ScriptedGate) -> None:
    def obliged(request: Any, _: Any) -> Any:
        response = allow(request)
        response.obligations.add(id="p", type="watermark")
        return response

    def fail(obligation: Any) -> None:
        raise RuntimeError("no ink")

    gate.script, ledger = obliged, Ledger()
    with pytest.raises(Blocked, match="could not be met"):
        make_guard(gate.target, handlers={"watermark": fail}).protect("bank:pay", ledger.pay)(5, {})
    assert ledger.paid == []


def test_the_outcome_goes_on_the_record(guard: Any, gate: ScriptedGate) -> None:
    def fail(amount: int) -> None:
        raise ValueError("no money")

    guard.protect("bank:pay", Ledger().pay)(5, {})
    with pytest.raises(ValueError, match="no money"):
        guard.protect("bank:pay", fail)(7)
    first, second = gate.wait_for_records(2)
    assert first.kind == audit_record_pb2.RECORD_KIND_TOOL_EXECUTION
    assert first.execution.outcome == audit_record_pb2.OUTCOME_SUCCEEDED and first.execution.decision_id
    assert second.execution.outcome == audit_record_pb2.OUTCOME_FAILED
    assert second.execution.error == "ValueError: no money"


def test_excluded_parameters_stay_out_of_the_request(guard: Any, gate: ScriptedGate) -> None:
    def pay(client: object, amount: int) -> object:
        return client

    client = object()
    assert guard.protect("bank:pay", pay, exclude=("client",))(client, 5) is client
    assert gate.requests[0].args_json == '{"amount":5}'
    with pytest.raises(TypeError, match="no parameter 'ledger'"):
        guard.protect("bank:pay", pay, exclude=("ledger",))
    with pytest.raises(TypeError, match="cannot be passed by name"):
        guard.protect("bank:pay", lambda *amounts: None)


def test_arguments_that_are_not_json_block(guard: Any, gate: ScriptedGate) -> None:
    with pytest.raises(Blocked, match="not JSON"):
        guard.protect("bank:pay", Ledger().pay)(object(), {})
    assert gate.requests == []


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


def test_a_decorator_keeps_name_and_doc(gate: ScriptedGate) -> None:
    guard = Guard(gate.target)

    @guard.protect("bank:pay")
    def pay(amount: int) -> int:
        """Pays."""
        return amount

    assert (pay.__name__, pay.__doc__, pay(5)) == ("pay", "Pays.", 5)
    guard.close()
