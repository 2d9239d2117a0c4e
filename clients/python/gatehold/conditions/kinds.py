"""The JSON type of a scalar, which equality needs: Python has `True == 1` and JSON has not."""

import math
from unicodedata import is_normalized

NUMBER = "number"
STRING = "string"
_ALWAYS_COMPARABLE = {int: NUMBER, bool: "boolean", type(None): "null"}


def scalar_kind(value: object) -> str | None:
    """`number`, `string`, `boolean` or `null`, or None for what can not be compared.

    That is arrays, objects, nothing at all, NaN and the infinities, and strings that are not NFC-normalised: such a
    string looks like, and a tool may well take it for, the normalised one that it is not equal to.
    """
    kind = _ALWAYS_COMPARABLE.get(type(value))
    if kind is not None:
        return kind
    if isinstance(value, str):
        return STRING if is_comparable(value) else None
    return NUMBER if type(value) is float and math.isfinite(value) else None


def is_comparable(text: str) -> bool:
    """Whether the text is NFC-normalised."""
    return text.isascii() or is_normalized("NFC", text)
