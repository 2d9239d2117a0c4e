"""Names that callers choose and people read: agents, requests, the person an agent acts for."""

from gatehold.invalid import InvalidInput
from gatehold.invisible import is_invisible


def require_identifier(text: str, field: str, max_length: int = 256) -> str:
    """Returns the text unchanged if it can serve as an identifier.

    Args:
        text: the identifier.
        field: the field that errors name.
        max_length: in code points.

    Raises:
        InvalidInput: when it is empty or longer, or has a character that a reader could not see, so that two different
            identifiers would look alike or a terminal would obey one.
    """
    if not text:
        raise InvalidInput(field, "must not be empty")
    if len(text) > max_length:
        raise InvalidInput(field, f"is longer than {max_length} characters")
    if not (text.isascii() and text.isprintable()) and any(map(is_invisible, text)):
        raise InvalidInput(field, "has a control, bidirectional, zero-width or other invisible character")
    return text
