"""When the stream that is being handled ends at the latest."""

import asyncio
from contextvars import ContextVar

# gRPC runs each stream in a task of its own, so what is set here is the stream's.
TERM: ContextVar[asyncio.Timeout | None] = ContextVar("term", default=None)


def end_stream_within(seconds: float) -> None:
    """Ends the stream that is being handled after so long, with UNAUTHENTICATED. Does nothing in a unary call.

    Args:
        seconds: how long its credential is valid; said again, it replaces what was said before.
    """
    term = TERM.get()
    if term is not None:
        term.reschedule(asyncio.get_running_loop().time() + max(0.0, seconds))
