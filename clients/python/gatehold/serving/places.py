"""How many calls and streams a server handles at once.

Counted here and not by gRPC's own limit: in grpcio 1.78 a call that is refused by that limit frees a place that it
never had, so many callers at once get past it.
"""

from dataclasses import dataclass

import grpc

from gatehold.serving.errors import Refusal
from gatehold.serving.limits import Limits
from gatehold.v1.error_reason_pb2 import ErrorReason


class Places:
    """A number of places; `with places:` takes one for as long as the block runs.

    Args:
        limit: how many there are.

    Raises, on entering:
        Refusal: RESOURCE_EXHAUSTED when all are taken.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0

    def __enter__(self) -> None:
        if self._taken >= self._limit:
            raise Refusal(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                ErrorReason.ERROR_REASON_TOO_MANY_CALLS,
                f"at most {self._limit} calls of this kind are handled at once",
                {"limit": str(self._limit)},
            )
        self._taken += 1

    def __exit__(self, *_: object) -> None:
        self._taken -= 1


@dataclass(frozen=True, slots=True)
class Capacity:
    """The places of one server, shared by all its services. Streams last, so they take none from calls."""

    calls: Places
    streams: Places

    @classmethod
    def of(cls, limits: Limits) -> "Capacity":
        """As many as the limits say, all free."""
        return cls(Places(limits.concurrent_calls), Places(limits.concurrent_streams))
