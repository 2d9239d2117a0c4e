"""Whatever goes wrong on the way to a decision, the call is blocked."""

import uuid

import structlog

from gatehold.serving import Refusal
from gatehold.v1.decision_pb2 import Decision, DecisionSource, RiskLevel
from gatehold.v1.reason_code_pb2 import ReasonCode
from sidecar.model import Answer, Call, Decider, Outcome
from sidecar.upstream import InvalidAnswer, Unreachable

_log = structlog.get_logger()


def blocked(reason_code: ReasonCode, reason: str) -> Answer:
    """A block that nobody decided. The verb's risk and its sensitive arguments are unknown, so the worst is assumed."""
    outcome = Outcome(
        decision=Decision.DECISION_BLOCK,
        risk_level=RiskLevel.RISK_LEVEL_HIGH,
        reason=reason,
        reason_code=reason_code,
    )
    return Answer(outcome, DecisionSource.DECISION_SOURCE_FAIL_CLOSED, str(uuid.uuid4()))


class FailClosed:
    """Turns every failure to decide into a block. There is no setting that makes it anything else."""

    def __init__(self, inner: Decider) -> None:
        self._inner = inner

    async def decide(self, call: Call) -> Answer:
        """The inner answer, else a block.

        Raises:
            Refusal: the request itself was refused; the agent gets the error status, which it reads as a block.
        """
        try:
            return await self._inner.decide(call)
        except Refusal:
            raise
        except Unreachable as error:
            return blocked(ReasonCode.REASON_CODE_PDP_UNREACHABLE, f"Nobody could decide: {error}.")
        except InvalidAnswer as error:
            _log.error("invalid answer", verb=call.request.verb, problem=str(error))
            return blocked(ReasonCode.REASON_CODE_INVALID_RESPONSE, f"Nobody could decide: {error}.")
        except Exception as error:
            _log.error("deciding failed", verb=call.request.verb, error=type(error).__name__)
            return blocked(ReasonCode.REASON_CODE_EVALUATION_ERROR, "Nobody could decide: the sidecar failed.")
