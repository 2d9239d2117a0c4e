"""How an approved run ended is told until it is taken, and its claim lasts as long as it; neither is in its way."""

import asyncio
import logging
import threading
from typing import Any

import grpc
import pytest

from gatehold import AsyncGuard, Guard
from gatehold.guard import completion
from gatehold.guard.steps import Reply
from gatehold.v1.audit_record_pb2 import OUTCOME_FAILED, OUTCOME_INDETERMINATE, OUTCOME_SUCCEEDED
from gatehold.v1.decision_point_service_pb2 import CompleteApprovalRequest
from tests.fakes import scripted_approvals as fake
from tests.fakes.scripted_approvals import ScriptedApprovals
from tests.fakes.scripted_gate import ScriptedGate
from tests.stack import until


@pytest.fixture
def approved(approvals: ScriptedApprovals, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An approved call, which the guard finds when it asks; what it cannot tell it soon tells again."""
    monkeypatch.setattr("gatehold.guard.background.RETRY_SECONDS", 0.05)
    monkeypatch.setattr("gatehold.guard.aio_background.RETRY_SECONDS", 0.05)
    return approvals.add("bank:pay", '{"amount":250}', fake.APPROVED)


def pay(amount: int) -> int:
    return amount


def raising(error: BaseException) -> Any:
    def fail(amount: int) -> None:
        raise error

    return fail


def test_a_run_that_succeeds_is_told_and_recorded(
    guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, approved: Any
) -> None:
    assert guard.protect("bank:pay", pay)(250) == 250
    (told,) = approvals.of("CompleteApproval")
    assert (told.outcome, told.error, told.claim_id) == (OUTCOME_SUCCEEDED, "", approved.claim_id)
    assert told.HasField("duration")
    (record,) = gate.wait_for_records(1)
    assert record.execution.approval_id == approved.approval_id
    assert record.execution.outcome == OUTCOME_SUCCEEDED and record.execution.decision_id


@pytest.mark.parametrize(
    ("options", "text"),
    [({}, "ValueError"), ({"record_error_text": True}, "ValueError: no money on card 4111")],
    ids=["type", "text"],
)
def test_a_run_that_raises_is_told_and_raises(
    make_guard: Any,
    gate: ScriptedGate,
    approvals: ScriptedApprovals,
    approved: Any,
    options: dict[str, Any],
    text: str,
) -> None:
    error = ValueError("no money on card 4111")
    with pytest.raises(ValueError, match="no money") as raised:
        make_guard(gate.target, **options).protect("bank:pay", raising(error))(250)
    assert raised.value is error
    (told,) = approvals.of("CompleteApproval")
    assert (told.outcome, told.error, approved.state) == (OUTCOME_FAILED, text, fake.FAILED)
    assert gate.wait_for_records(1)[0].execution.error == text


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAUTHENTICATED,
    ],
)
@pytest.mark.parametrize("reached", [True, False], ids=["reply lost", "request lost"])
def test_a_lost_completion_is_sent_again(
    guard: Any, approvals: ScriptedApprovals, approved: Any, code: grpc.StatusCode, reached: bool
) -> None:
    def lose(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
        if len(approvals.of("CompleteApproval")) <= 3:
            if reached:
                usual()
            context.abort(code, "lost")
        return usual()

    approvals.scripts["CompleteApproval"] = lose
    assert guard.protect("bank:pay", pay)(250) == 250
    first = approvals.wait_for("CompleteApproval", 4)
    approvals.wait_until(lambda: approved.state == fake.SUCCEEDED)
    assert all(told == first for told in approvals.of("CompleteApproval"))


def test_a_refused_completion_is_not_sent_again(
    guard: Any, approvals: ScriptedApprovals, approved: Any, caplog: pytest.LogCaptureFixture
) -> None:
    approvals.scripts["CompleteApproval"] = lambda request, context, usual: context.abort(
        grpc.StatusCode.ABORTED, "another claim holds it"
    )
    with caplog.at_level(logging.ERROR, "gatehold.approval"):
        assert guard.protect("bank:pay", pay)(250) == 250
        guard.close()
    assert len(approvals.of("CompleteApproval")) == 1
    assert "another claim holds it" in caplog.text


def test_closing_the_guard_tells_once_more(
    make_guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, approved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("background", "aio_background"):
        monkeypatch.setattr(f"gatehold.guard.{module}.RETRY_SECONDS", 600.0)
    ready = threading.Event()

    def lose(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
        return usual() if ready.is_set() else context.abort(grpc.StatusCode.UNAVAILABLE, "not now")

    approvals.scripts["CompleteApproval"] = lose
    guard = make_guard(gate.target)
    assert guard.protect("bank:pay", pay)(250) == 250
    approvals.wait_for("CompleteApproval", 2)  # the run's own attempt, and the first in the background
    ready.set()
    guard.close()
    assert approved.state == fake.SUCCEEDED


def test_the_claim_is_renewed_while_it_runs(
    guard: Any, approvals: ScriptedApprovals, approved: Any, monkeypatch: pytest.MonkeyPatch, start: Any
) -> None:
    monkeypatch.setattr("gatehold.guard.permit.RENEW_SECONDS", 0.01)
    renewed = threading.Event()

    def long_pay(amount: int) -> int:
        assert renewed.wait(10)
        return amount

    running = start(AwaitingThread(guard).protect("bank:pay", long_pay), 250)
    approvals.scripts["ClaimApproval"] = lambda request, context, usual: (
        context.abort(grpc.StatusCode.UNAVAILABLE, "once") if len(approvals.of("ClaimApproval")) == 3 else usual()
    )
    approvals.wait_for("ClaimApproval", 5)
    renewed.set()
    assert running.result(10) == 250
    assert {claim.claim_id for claim in approvals.of("ClaimApproval")} == {approved.claim_id}


def test_a_claim_that_is_not_renewed_ends_neither_the_run_nor_its_report(
    guard: Any,
    approvals: ScriptedApprovals,
    approved: Any,
    monkeypatch: pytest.MonkeyPatch,
    start: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("gatehold.guard.permit.RENEW_SECONDS", 0.01)
    over = threading.Event()

    def long_pay(amount: int) -> int:
        assert over.wait(10)
        return amount

    approvals.scripts["ClaimApproval"] = lambda request, context, usual: (
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "lapsed")
        if len(approvals.of("ClaimApproval")) > 1
        else usual()
    )
    running = start(AwaitingThread(guard).protect("bank:pay", long_pay), 250)
    until(lambda: "is not renewed" in caplog.text and "lapsed" in caplog.text)
    over.set()
    assert running.result(10) == 250
    assert approved.state == fake.SUCCEEDED and len(approvals.of("ClaimApproval")) == 2


class AwaitingThread:
    """Guards a function that blocks, without blocking the loop of an AsyncGuard."""

    def __init__(self, guard: Any) -> None:
        self._guard = guard

    def protect(self, verb: str, function: Any) -> Any:
        if isinstance(self._guard, Guard):
            return self._guard.protect(verb, function)

        async def coroutine(amount: int) -> Any:
            return await asyncio.to_thread(function, amount)

        guarded = self._guard.inner.protect(verb, coroutine)
        return lambda *args: self._guard.wait(guarded(*args))


def test_an_interrupted_run_is_told_as_indeterminate(gate: ScriptedGate, approvals: Any, approved: Any) -> None:
    with Guard(gate.target) as guard, pytest.raises(KeyboardInterrupt):
        guard.protect("bank:pay", raising(KeyboardInterrupt()))(250)
    (told,) = approvals.of("CompleteApproval")
    assert (told.outcome, told.error) == (OUTCOME_INDETERMINATE, "KeyboardInterrupt")
    assert gate.wait_for_records(1)[0].execution.outcome == OUTCOME_INDETERMINATE


async def test_a_cancelled_run_is_told_as_indeterminate(gate: ScriptedGate, approvals: Any, approved: Any) -> None:
    began = asyncio.Event()

    async def pay_slowly(amount: int) -> None:
        began.set()
        await asyncio.Event().wait()

    async with AsyncGuard(gate.target) as guard:
        task = asyncio.ensure_future(guard.protect("bank:pay", pay_slowly)(250))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    (told,) = approvals.of("CompleteApproval")
    assert (told.outcome, told.error) == (OUTCOME_INDETERMINATE, "CancelledError")


def test_reporting_never_replaces_what_came_of_the_run(
    guard: Any, approved: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("cannot be told")

    monkeypatch.setattr(completion.Completions, "add", fail)
    assert guard.protect("bank:pay", pay)(250) == 250
    assert f"how approval {approved.approval_id} ended is not told: RuntimeError" in caplog.text


def completing(claim: str) -> CompleteApprovalRequest:
    return CompleteApprovalRequest(approval_id="a", claim_id=claim)


def test_what_waits_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    completions = completion.Completions()
    for number in range(completion.MOST_KEPT + 1):
        completions.add(completing(str(number)))
    assert completions.waiting == completion.MOST_KEPT and "is lost" in caplog.text


@pytest.mark.parametrize("code", list(grpc.StatusCode))
def test_what_is_not_settled_goes_last_and_stays(code: grpc.StatusCode) -> None:
    completions = completion.Completions()
    completions.add(completing("1"))
    completions.add(completing("2"))
    first, second = completions.requests()
    if completions.settled(first, Reply(code=code)):
        assert completions.requests() == [second]
    else:
        assert completions.requests() == [second, first]
        assert completions.settled(first, Reply()) and completions.requests() == [second]
    completions.settled(first, Reply(code=grpc.StatusCode.UNAVAILABLE))  # an attempt that was under way meanwhile
    assert completions.requests() == [second]
