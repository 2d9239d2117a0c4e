"""Whatever goes wrong on the way to a decision comes out as a block."""

import grpc
import pytest

from gatehold.serving import Refusal
from gatehold.v1.decision_pb2 import Decision, DecisionSource, RiskLevel
from gatehold.v1.error_reason_pb2 import ErrorReason
from gatehold.v1.reason_code_pb2 import ReasonCode
from sidecar.guard import FailClosed
from sidecar.model import Answer, Call
from sidecar.upstream import InvalidAnswer, Unreachable
from tests.unit.sidecar.calls import answer, call


class Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    async def decide(self, call: Call) -> Answer:
        raise self._error


class Deciding:
    async def decide(self, call: Call) -> Answer:
        return answer(None)


@pytest.mark.parametrize(
    ("error", "reason_code"),
    [
        (Unreachable("down"), ReasonCode.REASON_CODE_PDP_UNREACHABLE),
        (InvalidAnswer("garbage"), ReasonCode.REASON_CODE_INVALID_RESPONSE),
        (ValueError("4111"), ReasonCode.REASON_CODE_EVALUATION_ERROR),
        (TimeoutError(), ReasonCode.REASON_CODE_EVALUATION_ERROR),
        (RecursionError(), ReasonCode.REASON_CODE_EVALUATION_ERROR),
    ],
)
async def test_a_failure_is_a_block_that_nobody_may_reuse(error: Exception, reason_code: ReasonCode) -> None:
    blocked = await FailClosed(Failing(error)).decide(call())
    assert blocked.outcome.decision == Decision.DECISION_BLOCK
    assert blocked.outcome.risk_level == RiskLevel.RISK_LEVEL_HIGH
    assert blocked.outcome.reason_code == reason_code
    assert blocked.outcome.sensitive_args is None
    assert blocked.source == DecisionSource.DECISION_SOURCE_FAIL_CLOSED
    assert blocked.reuse is None
    assert "4111" not in blocked.outcome.reason


async def test_a_refused_request_stays_refused() -> None:
    refusal = Refusal(grpc.StatusCode.UNAUTHENTICATED, ErrorReason.ERROR_REASON_CREDENTIAL_INVALID, "no")
    with pytest.raises(Refusal) as raised:
        await FailClosed(Failing(refusal)).decide(call())
    assert raised.value is refusal


async def test_a_decision_passes() -> None:
    assert (await FailClosed(Deciding()).decide(call())).outcome.decision == Decision.DECISION_ALLOW
