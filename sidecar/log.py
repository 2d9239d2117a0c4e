"""Logs: one JSON object a line, on standard error. Never a credential, never an argument of a call."""

import logging
import sys

# structlog imports rich, where it is installed, for a renderer that a sidecar never uses: 4 MB of memory.
_rich_is_new = sys.modules.setdefault("rich", None) is None  # type: ignore[arg-type]
import structlog  # noqa: E402

if _rich_is_new:
    del sys.modules["rich"]


def configure(level: str) -> None:
    """Sets the process's logging up. `level` is debug, info, warning or error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
