"""Gatehold: hold every tool call of an AI agent at a gate.

>>> from gatehold import Guard
>>> guard = Guard()
>>> guard.evaluate("stripe:create_refund", {"amount": 250}).decision  # without a sidecar nobody can decide
<Decision.BLOCK: 'block'>
"""

from typing import TYPE_CHECKING

from gatehold.invalid import InvalidInput
from gatehold.vocabulary import ApprovalState, Decision, DecisionSource, ReasonCode, RiskLevel

if TYPE_CHECKING:
    from gatehold.guard import (
        Answer,
        Approval,
        ApprovalCancelled,
        ApprovalDenied,
        ApprovalExpired,
        ApprovalPending,
        ApprovalRefused,
        ApprovalRequired,
        AsyncGuard,
        Blocked,
        Execution,
        GateholdError,
        Guard,
        NotAllowed,
        NotRecorded,
        Obligation,
        Resumed,
        current_approval,
    )

__all__ = [
    "Answer",
    "Approval",
    "ApprovalCancelled",
    "ApprovalDenied",
    "ApprovalExpired",
    "ApprovalPending",
    "ApprovalRefused",
    "ApprovalRequired",
    "ApprovalState",
    "AsyncGuard",
    "Blocked",
    "Decision",
    "DecisionSource",
    "Execution",
    "GateholdError",
    "Guard",
    "InvalidInput",
    "NotAllowed",
    "NotRecorded",
    "Obligation",
    "ReasonCode",
    "Resumed",
    "RiskLevel",
    "current_approval",
]


def __getattr__(name: str) -> object:
    """Loads the guards at first use: the servers share this package and must not pay for them."""
    if name in __all__:
        from gatehold import guard

        return getattr(guard, name)
    raise AttributeError(f"module 'gatehold' has no attribute {name!r}")
