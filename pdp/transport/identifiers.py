"""Identifiers that machines choose."""

import uuid

from gatehold.invalid import InvalidInput

_LAST_SEQUENCE = 2**63 - 1  # what a database's integer holds


def require_uuid(text: str, field: str) -> str:
    """Returns the text if it is a UUID in its one canonical spelling (RFC 9562). Raises InvalidInput on `field`."""
    try:
        if str(uuid.UUID(text)) == text:
            return text
    except ValueError:
        pass
    raise InvalidInput(field, "must be a UUID in lowercase with hyphens (RFC 9562)")


def require_sequence(number: int, field: str) -> int:
    """Returns the number if it can be stored. Raises InvalidInput on `field`."""
    if number > _LAST_SEQUENCE:
        raise InvalidInput(field, f"is beyond {_LAST_SEQUENCE}")
    return number
