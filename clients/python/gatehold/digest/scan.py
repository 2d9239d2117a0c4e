"""The scanner under the strict parser: the standard one, with hooks that refuse what JSON texts must not hold."""

from collections.abc import Callable
from json import JSONDecoder
from typing import Any, TypeAlias

from gatehold.digest.limits import MAX_NUMBER

_LONGEST_INTEGER = len(str(-MAX_NUMBER))
_TOO_LARGE = "is a number beyond ±(2^53-1); send it as a string"

Scan: TypeAlias = Callable[[str, int], tuple[object, int]]
"""From a text and where to start, to the value there and where it ends. Raises as `json` does, and `Fault`."""
_Hook: TypeAlias = Callable[[Any], object]


class Fault(Exception):
    """What is wrong and where; `steps` leads from the fault up to the top."""

    def __init__(self, message: str, *steps: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.steps: list[str | int] = list(steps)


def _object(pairs: list[tuple[str, object]]) -> object:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise Fault("is given more than once", key)
        seen.add(key)
    raise Fault("has a key given more than once")


def _integer(literal: str) -> object:
    # Converting costs time quadratic in the digits, and the interpreter's own digit limit can be switched off.
    if len(literal) <= _LONGEST_INTEGER and -MAX_NUMBER <= (value := int(literal)) <= MAX_NUMBER:
        return value
    raise Fault(_TOO_LARGE)


def _float(literal: str) -> object:
    value = float(literal)
    if -MAX_NUMBER <= value <= MAX_NUMBER:
        return value
    raise Fault(_TOO_LARGE)


def _constant(literal: str) -> object:
    raise Fault(f"is {literal}, which JSON does not have")


def _leaving(hook: _Hook) -> _Hook:
    def leave(found: Any) -> object:
        try:
            return hook(found)
        except Fault as fault:
            return fault

    return leave


def _scanner(of: Callable[[_Hook], _Hook]) -> Scan:
    decoder = JSONDecoder(
        object_pairs_hook=of(_object), parse_int=of(_integer), parse_float=of(_float), parse_constant=of(_constant)
    )
    # `decode` would skip white space with a regular expression on both sides; `raw_decode` costs a call more.
    scan: Scan = decoder.scan_once  # type: ignore[attr-defined]  # not in typeshed
    return scan


scan = _scanner(lambda hook: hook)
"""Raises the first fault it meets; that one has no path, because hooks know none."""

scan_leaving_faults = _scanner(_leaving)
"""Leaves each fault in the place of the value that has it, for a walk over the result to find."""
