"""Regular expressions in the RE2 syntax, which match in time linear in the text.

RE2 is imported only when a policy uses one, so that `gatehold` imports without it.
"""

from collections.abc import Callable

from gatehold.invalid import InvalidInput

MAX_TEXT = 16 * 1024
"""Bytes of UTF-8 that a pattern looks at. The time is linear in the text, but also in the size of the program."""

_MAX_MEMORY = 512 * 1024  # bytes, program and caches


def full_match(pattern: str) -> Callable[[str], bool | None]:
    """Compiles a pattern into a test of whole strings, which is None of those longer than `MAX_TEXT`.

    Args:
        pattern: RE2 syntax (https://github.com/google/re2/wiki/Syntax).

    Raises:
        InvalidInput: on the field `value`, for what RE2 does not have (lookaround, backreferences), repetition beyond
            1,000, a program beyond 512 KiB, and where google-re2 is not installed.
    """
    try:
        import re2  # type: ignore[import-untyped]
    except ImportError:
        raise InvalidInput("value", "needs google-re2, which gatehold[sidecar] and gatehold[pdp] install") from None
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False  # to stderr, past the log
    options.never_capture = True
    try:
        compiled = re2.compile(pattern.encode(), options)
    except re2.error as error:
        raise InvalidInput("value", f"is not an RE2 pattern: {_cause(error)}") from None

    def check(text: str) -> bool | None:
        encoded = text.encode()
        return compiled.fullmatch(encoded) is not None if len(encoded) <= MAX_TEXT else None

    return check


def _cause(error: Exception) -> str:
    # RE2 says "what: where in the pattern", in bytes; the pattern itself is not repeated.
    cause = error.args[0]
    text = cause.decode(errors="replace") if isinstance(cause, bytes) else str(cause)
    return text.partition(":")[0]
