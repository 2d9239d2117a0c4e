"""What a policy is, once its file form has been checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from gatehold.conditions import Condition
from gatehold.vocabulary import Decision, ReasonCode
from pdp.model import EMPTY, ApprovalRequirement, Obligation

NOTIFICATION = "notification"  # the type of the obligation that a notify policy makes


class ActionType(StrEnum):
    """What a policy does with a call it applies to, from the least to the most restrictive."""

    ALLOW = "allow"
    NOTIFY = "notify"  # allow, with an obligation to notify
    REQUIRE_APPROVAL = "require_approval"
    BLOCK = "block"
    OFF = "off"  # block, and the verb is hidden from the model

    @property
    def restrictiveness(self) -> int:
        """Compares action types. `block` and `off` are equal."""
        return _RESTRICTIVENESS[self]

    @property
    def decision(self) -> Decision:
        """What the caller is told."""
        return _DECISIONS[self]


_RESTRICTIVENESS = {
    ActionType.ALLOW: 0,
    ActionType.NOTIFY: 1,
    ActionType.REQUIRE_APPROVAL: 2,
    ActionType.BLOCK: 3,
    ActionType.OFF: 3,
}
_DECISIONS = {
    ActionType.ALLOW: Decision.ALLOW,
    ActionType.NOTIFY: Decision.ALLOW,
    ActionType.REQUIRE_APPROVAL: Decision.REQUIRE_APPROVAL,
    ActionType.BLOCK: Decision.BLOCK,
    ActionType.OFF: Decision.BLOCK,
}
_SENTENCES = {
    ActionType.ALLOW: "allows this call",
    ActionType.NOTIFY: "allows this call and has it notified",
    ActionType.REQUIRE_APPROVAL: "requires a person's approval",
    ActionType.BLOCK: "blocks this call",
    ActionType.OFF: "turns this verb off",
}


class Mode(StrEnum):
    """Whether a policy is applied, or only recorded as what it would have done."""

    ENFORCE = "enforce"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One alternative of one matcher type.

    Attributes:
        type: verb, bundle, provider, risk_level, access, agent, any, or a dimension of the classification.
        value: what it must be; a verb pattern where the type is verb, empty where it is any.
    """

    type: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What a policy does.

    Attributes:
        type: the action.
        reason: one sentence for people; empty where none was given.
        groups: approver groups of which `count` distinct members must approve; empty means any approver.
        count: how many distinct approvers, 1 to 20.
        decide_by: time to decide, 10 to 60 minutes.
        justification: the requester must give a justification.
        separation: the person the agent acts for may not approve.
        properties: JSON that goes into the notification obligation, for example a channel.
    """

    type: ActionType
    reason: str = ""
    groups: tuple[str, ...] = ()
    count: int = 1
    decide_by: timedelta = timedelta(minutes=30)
    justification: bool = False
    separation: bool = False
    properties: Mapping[str, object] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy.

    Attributes:
        id: unique within a tenant.
        matchers: at least one. Matchers of one type are alternatives, those of different types must all hold.
        conditions: must all hold; empty where the policy has none.
        action: what it does.
        mandatory: a guardrail: a floor that no other policy relaxes.
        enabled: a disabled policy is kept and listed, and decides nothing.
        mode: whether it is applied or only recorded.
        description: for people.
    """

    id: str
    matchers: tuple[Matcher, ...]
    conditions: tuple[Condition, ...]
    action: Action
    mandatory: bool = False
    enabled: bool = True
    mode: Mode = Mode.ENFORCE
    description: str = ""

    def account(self, truth: bool | None) -> tuple[str, ReasonCode]:
        """Why the policy decided, for people and for programs.

        It depends on nothing but the policy and its truth, because an answer is reused for calls with other arguments.
        """
        if truth is None:
            text = f"Policy {self.id} applies because one of its conditions meets a missing field or a wrong type."
            return text, ReasonCode.CONDITION_UNKNOWN
        return self.action.reason or f"Policy {self.id} {_SENTENCES[self.action.type]}.", ReasonCode.POLICY

    def requirement(self) -> ApprovalRequirement | None:
        """What it asks of the people who approve; None where it asks for no approval."""
        if self.action.type is not ActionType.REQUIRE_APPROVAL:
            return None
        return ApprovalRequirement(
            policy=self.id,
            groups=self.action.groups,
            count=self.action.count,
            decide_by=self.action.decide_by,
            justification_required=self.action.justification,
            separation=self.action.separation,
        )

    def obligation(self) -> Obligation | None:
        """What the enforcement point owes for it; None where that is nothing."""
        if self.action.type is not ActionType.NOTIFY:
            return None
        return Obligation(self.id, NOTIFICATION, self.action.properties)
