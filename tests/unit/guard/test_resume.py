"""A process that was started again runs what was approved, each call once, and nothing that it should not."""

import gc
import threading
from typing import Any

import grpc
import pytest

from gatehold import ApprovalRefused, ApprovalRequired, GateholdError, Guard
from tests.fakes import scripted_approvals as fake
from tests.fakes.scripted_approvals import ScriptedApprovals
from tests.fakes.scripted_gate import ScriptedGate


class Ledger:
    def __init__(self) -> None:
        self.paid: list[Any] = []

    def pay(self, amount: int) -> int:
        self.paid.append(amount)
        return amount


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_a_frozen_call_is_run_once_it_is_approved(guard: Any, approvals: ScriptedApprovals, ledger: Ledger) -> None:
    pay = guard.protect("bank:pay", ledger.pay, wait=False)
    with pytest.raises(ApprovalRequired):
        pay(250)
    assert guard.resume() == [] and ledger.paid == []
    approvals.move(approvals.only, fake.APPROVED)
    (resumed,) = guard.resume()
    assert (resumed.approval_id, resumed.verb) == (approvals.only.approval_id, "bank:pay")
    assert (resumed.value, resumed.error, resumed.skipped) == (250, None, "")
    assert approvals.only.state == fake.SUCCEEDED
    assert guard.resume() == [] and ledger.paid == [250]


def test_another_process_runs_it_with_what_was_approved(
    make_guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger
) -> None:
    approvals.edit(approvals.add("bank:pay", '{"amount":250}'), '{"amount":99}')
    guard = make_guard(gate.target)
    pay = guard.protect("bank:pay", ledger.pay)
    (resumed,) = guard.resume()
    assert (resumed.value, dict(resumed.approval.args), resumed.approval.edited) == (99, {"amount": 99}, True)
    assert gate.wait_for_records(1)[0].execution.approval_id == resumed.approval_id and pay


def test_only_what_may_run_is_run(guard: Any, approvals: ScriptedApprovals, ledger: Ledger) -> None:
    states = (fake.PENDING, fake.DENIED, fake.CLAIMED, fake.SUCCEEDED, fake.INDETERMINATE)
    for amount, state in enumerate(states):
        approvals.add("bank:pay", f'{{"amount":{amount}}}', state)
    approvals.add("bank:pay", '{"amount":50}', fake.INDETERMINATE, reclaimable=True)
    approvals.add("bank:pay", '{"amount":60}', fake.APPROVED)
    pay = guard.protect("bank:pay", ledger.pay)
    assert [resumed.value for resumed in guard.resume()] == [50, 60]
    assert ledger.paid == [50, 60] and pay


def test_a_gate_that_lists_what_was_not_asked_for_runs_nothing(
    guard: Any, approvals: ScriptedApprovals, ledger: Ledger
) -> None:
    for state in (0, 77, fake.PENDING, fake.CLAIMED):
        approvals.add("bank:pay", '{"amount":1}', state)

    def all_of_them(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
        request.states.extend({approval.state for approval in approvals.approvals.values()})
        return usual()

    approvals.scripts["ListApprovals"] = all_of_them
    pay = guard.protect("bank:pay", ledger.pay)
    assert guard.resume() == [] and ledger.paid == [] and pay


def test_every_page_is_read(guard: Any, approvals: ScriptedApprovals, ledger: Ledger) -> None:
    for amount in range(5):
        approvals.add("bank:pay", f'{{"amount":{amount}}}', fake.APPROVED)
    approvals.page_size = 2
    pay = guard.protect("bank:pay", ledger.pay)
    assert [resumed.value for resumed in guard.resume()] == [0, 1, 2, 3, 4] and pay


def test_pages_without_end_are_not_followed(guard: Any, approvals: ScriptedApprovals) -> None:
    def again(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
        response = usual()
        response.next_page_token = "1"
        return response

    approvals.scripts["ListApprovals"] = again
    with pytest.raises(GateholdError, match="pages"):
        guard.resume()


def test_a_list_that_cannot_be_had_is_an_error(guard: Any, approvals: ScriptedApprovals) -> None:
    approvals.scripts["ListApprovals"] = lambda request, context, usual: context.abort(
        grpc.StatusCode.UNAVAILABLE, "not now"
    )
    with pytest.raises(GateholdError, match="not now"):
        guard.resume()


def test_a_verb_without_exactly_one_function_is_skipped(
    guard: Any, approvals: ScriptedApprovals, ledger: Ledger
) -> None:
    approved = approvals.add("bank:pay", '{"amount":250}', fake.APPROVED)
    assert [resumed.skipped for resumed in guard.resume()] == ["no functions are guarded as bank:pay here"]
    first, second = guard.protect("bank:pay", ledger.pay), guard.protect("bank:pay", ledger.pay)
    assert [resumed.skipped for resumed in guard.resume()] == ["2 functions are guarded as bank:pay here"]
    assert approved.state == fake.APPROVED and ledger.paid == [] and first is not second


def test_a_function_whose_guarded_form_is_gone_is_forgotten(gate: ScriptedGate, approvals: ScriptedApprovals) -> None:
    approvals.add("bank:pay", '{"amount":250}', fake.APPROVED)
    with Guard(gate.target) as guard:
        kept = guard.protect("bank:pay", Ledger().pay)
        for _ in range(3):
            guard.protect("bank:pay", Ledger().pay)
        gc.collect()
        assert [resumed.value for resumed in guard.resume()] == [250] and kept


def test_excluded_parameters_are_supplied(guard: Any, approvals: ScriptedApprovals) -> None:
    def pay(client: Any, amount: int, log: Any = None) -> Any:
        return client, amount, log

    approved = approvals.add("bank:pay", '{"amount":250}', fake.APPROVED)
    guarded = guard.protect("bank:pay", pay, exclude=["client", "log"])
    for supply, why in (
        (None, "no value is supplied for parameter 'client'"),
        ({"bank:other": {"client": 1}}, "no value is supplied for parameter 'client'"),
        ({"bank:pay": {"client": 1, "amount": 9999}}, "'amount' is no excluded parameter"),
    ):
        (resumed,) = guard.resume(supply)
        assert why in resumed.skipped and approved.state == fake.APPROVED
    client = object()
    assert [r.value for r in guard.resume({"bank:pay": {"client": client}})] == [(client, 250, None)] and guarded


@pytest.mark.parametrize("args_json", ["{}", '{"amount":250,"client":"thief"}', '{"amount":250,"note":"x"}'])
def test_a_call_that_the_function_does_not_take_is_skipped(
    guard: Any, approvals: ScriptedApprovals, ledger: Ledger, args_json: str
) -> None:
    approved = approvals.add("bank:pay", args_json, fake.APPROVED)
    pay = guard.protect("bank:pay", ledger.pay)
    (resumed,) = guard.resume()
    assert "has a parameter" in resumed.skipped or "takes no argument" in resumed.skipped
    assert approved.state == fake.APPROVED and ledger.paid == [] and pay


def test_a_call_on_behalf_of_somebody_else_is_skipped(guard: Any, approvals: ScriptedApprovals, ledger: Ledger) -> None:
    approvals.add("bank:pay", '{"amount":250}', fake.APPROVED, on_behalf_of="ann")
    pay = guard.protect("bank:pay", ledger.pay, on_behalf_of="bob")
    assert "behalf of 'ann'" in guard.resume()[0].skipped and ledger.paid == [] and pay


def test_a_call_of_another_context_or_tool_is_refused(guard: Any, approvals: ScriptedApprovals, ledger: Ledger) -> None:
    approvals.add("bank:pay", '{"amount":250}', fake.APPROVED, context_json='{"ticket":"T1"}')
    pay = guard.protect("bank:pay", ledger.pay)
    (resumed,) = guard.resume()
    assert isinstance(resumed.error, ApprovalRefused) and not resumed.skipped
    assert resumed.error.approval.id == resumed.approval_id
    assert resumed.error.answer.decision == "require_approval" and "FAILED_PRECONDITION" in str(resumed.error)
    del pay
    gc.collect()
    again = guard.protect("bank:pay", ledger.pay, context={"ticket": "T1"}, tool_definition_digest="a" * 64)
    assert isinstance(guard.resume()[0].error, ApprovalRefused) and ledger.paid == [] and again


def test_one_that_fails_does_not_keep_the_others_from_running(guard: Any, approvals: ScriptedApprovals) -> None:
    def pay(amount: int) -> int:
        if amount == 2:
            raise ValueError("no money")
        return amount

    for amount in (1, 2, 3):
        approvals.add("bank:pay", f'{{"amount":{amount}}}', fake.APPROVED)
    guarded = guard.protect("bank:pay", pay)
    first, second, third = guard.resume()
    assert (first.value, second.value, third.value) == (1, None, 3) and guarded
    assert isinstance(second.error, ValueError) and approvals.approvals[second.approval_id].state == fake.FAILED


def test_of_all_who_would_run_it_one_does(
    make_guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger, start: Any
) -> None:
    """One guard waits for it in two threads, and resumes in two; another process does so too."""
    guard, other = make_guard(gate.target), make_guard(gate.target)
    pay, pay_too = guard.protect("bank:pay", ledger.pay), other.protect("bank:pay", ledger.pay)
    waiting = [start(pay, 250), start(pay, 250), start(pay_too, 250)]
    approvals.wait_for("WatchApproval", 3)
    together = threading.Barrier(4)

    def resume(which: Any) -> list[Any]:
        together.wait(10)
        return list(which.resume())

    resuming = [start(resume, guard), start(resume, guard), start(resume, other)]
    together.wait(10)
    approvals.move(approvals.only, fake.APPROVED)
    values = [resumed.value for future in resuming for resumed in future.result(20) if resumed.error is None]
    for future in waiting:
        error = future.exception(20)
        assert error is None or isinstance(error, ApprovalRefused)
        values += [] if error else [future.result()]
    assert ledger.paid == [250] and values == [250]
