"""A guarded function runs on a sound allow only, with the values that were decided on."""

from typing import Any

import grpc
import pytest

from gatehold import ApprovalRequired, Blocked, Guard
from gatehold.v1 import decision_pb2
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
        guard.protect("bank:pay", ledger.pay, wait=False)(5, {})
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


def test_a_decorator_keeps_name_and_doc(gate: ScriptedGate) -> None:
    guard = Guard(gate.target)

    @guard.protect("bank:pay")
    def pay(amount: int) -> int:
        """Pays."""
        return amount

    assert (pay.__name__, pay.__doc__, pay(5)) == ("pay", "Pays.", 5)
    guard.close()
