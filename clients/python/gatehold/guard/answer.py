"""One decision as the SDK hands it out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatehold.vocabulary import Decision, DecisionSource, ReasonCode, RiskLevel


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something to do before an allowed call runs.

    Attributes:
        id: unique within the answer.
        type: what to do.
        properties: its parameters.
    """

    id: str
    type: str
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate says of one call. Only `allowed` answers may run.

    Attributes:
        decision: allow, require_approval or block.
        reason: one sentence for a person.
        reason_code: why, for programs.
        risk_level: of the verb; HIGH where nobody could tell.
        policy_matched: id of the policy that decided; empty where none did.
        decision_id: of the record; empty where nobody could decide.
        revision: of the configuration that decided; 0 where nobody could.
        source: policy, cache or fail_closed.
        obligations: to be met before the call runs.
        args_digest: hex SHA-256 of the canonical arguments; empty where they have no canonical form.
        trace: how the decision came about, when asked to explain; else empty.
    """

    decision: Decision
    reason: str
    reason_code: ReasonCode
    risk_level: RiskLevel = RiskLevel.HIGH
    policy_matched: str = ""
    decision_id: str = ""
    revision: int = 0
    source: DecisionSource = DecisionSource.FAIL_CLOSED
    obligations: tuple[Obligation, ...] = ()
    args_digest: str = ""
    trace: tuple[Mapping[str, object], ...] = ()

    @property
    def allowed(self) -> bool:
        """True only where the call may run now."""
        return self.decision is Decision.ALLOW

    @classmethod
    def fail_closed(cls, reason_code: ReasonCode, reason: str, args_digest: str = "") -> "Answer":
        """A block, because nobody could decide."""
        return cls(Decision.BLOCK, reason, reason_code, args_digest=args_digest)

    def to_document(self) -> dict[str, object]:
        """Returns the answer as JSON shows it, with the short spellings."""
        document: dict[str, object] = {
            "decision": self.decision.value,
            "risk_level": self.risk_level.value,
            "reason": self.reason,
            "reason_code": self.reason_code.value,
            "policy_matched": self.policy_matched,
            "decision_id": self.decision_id,
            "revision": self.revision,
            "source": self.source.value,
            "obligations": [{"id": o.id, "type": o.type, "properties": dict(o.properties)} for o in self.obligations],
            "args_digest": self.args_digest,
        }
        if self.trace:
            document["trace"] = [dict(candidate) for candidate in self.trace]
        return document

    def to_json(self) -> str:
        """Returns `to_document` as one line of JSON."""
        return json.dumps(self.to_document(), ensure_ascii=False)
