"""Guards: ask the sidecar, run only what it or a person lets through, fail closed on everything else."""

from gatehold.guard.aio import AsyncGuard
from gatehold.guard.answer import Answer, Obligation
from gatehold.guard.approval import Approval, current_approval
from gatehold.guard.errors import (
    ApprovalCancelled,
    ApprovalDenied,
    ApprovalExpired,
    ApprovalPending,
    ApprovalRefused,
    ApprovalRequired,
    Blocked,
    GateholdError,
    NotAllowed,
    NotRecorded,
)
from gatehold.guard.journal import Execution
from gatehold.guard.replay import Resumed
from gatehold.guard.sync import Guard

__all__ = [
    "Answer",
    "Approval",
    "ApprovalCancelled",
    "ApprovalDenied",
    "ApprovalExpired",
    "ApprovalPending",
    "ApprovalRefused",
    "ApprovalRequired",
    "AsyncGuard",
    "Blocked",
    "Execution",
    "GateholdError",
    "Guard",
    "NotAllowed",
    "NotRecorded",
    "Obligation",
    "Resumed",
    "current_approval",
]
