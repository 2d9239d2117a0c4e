"""Gatehold: hold every tool call of an AI agent at a gate.

>>> from gatehold import Guard
>>> guard = Guard()
>>> guard.evaluate("stripe:create_refund", {"amount": 250}).decision  # without a sidecar nobody can decide
<Decision.BLOCK: 'block'>
"""

from typing import TYPE_CHECKING

from gatehold.invalid import InvalidInput
from gatehold.vocabulary import Decision, DecisionSource, ReasonCode, RiskLevel

if TYPE_CHECKING:
    from gatehold.guard import (
        Answer,
        ApprovalRequired,
        AsyncGuard,
        Blocked,
        Execution,
        GateholdError,
        Guard,
        NotAllowed,
        NotRecorded,
        Obligation,
    )

__all__ = [
    "Answer",
    "ApprovalRequired",
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
    "RiskLevel",
]


def __getattr__(name: str) -> object:
    """Loads the guards at first use: the servers share this package and must not pay for them."""
    if name in __all__:
        from gatehold import guard

        return getattr(guard, name)
    raise AttributeError(f"module 'gatehold' has no attribute {name!r}")
