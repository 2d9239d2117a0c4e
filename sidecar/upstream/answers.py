"""What the decision point's answer must be before anything is made of it."""

from gatehold.v1.decision_pb2 import Decision, DecisionSource, RiskLevel
from gatehold.v1.decision_point_service_pb2 import EvaluateResponse
from gatehold.v1.reason_code_pb2 import ReasonCode
from sidecar.model import Answer, Call, Outcome

_DECISIONS = frozenset({Decision.DECISION_ALLOW, Decision.DECISION_REQUIRE_APPROVAL, Decision.DECISION_BLOCK})
_RISKS = frozenset({RiskLevel.RISK_LEVEL_LOW, RiskLevel.RISK_LEVEL_MEDIUM, RiskLevel.RISK_LEVEL_HIGH})
_REASONS = frozenset(ReasonCode.values()) - {ReasonCode.REASON_CODE_UNSPECIFIED}


class InvalidAnswer(Exception):
    """The decision point's answer cannot be what it meant, or is not for this call."""


def read_answer(call: Call, response: EvaluateResponse) -> Answer:
    """Turns the decision point's response into an answer to `call`.

    Raises:
        InvalidAnswer: a value is unknown or missing, or the response is for other arguments.
    """
    if problem := _problem(call, response):
        raise InvalidAnswer(f"the decision point's answer {problem}")
    reuse = response.reuse
    outcome = Outcome(
        decision=response.decision,
        risk_level=response.risk_level,
        reason=response.reason,
        reason_code=response.reason_code,
        policy_matched=response.policy_matched,
        obligations=tuple(response.obligations),
        revision=response.revision,
        epoch=reuse.epoch,
        # An answer without `reuse` was not made for a sidecar, so nobody said which arguments are harmless.
        sensitive_args=tuple(reuse.sensitive_args) if response.HasField("reuse") else None,
        shadow=tuple(reuse.shadow),
    )
    trace = response.trace if response.HasField("trace") else None
    return Answer(
        outcome,
        response.source,
        response.decision_id,
        reuse=reuse,
        trace=trace,
        session=reuse.session,
        on_behalf_of=reuse.on_behalf_of,
    )


def _problem(call: Call, response: EvaluateResponse) -> str:
    """Names the first thing wrong with the response; empty when there is none."""
    checks = (
        (response.decision in _DECISIONS, f"has the unknown decision {response.decision}"),
        (response.risk_level in _RISKS, f"has the unknown risk level {response.risk_level}"),
        (response.reason_code in _REASONS, f"has the unknown reason code {response.reason_code}"),
        (response.source == DecisionSource.DECISION_SOURCE_POLICY, f"has the source {response.source}"),
        (response.decision_id != "", "has no decision_id"),
        (response.revision >= 1, f"has the revision {response.revision}"),
        (response.args_digest == call.args_digest, "is for other arguments"),
        (all(o.id and o.type for o in response.obligations), "has an obligation without id or type"),
        # One that knows no sessions would have decided for the whole agent.
        (bool(response.reuse.session) == bool(call.caller.token), "was not decided in the call's session"),
    )
    return next((problem for sound, problem in checks if not sound), "")
