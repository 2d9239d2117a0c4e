"""Pages of the record, newest first, that stay put while records are added (AIP-158)."""

import base64
import binascii
import hashlib
from collections.abc import Iterator

from gatehold.invalid import InvalidInput
from pdp.audit.model import Page
from pdp.store.interface import RecordStore
from pdp.store.model import RecordFilter, StoredRecord

DEFAULT_PAGE = 100
LARGEST_PAGE = 1_000
_LARGEST_BYTES = 1024 * 1024  # clients take messages of 4 MiB
_CHUNK = 32  # records read at once: no more of them are in memory than a page may have, and one chunk


def page(store: RecordStore, tenant: str, where: RecordFilter, page_size: int, page_token: str) -> Page:
    """One page of the tenant's records: as many as were asked for, fewer where they would be over 1 MiB.

    Args:
        page_size: at most `LARGEST_PAGE`, more is read as that; 0 means `DEFAULT_PAGE`.
        page_token: from the page before; empty means from the newest.

    Raises:
        InvalidInput: a negative size, or a token that this listing did not give.
    """
    if page_size < 0:
        raise InvalidInput("page_size", "must not be negative")
    size = min(page_size or DEFAULT_PAGE, LARGEST_PAGE)
    before = _position(page_token, where) if page_token else None
    found, more = newest(store, tenant, where, before, size)
    return Page(tuple(found), _token(found[-1].position, where) if more else "")


def newest(
    store: RecordStore, tenant: str, where: RecordFilter, before: int | None, limit: int
) -> tuple[list[StoredRecord], bool]:
    """The newest records, up to 1 MiB of them but one at least, and whether there are more.

    Args:
        before: only those at lower positions; None means all.
        limit: how many at most, at least 1.
    """
    found: list[StoredRecord] = []
    size = 0
    for stored in _descending(store, tenant, where, before, min(limit + 1, _CHUNK)):
        size += len(stored.entry.body)
        if len(found) == limit or (found and size > _LARGEST_BYTES):
            return found, True
        found.append(stored)
    return found, False


def _descending(
    store: RecordStore, tenant: str, where: RecordFilter, before: int | None, chunk: int
) -> Iterator[StoredRecord]:
    while True:
        found = store.records(tenant, where, before, chunk)
        yield from found
        if len(found) < chunk:
            return
        before = found[-1].position


def _token(position: int, where: RecordFilter) -> str:
    return base64.urlsafe_b64encode(_digest(where) + position.to_bytes(8)).decode()


def _position(token: str, where: RecordFilter) -> int:
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 16 or raw[:8] != _digest(where) or raw[8] & 0x80:
        raise InvalidInput("page_token", "is not one that this listing, with this filter, gave")
    return int.from_bytes(raw[8:])


def _digest(where: RecordFilter) -> bytes:
    return hashlib.sha256(repr(where).encode()).digest()[:8]
