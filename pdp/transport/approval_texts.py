"""What people and agents write about approvals, bounded."""

from gatehold.invalid import InvalidInput

MAX_TEXT_BYTES = 4 * 1024


def bounded(text: str, field: str) -> str:
    """Returns the text. Raises InvalidInput where it is longer than 4 KiB."""
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise InvalidInput(field, f"is longer than {MAX_TEXT_BYTES} bytes")
    return text


def required(text: str, field: str) -> str:
    """Returns the text. Raises InvalidInput where there is none, or where it is longer than 4 KiB."""
    if not text.strip():
        raise InvalidInput(field, "must say why")
    return bounded(text, field)
