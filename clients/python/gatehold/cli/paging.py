"""Reading lists page by page."""

from collections.abc import Callable, Iterator
from typing import Any


def pages(call: Callable[..., Any], request: Any, field: str, metadata: Any, limit: int | None = None) -> Iterator[Any]:
    """Yields the items of a list method, as many pages as there are.

    Args:
        call: the stub's method.
        request: its request, without a page token; changed in place.
        field: name of the repeated field of the response.
        metadata: sent with each call.
        limit: how many items at most; None for all.
    """
    left = limit
    while left is None or left > 0:
        request.page_size = min(left, 1_000) if left is not None else 1_000
        response = call(request, metadata=metadata, timeout=30)
        items = list(getattr(response, field))[:left]
        yield from items
        left = None if left is None else left - len(items)
        if not response.next_page_token or not items:
            return
        request.page_token = response.next_page_token
