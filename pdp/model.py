"""The nouns that a decision is made from and of. Plain, frozen, free of wire, store and clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from gatehold.vocabulary import AgentMode, Decision, ReasonCode, RiskLevel

EMPTY: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent as policies see it.

    Attributes:
        id: unique within its tenant.
        mode: the ceiling on what it may do. An agent that nobody registered has PERMISSION.
        attributes: JSON values that `agent.…` conditions read.
    """

    id: str
    mode: AgentMode = AgentMode.PERMISSION
    attributes: Mapping[str, object] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call at the gate. `args` and `context` are strictly parsed JSON objects (`gatehold.digest`).

    `on_behalf_of` is a claim, empty for nobody. No policy sees it; a session may fix it.
    """

    agent: Agent
    verb: str
    args: Mapping[str, object]
    context: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    tool_definition_digest: str = ""
    on_behalf_of: str = ""


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something the enforcement point must do before the call runs. One it does not know makes it block."""

    id: str
    type: str
    properties: Mapping[str, object] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class ApprovalRequirement:
    """What one policy asks of the people who approve. Several apply together; the shortest `decide_by` holds.

    Attributes:
        policy: id of the policy that asks.
        groups: approver groups of which `count` distinct members must approve; empty means any approver.
        count: how many distinct approvers, at least 1.
        decide_by: time to decide from the request, 10 to 60 minutes.
        justification_required: the requester must give a justification.
        separation: the person the agent acts for may not approve.
    """

    policy: str
    groups: tuple[str, ...] = ()
    count: int = 1
    decide_by: timedelta = timedelta(minutes=30)
    justification_required: bool = False
    separation: bool = False


@dataclass(frozen=True, slots=True)
class ShadowResult:
    """What a policy in shadow mode would have made of the call. Recorded, never applied."""

    policy: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition atom as it was evaluated, for `explain`. `result` None is unknown."""

    text: str
    result: bool | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One policy that spoke to the call, for `explain`.

    Attributes:
        action: allow, notify, require_approval, block or off.
        result: True, False, or None for unknown.
        overridden_by: id of the policy that overrode it; empty when nothing did.
        role: `candidate`, `floor`, `notification` or `shadow`.
    """

    policy: str
    action: str
    result: bool | None
    role: str
    comparisons: tuple[Comparison, ...] = ()
    overridden_by: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policies make of one call."""

    decision: Decision
    risk_level: RiskLevel
    reason: str
    reason_code: ReasonCode
    policy_matched: str
    obligations: tuple[Obligation, ...] = ()
    approvals: tuple[ApprovalRequirement, ...] = ()
    shadow: tuple[ShadowResult, ...] = ()
    trace: tuple[Candidate, ...] | None = None
