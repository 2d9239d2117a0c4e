"""Every change of an approval goes through here: read, let time act, change, store with its records, tell."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from gatehold.vocabulary import ApprovalState
from pdp.approvals.errors import NoSuchApproval, TooManyPending
from pdp.approvals.lifecycle import Step, due_us, elapsed
from pdp.approvals.messages import messages
from pdp.approvals.watches import Watches
from pdp.audit.approval_records import approval_records
from pdp.audit.log import AuditLog
from pdp.store.approval import Approval, ApprovalChange
from pdp.store.errors import StaleApproval, TooManyApprovals, Unavailable
from pdp.store.interface import ApprovalStore

MOST_PENDING = 100  # of one agent
_ATTEMPTS = 8
_CAUGHT_UP = 100
_TIMED = frozenset({ApprovalState.PENDING, ApprovalState.APPROVED, ApprovalState.CLAIMED})

T = TypeVar("T")
Change = Callable[[Approval, int], Step]
"""From an approval as it is now, and the time, to the approval after the change. Free of effects: it may run again."""


class ApprovalKeeper:
    """Compares and sets. All times are the database's.

    Args:
        watches: told after each commit.
    """

    def __init__(self, store: ApprovalStore, audit: AuditLog, watches: Watches) -> None:
        self._store = store
        self._audit = audit
        self._watches = watches

    async def now_us(self) -> int:
        """The database's clock, in microseconds."""
        return await self.read(self._store.now_us)

    async def present(self, tenant: str, approval_id: str) -> tuple[Approval, int]:
        """An approval as it is now, with the time that was.

        Raises:
            NoSuchApproval.
        """
        for _ in range(_ATTEMPTS):
            approval, now_us = await self.read(lambda: self._at(tenant, approval_id))
            step = elapsed(approval, now_us)
            if step is None:
                return approval, now_us
            try:
                await self._store_step(step, before_us=0)
            except StaleApproval:
                continue
        raise Unavailable("the approval changes too often")

    async def catch_up(self, tenant: str) -> int:
        """Lets time act on those that are due, up to 100 of them. Returns how many there were."""
        due = await self.read(lambda: self._store.due_approvals(tenant, _CAUGHT_UP))
        for approval_id in due:
            await self.present(tenant, approval_id)
        return len(due)

    async def change(self, tenant: str, approval_id: str, change: Change) -> Approval:
        """Changes an approval, or leaves it where `change` makes no new version of it.

        Raises:
            NoSuchApproval.
            Exception: what `change` raises; then nothing is changed.
        """
        for _ in range(_ATTEMPTS):
            approval, now_us = await self.present(tenant, approval_id)
            step = change(approval, now_us)
            if step.approval.version == approval.version:
                return step.approval
            try:
                # Only before time changes it: what was read before a deadline must not be stored after it.
                return await self._store_step(step, due_us(approval) if approval.state in _TIMED else 0)
            except StaleApproval:
                continue
        raise Unavailable("the approval changes too often")

    async def add(self, step: Step) -> Approval:
        """Stores a new one.

        Raises:
            TooManyPending.
            StaleApproval: the same call, its request_id or the end of others came between.
        """
        try:
            return await self._store_step(step, before_us=0)
        except TooManyApprovals:
            if await self.catch_up(step.approval.tenant):  # some of those that were counted may have expired
                raise StaleApproval("time has acted on others meanwhile") from None
            raise TooManyPending(MOST_PENDING) from None

    async def read(self, query: Callable[[], T]) -> T:
        """Runs a query of the store on a thread."""
        return await asyncio.to_thread(query)

    async def _store_step(self, step: Step, before_us: int) -> Approval:
        # A caller that goes away ends its wait and not the change, which those who watch must hear of.
        return await asyncio.shield(self._store_and_tell(step, before_us))

    async def _store_and_tell(self, step: Step, before_us: int) -> Approval:
        approval = step.approval
        change = ApprovalChange(approval, due_us(approval), before_us, step.events, messages(approval, step.events))
        write = partial(self._store.change_approval, change, most_pending=MOST_PENDING)
        await self._audit.record_with(approval_records(approval, step.events), write)
        self._watches.tell(approval.tenant, approval.approval_id)
        return approval

    def _at(self, tenant: str, approval_id: str) -> tuple[Approval, int]:
        # The time after the approval: one that is read too late is only found overdue sooner.
        approval = self._store.approval(tenant, approval_id)
        if approval is None:
            raise NoSuchApproval(f"there is no approval {approval_id}")
        return approval, self._store.now_us()
