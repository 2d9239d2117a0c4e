"""`gatehold evaluate` against a real socket: what it sends, what it prints, how it ends."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatehold.cli import main
from gatehold.cli.evaluate import arguments
from gatehold.invalid import InvalidInput
from gatehold.v1 import decision_pb2, trace_pb2
from tests.fakes.scripted_gate import ScriptedGate, allow


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[ScriptedGate]:
    gate = ScriptedGate(tmp_path)
    yield gate
    gate.stop()


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(words)
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


@pytest.mark.parametrize(("decision", "code"), [(1, 0), (2, 4), (3, 3), (0, 3)])
def test_the_exit_code_tells_the_decision(gate: ScriptedGate, capsys: Any, decision: int, code: int) -> None:
    def script(request: Any, _: Any) -> Any:
        response = allow(request)
        response.decision = decision  # type: ignore[assignment]
        return response

    gate.script = script
    assert run(capsys, "evaluate", "a:b", "--target", gate.target)[0] == code


def test_json_has_the_short_spellings(gate: ScriptedGate, capsys: Any) -> None:
    code, out, _ = run(capsys, "evaluate", "a:b", "--arg", "amount=250", "--target", gate.target, "--output", "json")
    document = json.loads(out)
    assert code == 0
    assert (document["decision"], document["risk_level"], document["source"]) == ("allow", "LOW", "policy")
    assert json.loads(gate.requests[0].args_json) == {"amount": 250}
    assert gate.requests[0].intent == decision_pb2.INTENT_PREFLIGHT


def test_explain_shows_what_spoke(gate: ScriptedGate, capsys: Any) -> None:
    def script(request: Any, _: Any) -> Any:
        response = allow(request)
        candidate = trace_pb2.Candidate(policy="big-refunds", action="block", result=trace_pb2.TRUTH_UNKNOWN)
        candidate.comparisons.add(text="args.amount greater 100", result=trace_pb2.TRUTH_UNKNOWN)
        response.trace.candidates.append(candidate)
        return response

    gate.script = script
    out = run(capsys, "evaluate", "a:b", "--explain", "--target", gate.target)[1]
    assert "big-refunds" in out and "unknown" in out


def test_data_cannot_move_the_terminal(gate: ScriptedGate, capsys: Any) -> None:
    def script(request: Any, _: Any) -> Any:
        response = allow(request)
        response.reason = "\x1b[2Jfine\u202e"
        return response

    gate.script = script
    out = run(capsys, "evaluate", "a:b", "--target", gate.target)[1]
    assert "\x1b" not in out and "\u202e" not in out and "fine" in out


def test_an_argument_is_json_if_it_parses_and_else_a_string() -> None:
    assert arguments('{"a": 1, "b": 2}', ("a=x y", "c=[1,true]", "d=", 'e="1"', "f=a=b")) == {
        "a": "x y",
        "b": 2,
        "c": [1, True],
        "d": "",
        "e": "1",
        "f": "a=b",
    }


def test_an_argument_out_of_bounds_is_an_error_not_a_string() -> None:
    with pytest.raises(InvalidInput, match="--arg a"):
        arguments(None, ("a=9007199254740993",))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("evalute",), "Did you mean 'evaluate'?"),
        (("evaluate",), "Missing argument 'VERB'"),
        (("evaluate", "a:b", "--arg", "x"), "is not KEY=VALUE"),
        (("evaluate", "a:b", "--args", '{"a":1,"a":2}'), "--args"),
        (("evaluate", "a:b", "--target", "10.0.0.1:1"), "neither unix:PATH nor on loopback"),
        (("audit", "list", "--since", "yesterday"), "neither ISO 8601"),
        (("audit", "list", "--data-dir", "/nonexistent"), "no readable key"),
        (("policy", "apply", "/nonexistent"), "does not exist"),
    ],
)
def test_mistakes_are_told_and_exit_1(capsys: Any, words: tuple[str, ...], message: str) -> None:
    code, _, err = run(capsys, *words)
    assert code == 1 and message in err


def test_every_command_has_help_with_an_example(capsys: Any) -> None:
    for words in (("evaluate",), ("audit",), ("policy",), ("catalog",), ("sidecars",), ("dev",)):
        code, out, _ = run(capsys, *words, "--help")
        assert code == 0 and "gatehold " in out.split("Example", 1)[1]
