"""Asking the decision point."""

import asyncio

import grpc

from sidecar.model import Answer, Call
from sidecar.upstream.answers import InvalidAnswer, read_answer
from sidecar.upstream.connection import Connection
from sidecar.upstream.refusals import caller_left, refusal_of

DEADLINE_SECONDS = 0.5

__all__ = ["InvalidAnswer", "Unreachable", "Upstream"]


class Unreachable(Exception):
    """No decision point answered in time."""


class Upstream:
    """Decides by asking the decision point, every time."""

    def __init__(self, connection: Connection, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._connection = connection
        self._deadline = deadline_seconds

    async def decide(self, call: Call) -> Answer:
        """Asks once.

        Raises:
            Refusal: the decision point refused the request.
            Unreachable: it could not be asked, failed, or was too slow.
            InvalidAnswer: it answered something else than a decision on this call.
        """
        try:
            response = await self._connection.evaluate(call.request, self._deadline, call.caller.token)
        except grpc.aio.AioRpcError as error:
            if (refusal := refusal_of(error)) is not None:
                raise refusal from None
            raise Unreachable(f"the decision point could not be asked: {error.code().name}") from None
        except asyncio.CancelledError:
            if caller_left():
                raise
            raise Unreachable("the connection to the decision point was lost") from None
        return read_answer(call, response)
