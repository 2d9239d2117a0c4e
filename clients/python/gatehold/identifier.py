"""Names that callers choose and people read: agents, requests, the person an agent acts for."""

import re

from gatehold.invalid import InvalidInput
from gatehold.invisible import is_invisible

_ASCII = re.compile(r"[!-~](?:[ -~]*[!-~])?")


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


def require_agent_id(text: str, field: str) -> str:
    """Returns the text unchanged if it can serve as the id of an agent: an identifier that gRPC can carry as metadata.

    Args:
        text: the id.
        field: the field that errors name.

    Raises:
        InvalidInput: as `require_identifier` does, and for what is not printable ASCII or has a space at either end,
            which no call could name (gRPC over HTTP/2, "Custom-Metadata").
    """
    if not _ASCII.fullmatch(require_identifier(text, field)):
        raise InvalidInput(field, "must be printable ASCII without a space at either end")
    return text
