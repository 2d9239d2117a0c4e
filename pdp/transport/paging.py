"""Lists page by page. A token says where a page ended, so that a change of the list in between loses no other item."""

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from google.protobuf.message import Message

from gatehold.invalid import InvalidInput

T = TypeVar("T")
M = TypeVar("M", bound=Message)

Place = tuple[str | int, ...]

DEFAULT_PAGE = 100
MAX_PAGE = 1_000
_MAX_BYTES = 1024 * 1024
_MAX_NUMBER = 2**63 - 1  # what a database's integer holds


def page_size(requested: int) -> int:
    """How many items to send.

    Raises:
        InvalidInput: not from 0 to 1,000.
    """
    if not 0 <= requested <= MAX_PAGE:
        raise InvalidInput("page_size", f"must be from 0 to {MAX_PAGE}")
    return requested or DEFAULT_PAGE


def rest_of(items: Sequence[T], place: Callable[[T], Place], token: str) -> Sequence[T]:
    """What of a list comes after the page that a token ends.

    Args:
        items: all of them, sorted by `place`.
        token: the request's page_token.

    Raises:
        InvalidInput: no listing of this kind gave the token.
    """
    if not (token and items):
        return items
    after = read_token(token, place(items[0]))
    return items[bisect_right(items, after, key=place) :]


def page(
    rest: Sequence[T], place: Callable[[T], Place], message: Callable[[T], M], requested: int
) -> tuple[list[M], str]:
    """The messages of one page, and the token of the next one, empty when there is none.

    Args:
        rest: the page and all after it, sorted by `place`.
        requested: the request's page_size.

    Raises:
        InvalidInput: the size is out of bounds.
    """
    messages = fitting(map(message, rest[: page_size(requested)]))
    return messages, write_token(place(rest[len(messages) - 1])) if len(messages) < len(rest) else ""


def fitting(messages: Iterable[M]) -> list[M]:
    """The first ones, as many as a response can hold, and one at least if there is one: clients take 4 MiB."""
    fit: list[M] = []
    size = 0
    for message in messages:
        size += message.ByteSize()
        if fit and size > _MAX_BYTES:
            break
        fit.append(message)
    return fit


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
    if not (isinstance(place, list) and [type(part) for part in place] == [type(part) for part in shape]):
        raise InvalidInput("page_token", "is not one that this list gave")
    if any(isinstance(part, int) and not 0 <= part <= _MAX_NUMBER for part in place):
        raise InvalidInput("page_token", "is not one that this list gave")
    return tuple(place)
