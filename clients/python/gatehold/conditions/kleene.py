"""Strong three-valued logic (Kleene 1952): None is unknown; a result is known only if no completion changes it."""

from collections.abc import Iterable


def all_of(truths: Iterable[bool | None]) -> bool | None:
    """False if any is false, else unknown if any is unknown, else true. True of nothing at all: callers refuse that."""
    result: bool | None = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def any_of(truths: Iterable[bool | None]) -> bool | None:
    """True if any is true, else unknown if any is unknown, else false."""
    result: bool | None = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def not_(truth: bool | None) -> bool | None:
    """The opposite; unknown stays unknown."""
    return None if truth is None else not truth
