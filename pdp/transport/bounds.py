"""Bounds on what people and agents write, shared by the services."""

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


def change_reason(text: str) -> str:
    """Returns the reason of a change, which may be empty. Raises InvalidInput where it is longer than 4 KiB."""
    return bounded(text, "change_reason")
