"""The canonical form of a JSON value (RFC 8785) and its SHA-256."""

import hashlib
from collections.abc import Mapping
from json import JSONEncoder
from typing import Any

import rfc8785

from gatehold.digest.limits import MAX_NUMBER
from gatehold.invalid import InvalidInput

# Below this, Python writes a float with an exponent where RFC 8785 still writes it out.
_SMALLEST_PLAIN_FLOAT = 1e-4

_encode = JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def canonical(value: object) -> bytes:
    """The RFC 8785 form, as UTF-8.

    Args:
        value: what `parse_value` returns, or anything built of the same types.

    Raises:
        InvalidInput: on the field `value`, when it has no such form: another type, a key that is no string, an integer
            beyond ±(2^53-1), NaN, Infinity, a lone surrogate, or nesting without end.
    """
    try:
        if _is_plain(value):
            return _encode(value).encode()
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # it refuses other types itself
    except (ValueError, RecursionError):
        # The cause is left out: it repeats the value.
        raise InvalidInput("value", "has no canonical JSON form (RFC 8785)") from None


def digest(value: object) -> str:
    """Lowercase hex SHA-256 of `canonical(value)`. Raises `InvalidInput` as that does."""
    return hashlib.sha256(canonical(value)).hexdigest()


def canonical_value(value: object) -> object:
    """The one value that stands for all with the same digest.

    `canonical` writes 1.0 as 1, -0.0 as 0 and keys in one order. Whatever tells those apart, and decides by it, decides
    differently on calls that a cache takes for equal; it has to be given this value.

    Args:
        value: what `parse_value` returns, or anything built of mappings, lists or tuples, and scalars.

    Returns:
        Built of dicts with sorted keys, lists and scalars; each whole float within ±(2^53-1) is an int.
    """
    kind = type(value)
    if kind is str or kind is int or kind is bool:
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and -MAX_NUMBER <= value <= MAX_NUMBER else value
    if isinstance(value, Mapping):
        return {key: canonical_value(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [canonical_value(item) for item in value]
    return value


def _is_plain(value: Any) -> bool:
    """Whether the standard encoder, several times faster than the reference, writes the same bytes.

    It does unless keys sort differently as UTF-16 than as code points (none do in ASCII), or a float's shortest form is
    laid out differently: a small one, or a whole one, which all beyond 2^53 are. Subclasses go to the reference.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-MAX_NUMBER <= value <= MAX_NUMBER)
    if kind is dict:
        # A loop, because a generator's frame would cost more than all that is asked in it.
        for key, item in value.items():
            if type(key) is not str or not key.isascii() or not _is_plain(item):
                return False
        return True
    if kind is list:
        return all(map(_is_plain, value))
    return kind is float and abs(value) >= _SMALLEST_PLAIN_FLOAT and not value.is_integer()
