"""Lists page by page. A token says where a page ended, so that a change of the list in between loses no other item."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from gatehold.invalid import InvalidInput

T = TypeVar("T")

Place = tuple[str | int, ...]

DEFAULT_PAGE = 100
MAX_PAGE = 1_000


def page_size(requested: int) -> int:
    """How many items to send.

    Raises:
        InvalidInput: not from 0 to 1,000.
    """
    if not 0 <= requested <= MAX_PAGE:
        raise InvalidInput("page_size", f"must be from 0 to {MAX_PAGE}")
    return requested or DEFAULT_PAGE


def page(items: Sequence[T], place: Callable[[T], Place], requested: int, token: str) -> tuple[Sequence[T], str]:
    """One page of a list, and the token of the next one, empty when there is none.

    Args:
        items: all of them, sorted by `place`.
        requested: the request's page_size.
        token: the request's page_token.

    Raises:
        InvalidInput: the size is out of bounds, or no listing of this kind gave the token.
    """
    size = page_size(requested)
    shape = place(items[0]) if items else ()
    after = read_token(token, shape) if token and items else None
    rest = items if after is None else [item for item in items if place(item) > after]
    shown = rest[:size]
    return shown, write_token(place(shown[-1])) if len(rest) > size else ""


def write_token(place: Place) -> str:
    """The token of the page after `place`."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def read_token(token: str, shape: Place) -> Place:
    """The place that a token names.

    Args:
        shape: any place of the list, for the types of its parts.

    Raises:
        InvalidInput: no listing of this kind gave the token.
    """
    try:
        place = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        place = None
    if not isinstance(place, list) or [type(part) for part in place] != [type(part) for part in shape]:
        raise InvalidInput("page_token", "is not one that this list gave")
    return tuple(place)
