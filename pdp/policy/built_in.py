"""The policies that come with the product: the defaults for a verb, the floors of hardened verbs and agent modes."""

from collections.abc import Iterable
from dataclasses import dataclass

from gatehold.vocabulary import Access, AgentMode, ReasonCode, RiskLevel
from pdp.model import ApprovalRequirement
from pdp.policy.entry import Entry
from pdp.policy.model import Action, ActionType


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """One built-in policy. It has no conditions, so it is always true.

    Attributes:
        id: starts with `builtin.`.
        action: what it does, and why in one sentence for people.
        code: why, for programs.
        high_default: it is the default of a HIGH verb, which not every policy overrides.
    """

    id: str
    action: Action
    code: ReasonCode
    high_default: bool = False

    def account(self, truth: bool | None) -> tuple[str, ReasonCode]:
        """Why it decided, for people and for programs."""
        return self.action.reason, self.code

    def requirement(self) -> ApprovalRequirement | None:
        """What it asks of the people who approve: any one of them. None where it asks for no approval."""
        return ApprovalRequirement(self.id) if self.action.type is ActionType.REQUIRE_APPROVAL else None

    def form(self) -> dict[str, object]:
        """How it is listed. Not a policy file: what it matches, no matcher says."""
        return {"id": self.id, "action": {"type": self.action.type.value, "reason": self.action.reason}}


HARDENED = BuiltIn(
    "builtin.hardened",
    Action(ActionType.REQUIRE_APPROVAL, "This verb is hardened: a person approves every call."),
    ReasonCode.HARDENED,
)
CHAT_ONLY = BuiltIn(
    "builtin.mode-chat-only",
    Action(ActionType.BLOCK, "The agent is in chat_only mode, in which every call is blocked."),
    ReasonCode.AGENT_CHAT_ONLY,
)
PERMISSION = BuiltIn(
    "builtin.mode-permission",
    Action(ActionType.REQUIRE_APPROVAL, "The agent is in permission mode, in which a person approves every write."),
    ReasonCode.AGENT_PERMISSION_MODE,
)
_BY_RISK = {
    RiskLevel.LOW: BuiltIn(
        "builtin.low-allow",
        Action(ActionType.ALLOW, "LOW-risk verbs are allowed by default."),
        ReasonCode.DEFAULT_RISK,
    ),
    RiskLevel.MEDIUM: BuiltIn(
        "builtin.medium-approval",
        Action(ActionType.REQUIRE_APPROVAL, "MEDIUM-risk verbs require a person's approval by default."),
        ReasonCode.DEFAULT_RISK,
    ),
    RiskLevel.HIGH: BuiltIn(
        "builtin.high-block",
        Action(ActionType.BLOCK, "HIGH-risk verbs are blocked by default."),
        ReasonCode.DEFAULT_RISK,
        high_default=True,
    ),
}
_BY_PERMISSION = {
    "auto": (ActionType.ALLOW, "allowed"),
    "approval": (ActionType.REQUIRE_APPROVAL, "given to a person to approve"),
    "off": (ActionType.OFF, "turned off"),
}


def of_bundle(bundle: str, permission: str) -> BuiltIn:
    """The default of a bundle with a default permission.

    Raises:
        KeyError: the permission is not auto, approval or off.
    """
    action, outcome = _BY_PERMISSION[permission]
    reason = f"Verbs of the bundle {bundle} are {outcome} by default."
    return BuiltIn(f"builtin.bundle-{bundle}", Action(action, reason), ReasonCode.DEFAULT_BUNDLE)


def default_for(entry: Entry, permission: str | None) -> BuiltIn:
    """What holds for a verb that no policy speaks to: hardened, else its bundle's default, else by risk level."""
    if entry.hardened:
        return HARDENED
    return of_bundle(entry.bundle, permission) if permission else _BY_RISK[entry.risk_level]


def floors_for(entry: Entry, mode: AgentMode) -> tuple[BuiltIn, ...]:
    """The least that a hardened verb and the agent's mode ask for, whatever the policies say."""
    hardened = (HARDENED,) if entry.hardened else ()
    if mode is AgentMode.AUTONOMOUS:
        return hardened
    if mode is AgentMode.PERMISSION:
        return hardened if entry.access is Access.READ else (*hardened, PERMISSION)
    return (*hardened, CHAT_ONLY)  # a mode that nobody thought of is held to the strictest


def built_ins(bundles: Iterable[tuple[str, str]] = ()) -> tuple[BuiltIn, ...]:
    """Every built-in policy, to be listed beside the others.

    Args:
        bundles: (name, default permission) of the bundles that have one.
    """
    of_bundles = (of_bundle(name, permission) for name, permission in bundles)
    return (*_BY_RISK.values(), HARDENED, *of_bundles, CHAT_ONLY, PERMISSION)
