"""How the suite starts a spool."""

from typing import Protocol

from sidecar.spool import Spool, SpoolLimits


class Start(Protocol):
    """Starts the spool in one directory, the way a sidecar does; a further start ends the one before."""

    async def __call__(self, limits: SpoolLimits | None = None) -> Spool: ...
