"""Where a person must approve, a guard asks for it, waits, and runs nothing that was not let through."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.rpc import status_pb2

from gatehold import (
    Approval,
    ApprovalCancelled,
    ApprovalDenied,
    ApprovalExpired,
    ApprovalPending,
    ApprovalRefused,
    ApprovalRequired,
    AsyncGuard,
    Blocked,
    Guard,
    InvalidInput,
)
from gatehold.guard.aio_connection import AsyncConnection
from gatehold.guard.steps import Watch
from gatehold.guard.target import resolve
from gatehold.serving import Refusal
from gatehold.v1 import decision_pb2
from gatehold.v1 import decision_point_service_pb2 as service
from gatehold.v1.error_reason_pb2 import ErrorReason
from tests.fakes import scripted_approvals as fake
from tests.fakes.scripted_approvals import ScriptedApprovals, refuse
from tests.fakes.scripted_gate import ScriptedGate, allow, require_approval


class Ledger:
    def __init__(self) -> None:
        self.paid: list[tuple[int, str]] = []

    def pay(self, amount: int, note: str = "none") -> int:
        self.paid.append((amount, note))
        return amount


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_an_approved_call_runs_once(
    guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger, start: Any
) -> None:
    told: list[Approval] = []
    options = {"context": {"ticket": "T1"}, "on_behalf_of": "ann", "justification": "she asked"}
    running = start(guard.protect("bank:pay", ledger.pay, on_wait=told.append, **options), 250)
    asked = approvals.wait_for("RequestApproval")
    assert (asked.verb, asked.args_json) == ("bank:pay", '{"amount":250,"note":"none"}')
    assert (asked.context_json, asked.on_behalf_of, asked.justification) == ('{"ticket":"T1"}', "ann", "she asked")
    approvals.wait_for("WatchApproval")
    assert ledger.paid == [] and not running.done()
    approvals.move(approvals.only, fake.APPROVED)
    assert running.result(10) == 250
    assert ledger.paid == [(250, "none")]
    assert [(a.id, a.state, a.args["amount"]) for a in told] == [(approvals.only.approval_id, "pending", 250)]
    claimed, completed = approvals.of("ClaimApproval"), approvals.of("CompleteApproval")
    assert claimed[0].context_digest == fake.digest_of('{"ticket":"T1"}')
    assert [c.claim_id for c in claimed] == [c.claim_id for c in completed] == [approvals.only.claim_id]
    assert approvals.only.state == fake.SUCCEEDED


@pytest.mark.parametrize(
    ("state", "reason", "error", "text"),
    [
        (fake.DENIED, "not this customer", ApprovalDenied, "approval denied: not this customer"),
        (fake.EXPIRED, "", ApprovalExpired, "approval expired: Refund exceeds"),
        (fake.CANCELLED, "he paid", ApprovalCancelled, "approval cancelled: he paid"),
        (fake.CLAIMED, "", ApprovalRefused, "another process has it: it is claimed"),
        (fake.SUCCEEDED, "", ApprovalRefused, "another process has it: it is succeeded"),
        (fake.FAILED, "", ApprovalRefused, "another process has it: it is failed"),
        (fake.INDETERMINATE, "", ApprovalRefused, "another process has it: it is indeterminate"),
        (0, "", ApprovalRefused, "news of it is unusable"),
        (77, "", ApprovalRefused, "news of it is unusable"),
    ],
)
@pytest.mark.parametrize("when", ["before", "while"])
def test_every_other_end_runs_nothing(
    guard: Any,
    approvals: ScriptedApprovals,
    ledger: Ledger,
    start: Any,
    state: Any,
    reason: str,
    error: type[ApprovalRequired],
    text: str,
    when: str,
) -> None:
    def end(_: object = None) -> None:
        approvals.move(approvals.only, state, end_reason=reason)

    running = start(guard.protect("bank:pay", ledger.pay, on_wait=end if when == "before" else None), 250)
    if when == "while":
        approvals.wait_for("WatchApproval")
        end()
    with pytest.raises(error, match=text) as raised:
        running.result(10)
    assert type(raised.value) is error and isinstance(raised.value, ApprovalRequired)
    assert raised.value.approval.id == approvals.only.approval_id
    assert (raised.value.verb, raised.value.answer.policy_matched) == ("bank:pay", "large-refund-gate")
    assert ledger.paid == [] and approvals.of("ClaimApproval") == []


def test_edited_arguments_are_what_runs(guard: Any, approvals: ScriptedApprovals, ledger: Ledger, start: Any) -> None:
    running = start(guard.protect("bank:pay", ledger.pay), 250)
    approvals.wait_for("WatchApproval")
    approvals.edit(approvals.only, '{"amount":99,"note":"half"}')
    assert running.result(10) == 99
    assert ledger.paid == [(99, "half")]


def test_what_is_approved_already_is_not_waited_for(guard: Any, approvals: ScriptedApprovals, ledger: Ledger) -> None:
    approvals.add("bank:pay", '{"amount":250,"note":"none"}', fake.APPROVED)
    told: list[Approval] = []
    assert guard.protect("bank:pay", ledger.pay, wait=False, on_wait=told.append)(250) == 250
    assert told == [] and approvals.of("WatchApproval") == []


def test_without_waiting_the_call_is_frozen(guard: Any, approvals: ScriptedApprovals, ledger: Ledger) -> None:
    told: list[Approval] = []
    with pytest.raises(ApprovalRequired, match="approval required: Refund exceeds") as raised:
        guard.protect("bank:pay", ledger.pay, wait=False, on_wait=told.append)(250)
    assert type(raised.value) is ApprovalRequired
    assert raised.value.approval.id == approvals.only.approval_id and approvals.only.state == fake.PENDING
    assert told == [] and ledger.paid == []


@pytest.mark.parametrize("timeout", [0, 0.2])
def test_a_wait_that_ends_leaves_the_approval_open(
    guard: Any, approvals: ScriptedApprovals, ledger: Ledger, timeout: float
) -> None:
    with pytest.raises(ApprovalPending, match="nobody decided within") as raised:
        guard.protect("bank:pay", ledger.pay, timeout=timeout)(250)
    assert raised.value.approval.id == approvals.only.approval_id
    assert approvals.only.state == fake.PENDING and ledger.paid == []
    approvals.wait_until(lambda: len(approvals.of("WatchApproval")) == (1 if timeout else 0))


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf")])
def test_a_timeout_is_a_number_of_seconds(gate: ScriptedGate, timeout: float) -> None:
    with Guard(gate.target) as guard, pytest.raises(InvalidInput, match="timeout"):
        guard.protect("bank:pay", Ledger().pay, timeout=timeout)


def test_an_unknown_option_is_refused(gate: ScriptedGate) -> None:
    with Guard(gate.target) as guard, pytest.raises(TypeError, match="patience"):
        guard.protect("bank:pay", Ledger().pay, patience=1)  # type: ignore[call-overload]


def test_a_lost_stream_is_found_again(
    guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger, start: Any
) -> None:
    running = start(guard.protect("bank:pay", ledger.pay), 250)
    approvals.wait_for("WatchApproval")
    gate.restart()
    approvals.wait_for("WatchApproval", 2)
    approvals.move(approvals.only, fake.APPROVED)
    assert running.result(10) == 250
    assert ledger.paid == [(250, "none")]


def test_what_happened_while_the_gate_was_gone_is_seen(
    guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger, start: Any
) -> None:
    running = start(guard.protect("bank:pay", ledger.pay), 250)
    approvals.wait_for("WatchApproval")
    gate.stop()
    approvals.move(approvals.only, fake.APPROVED)
    gate.restart()
    assert running.result(10) == 250


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.UNIMPLEMENTED,
    ],
)
def test_a_stream_that_cannot_be_had_blocks(
    guard: Any, approvals: ScriptedApprovals, ledger: Ledger, code: grpc.StatusCode
) -> None:
    approvals.scripts["WatchApproval"] = lambda request, context, usual: context.abort(code, "never")
    with pytest.raises(Blocked, match="never"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == []


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        None,
    ],
)
def test_a_stream_that_may_be_had_later_is_asked_for_again(
    guard: Any, approvals: ScriptedApprovals, ledger: Ledger, code: grpc.StatusCode | None
) -> None:
    def fail_twice(request: Any, context: grpc.ServicerContext, usual: Any) -> Iterator[Any]:
        if len(approvals.of("WatchApproval")) > 2:
            approvals.move(approvals.only, fake.APPROVED)
            yield from usual()
        if code is not None:
            context.abort(code, "not now")

    approvals.scripts["WatchApproval"] = fail_twice
    assert guard.protect("bank:pay", ledger.pay)(250) == 250
    assert len(approvals.of("WatchApproval")) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"verb": "bank:steal"},
        {"approval_id": "another"},
        {"approval_id": ""},
        {"args_digest": "0" * 64},
        {"args_digest": ""},
        {"args_json": "[]"},
    ],
    ids=str,
)
def test_news_of_another_call_runs_nothing(
    guard: Any, approvals: ScriptedApprovals, ledger: Ledger, changes: dict[str, Any]
) -> None:
    def other(request: Any, context: grpc.ServicerContext, usual: Any) -> Iterator[Any]:
        approvals.move(approvals.only, fake.APPROVED)
        response = next(usual())
        for name, value in changes.items():
            setattr(response.approval, name, value)
        yield response

    approvals.scripts["WatchApproval"] = other
    with pytest.raises(ApprovalRefused, match="the gate's news"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == [] and approvals.of("ClaimApproval") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"verb": "bank:steal"},
        {"approval_id": ""},
        {"args_digest": "0" * 64},
        {"args_digest": ""},
        {"state": 0},
        {"state": 77},
    ],
    ids=str,
)
def test_an_approval_of_another_call_blocks(
    guard: Any, approvals: ScriptedApprovals, ledger: Ledger, changes: dict[str, Any]
) -> None:
    def other(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
        response = usual()
        for name, value in changes.items():
            setattr(response.approval, name, value)
        return response

    approvals.scripts["RequestApproval"] = other
    with pytest.raises(Blocked, match="The gate's approval is"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == [] and approvals.of("WatchApproval") == []


@pytest.mark.parametrize("garbage", [b"", b"\xff\xff"])
def test_garbage_for_an_approval_blocks(
    guard: Any, approvals: ScriptedApprovals, ledger: Ledger, garbage: bytes
) -> None:
    approvals.scripts["RequestApproval"] = lambda request, context, usual: garbage
    with pytest.raises(Blocked):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == []


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
def test_a_request_that_fails_blocks(
    guard: Any, approvals: ScriptedApprovals, ledger: Ledger, code: grpc.StatusCode
) -> None:
    approvals.scripts["RequestApproval"] = lambda request, context, usual: context.abort(code, "because")
    with pytest.raises(Blocked, match="because"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == [] and len(approvals.of("RequestApproval")) == 1


def not_required(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
    refuse(context, grpc.StatusCode.FAILED_PRECONDITION, "APPROVAL_NOT_REQUIRED")


def decide(gate: ScriptedGate, *decisions: Any) -> None:
    """Answers one after another with these; with the last one from there on."""
    waiting = list(decisions)

    def script(request: Any, _: Any) -> Any:
        response = require_approval(request)
        response.decision = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return response

    gate.script = script


def test_a_policy_that_allows_by_now_is_asked_again(
    guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger
) -> None:
    decide(gate, decision_pb2.DECISION_REQUIRE_APPROVAL, decision_pb2.DECISION_ALLOW)
    approvals.scripts["RequestApproval"] = not_required
    assert guard.protect("bank:pay", ledger.pay)(250) == 250
    assert len(gate.requests) == 2 and approvals.of("ClaimApproval") == []


def test_a_policy_that_blocks_by_now_blocks(
    guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger
) -> None:
    decide(gate, decision_pb2.DECISION_REQUIRE_APPROVAL, decision_pb2.DECISION_BLOCK)
    approvals.scripts["RequestApproval"] = not_required
    with pytest.raises(Blocked):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == []


def test_a_gate_that_cannot_make_up_its_mind_blocks(
    guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger
) -> None:
    approvals.scripts["RequestApproval"] = not_required
    with pytest.raises(Blocked, match="does not require"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert (len(gate.requests), len(approvals.of("RequestApproval"))) == (3, 3) and ledger.paid == []


@pytest.mark.parametrize(
    "details",
    [
        b"\xff\xff",
        status_pb2.Status().SerializeToString(),
        Refusal(grpc.StatusCode.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_APPROVAL_NOT_REQUIRED, "no")
        .details()
        .replace(b"gatehold.dev", b"example.test"),
    ],
    ids=["garbage", "nothing", "of another domain"],
)
def test_only_the_gates_own_word_is_taken_for_a_reason(
    guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger, details: bytes
) -> None:
    def fail(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
        context.set_trailing_metadata((("grpc-status-details-bin", details),))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "because")

    approvals.scripts["RequestApproval"] = fail
    with pytest.raises(Blocked, match="because"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert len(gate.requests) == 1 and ledger.paid == []


def test_the_obligations_of_a_late_allow_are_met(
    guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger
) -> None:
    def obliged(request: Any, _: Any) -> Any:
        response = require_approval(request) if len(gate.requests) == 1 else allow(request)
        if len(gate.requests) > 1:
            response.obligations.add(id="p", type="watermark")
        return response

    gate.script = obliged
    approvals.scripts["RequestApproval"] = not_required
    with pytest.raises(Blocked, match="watermark"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == []


def test_what_the_listener_raises_ends_the_wait(guard: Any, approvals: ScriptedApprovals, ledger: Ledger) -> None:
    def fail(approval: Approval) -> None:
        raise StopIteration("no pager")

    with pytest.raises((StopIteration, RuntimeError), match=r"no pager|StopIteration"):
        guard.protect("bank:pay", ledger.pay, on_wait=fail)(250)
    assert approvals.only.state == fake.PENDING and ledger.paid == [] and approvals.of("WatchApproval") == []


async def test_a_listener_may_be_a_coroutine_function(gate: ScriptedGate, approvals: ScriptedApprovals) -> None:
    async def tell(approval: Approval) -> None:
        approvals.move(approvals.only, fake.APPROVED)

    async def pay(amount: int) -> int:
        return amount

    async with AsyncGuard(gate.target) as guard:
        assert await guard.protect("bank:pay", pay, on_wait=tell)(250) == 250
    with Guard(gate.target) as plain, pytest.raises(TypeError, match=r"on_wait .* coroutine function"):
        plain.protect("bank:pay", Ledger().pay, on_wait=tell)


def test_closing_the_guard_ends_the_wait(
    make_guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger, start: Any
) -> None:
    guard = make_guard(gate.target)
    running = start(guard.protect("bank:pay", ledger.pay), 250)
    approvals.wait_for("WatchApproval")
    guard.close()
    with pytest.raises(ApprovalPending, match="the guard was closed"):
        running.result(10)
    assert approvals.only.state == fake.PENDING and ledger.paid == []


async def test_closing_the_connection_ends_a_stream_that_another_task_reads(
    gate: ScriptedGate, approvals: ScriptedApprovals
) -> None:
    connection, began = AsyncConnection(resolve(gate.target), 1.0, ()), asyncio.Event()
    request = service.WatchApprovalRequest(approval_id=approvals.add("bank:pay").approval_id)
    reading = asyncio.create_task(connection.watch(Watch(request, lambda news: bool(began.set()), None)))
    await began.wait()
    await connection.close()
    assert (await asyncio.wait_for(reading, 10)).closed


def test_closing_the_guard_ends_a_pause(
    make_guard: Any,
    gate: ScriptedGate,
    approvals: ScriptedApprovals,
    ledger: Ledger,
    start: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gatehold.guard.waiting.FIRST_PAUSE", 600.0)
    monkeypatch.setattr("gatehold.guard.waiting.LONGEST_PAUSE", 600.0)
    approvals.scripts["WatchApproval"] = lambda request, context, usual: iter(())
    guard = make_guard(gate.target)
    running = start(guard.protect("bank:pay", ledger.pay), 250)
    approvals.wait_for("WatchApproval")
    guard.close()
    with pytest.raises(ApprovalPending, match="the guard was closed"):
        running.result(10)


def test_an_interrupt_ends_the_wait(gate: ScriptedGate, approvals: ScriptedApprovals, ledger: Ledger) -> None:
    sent, ended = threading.Event(), threading.Event()

    def watch(request: Any, context: grpc.ServicerContext, usual: Any) -> Iterator[Any]:
        news = usual()
        yield next(news)
        sent.set()
        yield from news
        ended.set()

    def interrupt() -> None:
        assert sent.wait(10)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    approvals.scripts["WatchApproval"] = watch
    with Guard(gate.target) as guard:
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            guard.protect("bank:pay", ledger.pay)(250)
        assert ended.wait(10), "the stream is still open"
    assert approvals.only.state == fake.PENDING and ledger.paid == []


async def test_a_cancelled_task_ends_its_wait(gate: ScriptedGate, approvals: ScriptedApprovals) -> None:
    async def pay(amount: int) -> None:
        raise AssertionError("it ran")

    async with AsyncGuard(gate.target) as guard:
        task = asyncio.create_task(guard.protect("bank:pay", pay)(250))  # type: ignore[arg-type]
        await asyncio.to_thread(approvals.wait_for, "WatchApproval")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert approvals.only.state == fake.PENDING


def test_a_stream_says_what_it_must(approvals: ScriptedApprovals) -> None:
    """The fake is as strict as the contract where these tests rely on it."""
    approval = approvals.add("bank:pay", '{"card":"4111"}')
    assert fake.shown(approval).args_json == '{"card":"[redacted]"}'
    assert service.WatchApprovalResponse(approval=approval).approval.args_json == '{"card":"4111"}'
