"""What the decision point sends is read as an answer only when it can be one to this call."""

from typing import Any

import pytest

from gatehold.v1.decision_pb2 import Decision, DecisionSource, Obligation, RiskLevel
from gatehold.v1.decision_point_service_pb2 import EvaluateResponse
from gatehold.v1.reason_code_pb2 import ReasonCode
from gatehold.v1.reuse_pb2 import Reuse
from gatehold.v1.trace_pb2 import Trace
from sidecar.upstream import InvalidAnswer
from sidecar.upstream.answers import read_answer
from tests.unit.sidecar.calls import call


def response(**fields: Any) -> EvaluateResponse:
    sound: dict[str, Any] = {
        "decision": Decision.DECISION_ALLOW,
        "risk_level": RiskLevel.RISK_LEVEL_LOW,
        "reason": "fits",
        "reason_code": ReasonCode.REASON_CODE_POLICY,
        "policy_matched": "small-refunds",
        "decision_id": "d1",
        "revision": 7,
        "source": DecisionSource.DECISION_SOURCE_POLICY,
        "obligations": [Obligation(id="n", type="notification")],
        "args_digest": call().args_digest,
        "reuse": Reuse(sensitive_args=["card.number"], epoch=4),
    }
    return EvaluateResponse(**{**sound, **fields})


def test_a_sound_answer_is_taken_whole() -> None:
    answer = read_answer(call(), response(trace=Trace()))
    outcome = answer.outcome
    assert (outcome.decision, outcome.risk_level, outcome.reason) == (1, 1, "fits")
    assert (outcome.policy_matched, outcome.revision, answer.decision_id) == ("small-refunds", 7, "d1")
    assert [obligation.id for obligation in outcome.obligations] == ["n"]
    assert outcome.sensitive_args == ("card.number",)
    assert outcome.epoch == 4
    assert answer.trace is not None
    assert answer.usable_until_ns is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"decision": 0},
        {"decision": 4},
        {"risk_level": 0},
        {"risk_level": 4},
        {"reason_code": 0},
        {"reason_code": 999},
        {"source": 0},
        {"source": DecisionSource.DECISION_SOURCE_CACHE},
        {"source": DecisionSource.DECISION_SOURCE_FAIL_CLOSED},
        {"source": 4},
        {"decision_id": ""},
        {"revision": 0},
        {"revision": -1},
        {"args_digest": ""},
        {"args_digest": "a" * 64},
        {"obligations": [Obligation(id="n")]},
        {"obligations": [Obligation(type="notification")]},
    ],
)
def test_an_answer_that_cannot_be_one_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidAnswer):
        read_answer(call(), response(**wrong))


def test_an_empty_message_is_no_answer() -> None:
    with pytest.raises(InvalidAnswer):
        read_answer(call(), EvaluateResponse())


def test_without_a_word_on_sensitive_arguments_none_is_taken_for_harmless() -> None:
    assert read_answer(call(), response(reuse=None)).outcome.sensitive_args is None
    assert read_answer(call(), response(reuse=Reuse())).outcome.sensitive_args == ()


TOKEN = "ghs_0123456789abcdef_" + "t" * 43


def test_an_answer_in_a_session_says_which_and_for_whom() -> None:
    answer = read_answer(call(token=TOKEN), response(reuse=Reuse(session="s1", on_behalf_of="ann")))
    assert (answer.session, answer.on_behalf_of) == ("s1", "ann")
    assert read_answer(call(), response()).session == ""


@pytest.mark.parametrize("reuse", [None, Reuse(), Reuse(on_behalf_of="ann")])
def test_an_answer_that_was_decided_outside_the_calls_session_is_refused(reuse: Reuse | None) -> None:
    with pytest.raises(InvalidAnswer):
        read_answer(call(token=TOKEN), response(reuse=reuse))


def test_an_answer_of_a_session_is_none_to_a_call_in_none() -> None:
    with pytest.raises(InvalidAnswer):
        read_answer(call(), response(reuse=Reuse(session="s1")))
