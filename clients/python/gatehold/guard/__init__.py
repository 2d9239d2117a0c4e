"""Guards: ask the sidecar, run only what it allows, fail closed on everything else."""

from gatehold.guard.aio import AsyncGuard
from gatehold.guard.answer import Answer, Obligation
from gatehold.guard.errors import ApprovalRequired, Blocked, GateholdError, NotAllowed, NotRecorded
from gatehold.guard.journal import Execution
from gatehold.guard.sync import Guard

__all__ = [
    "Answer",
    "ApprovalRequired",
    "AsyncGuard",
    "Blocked",
    "Execution",
    "GateholdError",
    "Guard",
    "NotAllowed",
    "NotRecorded",
    "Obligation",
]
