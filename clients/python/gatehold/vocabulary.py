"""The closed sets of words that a decision is made of, in the short spelling that people and JSON see.

Each enumeration mirrors one in `gatehold.v1`; `tests/unit/test_vocabulary.py` holds the two equal. They live here, free
of protobuf, so that deciding stays pure on both sides of the wire.
"""

from enum import StrEnum


class Decision(StrEnum):
    """What the gate does with a call. Anything that is not one of these is read as `BLOCK`."""

    ALLOW = "allow"
    REQUIRE_APPROVAL = "require_approval"
    BLOCK = "block"


class RiskLevel(StrEnum):
    """How much harm a verb can do. A verb whose risk nobody stated is `HIGH`."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class DecisionSource(StrEnum):
    """Who answered: the policies at the PDP, the sidecar's cache, or nobody, so that the call is blocked."""

    POLICY = "policy"
    CACHE = "cache"
    FAIL_CLOSED = "fail_closed"


class ReasonCode(StrEnum):
    """Why a decision is what it is, for programs. The sentence for people is `reason`."""

    POLICY = "policy"  # an administrator's policy decided
    CONDITION_UNKNOWN = "condition_unknown"  # a policy's condition met a missing field or a wrong type
    DEFAULT_RISK = "default_risk"  # the built-in default for the verb's risk level
    DEFAULT_BUNDLE = "default_bundle"  # the default permission of the verb's bundle
    HARDENED = "hardened"  # the verb is hardened: at least a person's approval
    VERB_UNKNOWN = "verb_unknown"  # not in the catalog
    TOOL_DEFINITION_MISMATCH = "tool_definition_mismatch"  # the pinned digest is absent from the call or different
    ARGS_SCHEMA_VIOLATION = "args_schema_violation"
    AGENT_CHAT_ONLY = "agent_chat_only"
    AGENT_PERMISSION_MODE = "agent_permission_mode"
    SESSION_SCOPE = "session_scope"  # outside what the session credential permits
    EVALUATION_ERROR = "evaluation_error"  # the evaluator itself failed
    INVALID_ITEM = "invalid_item"  # one item of a batch was malformed
    STOPPED_EARLY = "stopped_early"  # an earlier item of a stop-on-first-block batch was blocked
    PDP_UNREACHABLE = "pdp_unreachable"
    SIDECAR_UNREACHABLE = "sidecar_unreachable"
    INVALID_RESPONSE = "invalid_response"  # the answer was garbage, late, or lacked a field
    UNKNOWN_OBLIGATION = "unknown_obligation"  # the enforcement point does not know an obligation's type
    REFUSED = "refused"  # the gate refused the request as malformed, not permitted or over a limit


class Access(StrEnum):
    """Whether a verb only reads or changes something."""

    READ = "read"
    WRITE = "write"


class AgentMode(StrEnum):
    """What an agent may do at most, whatever the policies say."""

    CHAT_ONLY = "chat_only"  # every call blocks
    PERMISSION = "permission"  # every write needs at least approval
    AUTONOMOUS = "autonomous"  # no floor


class RecordKind(StrEnum):
    """What an audit record tells of."""

    DECISION = "decision"
    TOOL_EXECUTION = "tool_execution"
    APPROVAL = "approval"
    CONFIG_CHANGE = "config_change"
    PROMPT_GUARD = "prompt_guard"
    AI_USAGE = "ai_usage"
    TASK_ACTIVITY = "task_activity"
    ALARM = "alarm"


class ApprovalState(StrEnum):
    """Where an approval stands. Anything that is not one of these permits nothing."""

    PENDING = "pending"  # waits for people
    APPROVED = "approved"  # may be claimed
    DENIED = "denied"
    EXPIRED = "expired"  # nobody decided, or nobody claimed, in time
    CANCELLED = "cancelled"
    CLAIMED = "claimed"  # one claimant runs the frozen call
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"  # nobody knows how the run ended


class Outcome(StrEnum):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"  # it began, and nobody knows whether it took effect
