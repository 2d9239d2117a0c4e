"""Both guards read every answer that is not a sound allow for this very call as a block."""

import asyncio
import time
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold import AsyncGuard, Decision, DecisionSource, Guard, InvalidInput, ReasonCode, RiskLevel
from gatehold.clock import boottime_ns
from gatehold.guard.target import resolve
from gatehold.v1 import decision_pb2, trace_pb2
from tests.fakes.scripted_gate import ScriptedGate, allow


def test_a_sound_allow_is_an_allow(guard: Any, gate: ScriptedGate) -> None:
    answer = guard.evaluate("files:read", {"path": "/a", "n": 1.5}, context={"ticket": "T1"}, on_behalf_of="ann")
    assert answer.allowed
    assert answer.decision is Decision.ALLOW
    assert (answer.risk_level, answer.source) == (RiskLevel.LOW, DecisionSource.POLICY)
    assert gate.requests[0].on_behalf_of == "ann"
    assert gate.requests[0].intent == decision_pb2.INTENT_EXECUTE
    assert answer.to_document()["decision"] == "allow"


def test_preflight_and_explain_reach_the_gate(guard: Any, gate: ScriptedGate) -> None:
    def explained(request: Any, _: Any) -> Any:
        response = allow(request)
        candidate = trace_pb2.Candidate(policy="p", action="allow", result=trace_pb2.TRUTH_TRUE)
        candidate.comparisons.add(text="args.amount greater 100", result=trace_pb2.TRUTH_UNKNOWN)
        response.trace.candidates.append(candidate)
        return response

    gate.script = explained
    answer = guard.evaluate("files:read", preflight=True, explain=True)
    assert gate.requests[0].explain and gate.requests[0].intent == decision_pb2.INTENT_PREFLIGHT
    assert answer.trace[0]["comparisons"] == [{"text": "args.amount greater 100", "result": "unknown"}]


def broken(**changes: Any) -> Any:
    def script(request: Any, _: Any) -> Any:
        response = allow(request)
        for name, value in changes.items():
            setattr(response, name, value)
        return response

    return script


GARBAGE = {
    "unset decision": broken(decision=0),
    "unknown decision": broken(decision=77),
    "unset risk": broken(risk_level=0),
    "unknown risk": broken(risk_level=9),
    "unset source": broken(source=0),
    "allow by nobody": broken(source=decision_pb2.DECISION_SOURCE_FAIL_CLOSED),
    "no revision": broken(revision=0),
    "no decision id": broken(decision_id=""),
    "other arguments": broken(args_digest="0" * 64),
    "no digest": broken(args_digest=""),
    "unset reason code": broken(reason_code=0),
    "too late": broken(valid_until_boottime_ns=1),
    "empty message": lambda request, _: b"",
    "not protobuf": lambda request, _: b"\xff\xff\xff\xff",
}


@pytest.mark.parametrize("script", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_blocks(guard: Any, gate: ScriptedGate, script: Any) -> None:
    gate.script = script
    answer = guard.evaluate("files:read", {"path": "/a"})
    assert not answer.allowed and answer.decision is Decision.BLOCK
    assert answer.source is DecisionSource.FAIL_CLOSED


def test_an_answer_within_its_time_is_used(guard: Any, gate: ScriptedGate) -> None:
    gate.script = broken(valid_until_boottime_ns=boottime_ns() + 60_000_000_000)
    assert guard.evaluate("files:read").allowed


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
def test_every_error_status_blocks(guard: Any, gate: ScriptedGate, code: grpc.StatusCode) -> None:
    gate.script = lambda request, context: context.abort(code, "because")
    answer = guard.evaluate("files:read")
    assert answer.decision is Decision.BLOCK and "because" in answer.reason


def test_no_sidecar_blocks(make_guard: Any, tmp_path: Path) -> None:
    answer = make_guard(f"unix:{tmp_path}/nobody.sock").evaluate("files:read")
    assert answer.decision is Decision.BLOCK
    assert answer.reason_code is ReasonCode.SIDECAR_UNREACHABLE


def test_a_slow_sidecar_blocks(make_guard: Any, gate: ScriptedGate) -> None:
    def slow(request: Any, context: grpc.ServicerContext) -> Any:
        while context.is_active():
            time.sleep(0.01)
        return allow(request)

    gate.script = slow
    answer = make_guard(gate.target, deadline=0.2).evaluate("files:read")
    assert answer.reason_code is ReasonCode.SIDECAR_UNREACHABLE


@pytest.mark.parametrize(
    "args",
    [{"a": float("nan")}, {"a": 2**53}, {"a": object()}, {1: 1, "1": 2}, {"a": "\ud800"}, {"a": {1, 2}}],
    ids=["nan", "big", "object", "duplicate", "surrogate", "set"],
)
def test_arguments_that_are_not_json_block_without_being_sent(guard: Any, gate: ScriptedGate, args: Any) -> None:
    answer = guard.evaluate("files:read", args)
    assert answer.reason_code is ReasonCode.REFUSED and answer.decision is Decision.BLOCK
    assert gate.requests == []


def test_an_unknown_obligation_blocks_and_a_known_one_does_not(make_guard: Any, gate: ScriptedGate) -> None:
    def obliged(request: Any, _: Any) -> Any:
        response = allow(request)
        response.obligations.add(id="p", type="watermark", properties_json="{}")
        return response

    gate.script = obliged
    answer = make_guard(gate.target).evaluate("files:read")
    assert answer.reason_code is ReasonCode.UNKNOWN_OBLIGATION and not answer.allowed
    assert make_guard(gate.target, handlers={"watermark": lambda obligation: None}).evaluate("files:read").allowed


def test_a_target_beyond_this_machine_is_refused() -> None:
    for target in (
        "10.0.0.1:80",
        "example.org:80",
        "dns:///x",
        "0.0.0.0:1",
        "127.evil.example:1",
        "localhost.evil.example:1",
    ):
        with pytest.raises(InvalidInput, match="neither unix:PATH nor on loopback"):
            resolve(target)


@pytest.mark.parametrize("target", ["unix:/a/b", "unix:///a/b", "127.0.0.1:1", "localhost:1", "[::1]:1"])
def test_a_target_on_this_machine_is_taken(target: str) -> None:
    assert resolve(target).address == target


def test_a_token_is_sent_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("gh_secret\n")
    target = resolve("127.0.0.1:1", str(tmp_path / "t"))
    assert target.metadata == (("authorization", "Bearer gh_secret"),)
    assert "secret" not in repr(target)


@pytest.mark.parametrize("deadline", [0, -1.0, float("nan"), float("inf")])
def test_a_deadline_is_above_zero(gate: ScriptedGate, deadline: float) -> None:
    for kind in (Guard, AsyncGuard):
        with pytest.raises(InvalidInput, match="deadline"):
            kind(gate.target, deadline=deadline)


def test_a_closed_guard_blocks(make_guard: Any, gate: ScriptedGate) -> None:
    guard = make_guard(gate.target)
    guard.close()
    answer = guard.evaluate("files:read")
    assert answer.decision is Decision.BLOCK and answer.reason_code is ReasonCode.SIDECAR_UNREACHABLE
    assert gate.requests == []


def test_an_async_guard_may_be_made_before_its_loop(gate: ScriptedGate) -> None:
    guard = AsyncGuard(gate.target)

    async def ask() -> bool:
        async with guard:
            return (await guard.evaluate("files:read")).allowed

    assert asyncio.run(ask())
