"""One reading of a call's arguments, and one name for it: strict JSON, its RFC 8785 form, and the SHA-256 of that.

Pure: no clock, no I/O. What JSON parsers are known to read differently is refused, so that the gate and the tool
behind it do not disagree on what was asked.
"""

from gatehold.digest.canonical import canonical, canonical_value, digest
from gatehold.digest.limits import MAX_BYTES, MAX_DEPTH, MAX_ITEMS, MAX_NUMBER
from gatehold.digest.parse import parse_object, parse_value

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_ITEMS",
    "MAX_NUMBER",
    "canonical",
    "canonical_value",
    "digest",
    "parse_object",
    "parse_value",
]
