"""Lets time act on approvals that nobody looks at: they expire, claims lapse, and arguments are erased."""

import asyncio
from collections.abc import Callable, Collection

import structlog

from pdp.approvals.keeper import ApprovalKeeper

_LOOK_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class Sweeper:
    """Looks every second. A reader sees what time has done at once, so nothing depends on how soon this comes.

    Args:
        tenants: those to look at.
    """

    def __init__(self, keeper: ApprovalKeeper, tenants: Callable[[], Collection[str]]) -> None:
        self._keeper = keeper
        self._tenants = tenants

    async def run(self) -> None:
        """Looks until it is cancelled."""
        while True:
            for tenant in self._tenants():
                try:
                    await self._keeper.catch_up(tenant)
                except Exception as error:  # the next look may work, and no failure may end all of them
                    _log.warning("approvals_not_swept", tenant=tenant, error=type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)
