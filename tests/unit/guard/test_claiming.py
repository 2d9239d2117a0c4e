"""Nothing runs under an approval without a reply to the claim that says, word for word, what may run."""

from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from gatehold import ApprovalRefused, AsyncGuard, Guard, current_approval
from gatehold.v1.decision_pb2 import Obligation
from tests.fakes import scripted_approvals as fake
from tests.fakes.scripted_approvals import ScriptedApprovals, refuse
from tests.fakes.scripted_gate import ScriptedGate, allow, require_approval

LOST = [
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.UNKNOWN,
]
REFUSED = [code for code in grpc.StatusCode if code not in (grpc.StatusCode.OK, *LOST)]


class Ledger:
    def __init__(self) -> None:
        self.paid: list[tuple[int, str]] = []

    def pay(self, amount: int, note: str = "none") -> int:
        self.paid.append((amount, note))
        return amount


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def approved(approvals: ScriptedApprovals) -> Any:
    """An approved call, which the guard finds when it asks."""
    return approvals.add("bank:pay", '{"amount":250,"note":"none"}', fake.APPROVED)


@pytest.mark.parametrize("code", LOST)
@pytest.mark.parametrize("reached", [True, False], ids=["reply lost", "request lost"])
def test_a_lost_claim_is_made_again_under_its_id(
    guard: Any, approvals: ScriptedApprovals, approved: Any, ledger: Ledger, code: grpc.StatusCode, reached: bool
) -> None:
    def lose(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
        if len(approvals.of("ClaimApproval")) <= 4:
            if reached:
                usual()
            context.abort(code, "lost")
        return usual()

    approvals.scripts["ClaimApproval"] = lose
    assert guard.protect("bank:pay", ledger.pay)(250) == 250
    assert ledger.paid == [(250, "none")]
    assert len(approvals.of("ClaimApproval")) == 5
    assert {claim.claim_id for claim in approvals.of("ClaimApproval")} == {approved.claim_id}


def test_a_claim_that_stays_lost_runs_nothing(
    guard: Any, approvals: ScriptedApprovals, approved: Any, ledger: Ledger
) -> None:
    def lose(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
        usual()
        context.abort(grpc.StatusCode.UNAVAILABLE, "lost")

    approvals.scripts["ClaimApproval"] = lose
    with pytest.raises(ApprovalRefused, match=r"could not be claimed [(]UNAVAILABLE: lost[)]"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert len(approvals.of("ClaimApproval")) == 5 and ledger.paid == []


def test_a_gate_that_is_gone_for_a_moment_does_not_lose_the_claim(
    guard: Any,
    gate: ScriptedGate,
    approvals: ScriptedApprovals,
    approved: Any,
    ledger: Ledger,
    start: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gatehold.guard.claiming.PAUSES", (0.5, 0.5, 1.0, 1.0))
    lost = approvals.scripts["ClaimApproval"] = lambda request, context, usual: (usual(), context.abort(LOST[0], ""))
    running = start(guard.protect("bank:pay", ledger.pay), 250)
    approvals.wait_for("ClaimApproval")
    gate.stop()
    assert approvals.scripts.pop("ClaimApproval") is lost
    gate.restart()
    assert running.result(10) == 250
    assert ledger.paid == [(250, "none")]


@pytest.mark.parametrize("code", REFUSED)
def test_a_refused_claim_is_not_made_again(
    guard: Any, approvals: ScriptedApprovals, approved: Any, ledger: Ledger, code: grpc.StatusCode
) -> None:
    approvals.scripts["ClaimApproval"] = lambda request, context, usual: context.abort(code, "because")
    with pytest.raises(ApprovalRefused, match="because") as raised:
        guard.protect("bank:pay", ledger.pay)(250)
    assert raised.value.approval.id == approved.approval_id and raised.value.verb == "bank:pay"
    assert len(approvals.of("ClaimApproval")) == 1 and ledger.paid == []
    assert approvals.of("CompleteApproval") == []


@pytest.mark.parametrize("reason", ["APPROVAL_POLICY_BLOCKS", "APPROVAL_REQUIREMENT_UNMET", "APPROVAL_STATE"])
def test_a_policy_that_changed_since_runs_nothing(
    guard: Any, approvals: ScriptedApprovals, approved: Any, ledger: Ledger, reason: str
) -> None:
    approvals.scripts["ClaimApproval"] = lambda request, context, usual: refuse(
        context, grpc.StatusCode.FAILED_PRECONDITION, reason, "policy blocks the call now"
    )
    with pytest.raises(ApprovalRefused, match="policy blocks the call now"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == []


def test_another_process_that_was_first_runs_it_alone(
    guard: Any, approvals: ScriptedApprovals, approved: Any, ledger: Ledger
) -> None:
    def snatch(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
        approvals.move(approved, fake.CLAIMED, claim_id="another")
        return usual()

    approvals.scripts["ClaimApproval"] = snatch
    with pytest.raises(ApprovalRefused, match="ABORTED"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == []


GARBAGE: dict[str, dict[str, Any]] = {
    "other digest": {"args_digest": "0" * 64},
    "no digest": {"args_digest": ""},
    "other arguments": {"args_json": '{"amount":9999,"note":"none"}'},
    "other arguments with their digest": {
        "args_json": '{"amount":9999,"note":"none"}',
        "args_digest": fake.digest_of('{"amount":9999,"note":"none"}'),
    },
    "no arguments": {"args_json": ""},
    "arguments twice": {"args_json": '{"amount":250,"amount":250,"note":"none"}'},
    "no object": {"args_json": "[250]"},
    "other claim": {"claim_id": "another"},
    "no claim": {"claim_id": ""},
    "other verb": {"verb": "bank:steal"},
    "other approval": {"approval_id": "another"},
    "approved": {"state": fake.APPROVED},
    "succeeded": {"state": fake.SUCCEEDED},
    "unset state": {"state": 0},
    "unknown state": {"state": 77},
}


@pytest.mark.parametrize("changes", GARBAGE.values(), ids=GARBAGE.keys())
def test_a_reply_that_is_not_about_this_claim_runs_nothing(
    guard: Any, approvals: ScriptedApprovals, approved: Any, ledger: Ledger, changes: dict[str, Any]
) -> None:
    def garble(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
        response = usual()
        for name, value in changes.items():
            setattr(response.approval, name, value)
        return response

    approvals.scripts["ClaimApproval"] = garble
    with pytest.raises(ApprovalRefused, match="reply to the claim is unusable"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == [] and len(approvals.of("ClaimApproval")) == 1


@pytest.mark.parametrize("garbage", [b"", b"\xff\xff"])
def test_bytes_that_are_no_reply_run_nothing(
    guard: Any, approvals: ScriptedApprovals, approved: Any, ledger: Ledger, garbage: bytes
) -> None:
    approvals.scripts["ClaimApproval"] = lambda request, context, usual: garbage
    with pytest.raises(ApprovalRefused):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == []


@pytest.mark.parametrize(
    "obligation",
    [Obligation(id="p", type="watermark"), Obligation(type="notification"), Obligation(id="p", properties_json="[]")],
    ids=["unknown", "no id", "no type"],
)
def test_an_obligation_that_cannot_be_met_runs_nothing_and_is_told(
    guard: Any, approvals: ScriptedApprovals, approved: Any, ledger: Ledger, obligation: Obligation
) -> None:
    approvals.obligations = [obligation]
    with pytest.raises(ApprovalRefused, match=r"(?i)obligation"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == [] and approved.state == fake.FAILED
    assert "bligation" in approved.end_reason


def test_an_obligation_of_the_claim_is_met_before_the_run(
    make_guard: Any, gate: ScriptedGate, approvals: ScriptedApprovals, approved: Any, ledger: Ledger
) -> None:
    approvals.obligations = [Obligation(id="p", type="watermark", properties_json='{"ink":"red"}')]
    met: list[Any] = []
    guard = make_guard(gate.target, handlers={"watermark": lambda o: met.append((dict(o.properties), ledger.paid[:]))})
    assert guard.protect("bank:pay", ledger.pay)(250) == 250
    assert met == [({"ink": "red"}, [])]


@pytest.mark.parametrize(
    ("args_json", "text"),
    [
        ('{"amount":99}', "has a parameter 'note' that the call does not"),
        ('{"amount":99,"note":"x","currency":"eur"}', "takes no argument 'currency'"),
    ],
    ids=["missing", "strange"],
)
def test_edited_arguments_that_the_function_does_not_take_run_nothing(
    guard: Any, approvals: ScriptedApprovals, ledger: Ledger, args_json: str, text: str
) -> None:
    def edit(_: object) -> None:
        approvals.edit(approvals.only, args_json)

    with pytest.raises(ApprovalRefused, match=text):
        guard.protect("bank:pay", ledger.pay, on_wait=edit)(250)
    assert ledger.paid == [] and approvals.only.state == fake.FAILED


def test_an_edit_cannot_set_what_the_gate_does_not_see(guard: Any, approvals: ScriptedApprovals) -> None:
    def pay(client: str, **rest: Any) -> None:
        raise AssertionError("it ran")

    def edit(_: object) -> None:
        approvals.edit(approvals.only, '{"amount":99,"client":"thief"}')

    with pytest.raises(ApprovalRefused, match="takes no argument 'client'"):
        guard.protect("bank:pay", pay, exclude=["client"], on_wait=edit)("mine", amount=250)
    assert approvals.only.state == fake.FAILED


def test_sensitive_arguments_reach_the_function_only(guard: Any, approvals: ScriptedApprovals) -> None:
    seen: list[Any] = []

    def wait(approval: Any) -> None:
        seen.append(approval.args)
        approvals.move(approvals.only, fake.APPROVED)

    assert guard.protect("bank:pay", lambda card: card, on_wait=wait)("4111") == "4111"
    assert seen == [{"card": "[redacted]"}]


def test_a_claim_that_is_over_before_the_run_runs_nothing(
    guard: Any, approvals: ScriptedApprovals, approved: Any, ledger: Ledger
) -> None:
    def late(request: Any, context: grpc.ServicerContext, usual: Any) -> Any:
        response = usual()
        response.approval.time_left.CopyFrom(Duration(nanos=1))
        return response

    approvals.scripts["ClaimApproval"] = late
    with pytest.raises(ApprovalRefused, match="The claim was over"):
        guard.protect("bank:pay", ledger.pay)(250)
    assert ledger.paid == [] and approved.state == fake.FAILED


def test_a_tool_that_is_another_one_by_now_runs_nothing(
    guard: Any, approvals: ScriptedApprovals, approved: Any, ledger: Ledger
) -> None:
    with pytest.raises(ApprovalRefused, match="FAILED_PRECONDITION"):
        guard.protect("bank:pay", ledger.pay, tool_definition_digest="a" * 64)(250)
    assert approvals.of("ClaimApproval")[0].tool_definition_digest == "a" * 64 and ledger.paid == []


def test_the_approval_is_known_inside_the_run(guard: Any, approvals: ScriptedApprovals) -> None:
    def approve(_: object) -> None:
        approvals.move(approvals.only, fake.APPROVED)

    known = guard.protect("bank:pay", lambda card: current_approval(), on_wait=approve)("4111")
    assert (known.id, known.state, known.args) == (approvals.only.approval_id, "claimed", {"card": "4111"})
    assert "4111" not in repr(known)
    assert current_approval() is None


def large_only(request: Any, _: object) -> Any:
    return require_approval(request) if request.verb == "bank:large" else allow(request)


def test_a_run_within_the_run_has_an_approval_of_its_own_or_none(
    gate: ScriptedGate, approvals: ScriptedApprovals
) -> None:
    gate.script = large_only
    with Guard(gate.target) as guard:
        small = guard.protect("bank:small", current_approval)

        def pay() -> tuple[Any, Any, Any]:
            return current_approval(), small(), current_approval()

        approvals.add("bank:large", "{}", fake.APPROVED)
        before, within, after = guard.protect("bank:large", pay)()
    assert before is after is not None and within is None


async def test_a_task_within_the_run_has_an_approval_of_its_own_or_none(
    gate: ScriptedGate, approvals: ScriptedApprovals
) -> None:
    gate.script = large_only
    async with AsyncGuard(gate.target) as guard:

        @guard.protect("bank:small")
        async def small() -> Any:
            return current_approval()

        @guard.protect("bank:large")
        async def pay() -> tuple[Any, Any, Any]:
            return current_approval(), await small(), current_approval()

        approvals.add("bank:large", "{}", fake.APPROVED)
        before, within, after = await pay()
    assert before is after is not None and within is None and current_approval() is None
