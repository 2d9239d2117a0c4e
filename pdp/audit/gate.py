"""Whether records can be stored. Where they cannot, nothing is decided."""

import asyncio

import structlog

from pdp.store.errors import Unavailable

_log = structlog.get_logger(__name__)


class StorageGate:
    """Shut by any failed commit, opened by a commit that works. For the event loop's thread alone."""

    def __init__(self) -> None:
        self._shut = asyncio.Event()
        self._why = ""

    @property
    def open(self) -> bool:
        """False while nothing can be stored."""
        return not self._shut.is_set()

    def check(self) -> None:
        """Raises Unavailable while nothing can be stored."""
        if not self.open:
            raise Unavailable(f"records cannot be stored: {self._why}")

    def shut(self, error: Exception) -> None:
        """Says that a commit has failed."""
        self._why = str(error)
        if self.open:
            self._shut.set()
            _log.error("storage_failed", error=self._why)

    def reopen(self) -> None:
        """Says that a commit has worked."""
        if not self.open:
            self._shut.clear()
            _log.warning("storage_recovered")

    async def wait_shut(self) -> None:
        """Returns when the gate is shut."""
        await self._shut.wait()
