"""How many calls and streams a server handles at once, and how many of them for one tenant.

Counted here and not by gRPC's own limit: in grpcio 1.78 a call that is refused by that limit frees a place that it
never had, so many callers at once get past it.
"""

from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass

import grpc

from gatehold.serving.errors import Refusal
from gatehold.serving.limits import Limits
from gatehold.v1.error_reason_pb2 import ErrorReason

# gRPC runs each call in a task of its own, so what is set here is the call's.
_WITHIN: "ContextVar[Places | None]" = ContextVar("places", default=None)
_HOLDER: ContextVar[str | None] = ContextVar("holder", default=None)


class Places:
    """A number of places; `with places:` takes one for as long as the block runs.

    Args:
        limit: how many there are.

    Raises, on entering:
        Refusal: RESOURCE_EXHAUSTED when all are taken.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._most_shared = max(1, limit * 3 // 4)
        self._taken = 0
        self._shares: Counter[str] = Counter()

    def __enter__(self) -> None:
        if self._taken >= self._limit:
            raise _too_many(self._limit)
        self._taken += 1
        _WITHIN.set(self)

    def __exit__(self, *_: object) -> None:
        self._taken -= 1
        holder = _HOLDER.get()
        if holder is not None:
            self._shares[holder] -= 1
            if not self._shares[holder]:
                del self._shares[holder]

    def take_share(self, holder: str) -> None:
        """Counts the present call as the holder's. Raises Refusal when it would have more than three quarters."""
        if self._shares[holder] >= self._most_shared:
            raise _too_many(self._most_shared)
        self._shares[holder] += 1
        _HOLDER.set(holder)


@dataclass(frozen=True, slots=True)
class Capacity:
    """The places of one server, shared by all its services. Streams last, so they take none from calls."""

    calls: Places
    streams: Places

    @classmethod
    def of(cls, limits: Limits) -> "Capacity":
        """As many as the limits say, all free."""
        return cls(Places(limits.concurrent_calls), Places(limits.concurrent_streams))


def take_share(holder: str) -> None:
    """Counts the call that is being handled as the holder's, once, so that one holder can not take every place.

    Args:
        holder: for example a tenant.

    Raises:
        Refusal: RESOURCE_EXHAUSTED when it has three quarters of all places.
    """
    places = _WITHIN.get()
    if places is not None and _HOLDER.get() is None:
        places.take_share(holder)


def _too_many(limit: int) -> Refusal:
    return Refusal(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        ErrorReason.ERROR_REASON_TOO_MANY_CALLS,
        f"at most {limit} calls of this kind are handled at once",
        {"limit": str(limit)},
    )
