"""Work that goes on beside the calls."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from sidecar.spool import SpoolFailed
from sidecar.tally import Tally

_AGAIN_SECONDS = 0.5

Work = Callable[[], Awaitable[None]]


@contextlib.asynccontextmanager
async def running(tally: Tally, *work: Work) -> AsyncIterator[None]:
    """Keeps the work going until the block ends; `tally` is told of what fails."""
    tasks = [asyncio.create_task(_keep_running(one, tally)) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_running(work: Work, tally: Tally) -> None:
    """Starts the work anew whenever it ends: without it leases lapse and spools fill, which blocks every call."""
    while True:
        try:
            await work()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # A connection that was closed cancels the reads on it; that is not this task's end.
        except SpoolFailed:
            return  # for good: the listener refuses every call, and health says so
        except Exception as error:
            tally.failed(getattr(work, "__qualname__", "background"), error)
        await asyncio.sleep(_AGAIN_SECONDS)
