"""Regular expressions in the RE2 syntax, which match in time linear in the text.

RE2 is imported only when a policy uses one, so that `gatehold` imports without it.
"""

from collections.abc import Callable

from gatehold.invalid import InvalidInput

_MAX_MEMORY = 1 << 20  # bytes, program and caches; about 10,000 instructions


def full_match(pattern: str) -> Callable[[str], bool]:
    """Compiles a pattern into a test of whole strings.

    Args:
        pattern: RE2 syntax (https://github.com/google/re2/wiki/Syntax).

    Raises:
        InvalidInput: on the field `value`, for what RE2 does not have (lookaround, backreferences), repetition beyond
            1,000, a program beyond 1 MiB, and where google-re2 is not installed.
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
    return lambda text: compiled.fullmatch(text.encode()) is not None


def _cause(error: Exception) -> str:
    # RE2 says "what: where in the pattern", in bytes; the pattern itself is not repeated.
    cause = error.args[0]
    text = cause.decode(errors="replace") if isinstance(cause, bytes) else str(cause)
    return text.partition(":")[0]
