"""Calls about approvals, passed on to the decision point.

Nothing of them is kept, judged or recorded here: an approval is the decision point's, which checks what it is sent and
records each change together with it.
"""

from collections.abc import AsyncGenerator

from gatehold.serving import Context, Places
from gatehold.v1.decision_point_service_pb2 import WatchApprovalRequest, WatchApprovalResponse
from sidecar.upstream import Connection, passing_on, unreachable
from sidecar.upstream.connection import Method, Q, R, WatchCall

DEADLINE_SECONDS = 5.0
_WATCHES_AT_ONCE = 200


class Approvals:
    """The agent's own approvals, as the decision point tells of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._places = Places(_WATCHES_AT_ONCE)
        self._watching: set[WatchCall] = set()
        self._stopping = False

    async def ask(self, method: "Method[Q, R]", request: Q, context: Context, token: str) -> R:
        """Calls a unary method, once, for as long as the agent waits and at most 5 s.

        Args:
            token: of the session that the caller is in; empty for none.

        Raises:
            Refusal: the decision point's own, or UNAVAILABLE where it cannot be asked.
        """
        with passing_on():
            return await self._connection.ask(method, request, _seconds_left(context), token)

    async def watch(self, request: WatchApprovalRequest, token: str) -> AsyncGenerator[WatchApprovalResponse, None]:
        """Passes on what the decision point sends, until it ends the stream or the agent leaves. `token` as for `ask`.

        Raises:
            Refusal: as for `ask`; RESOURCE_EXHAUSTED with too many at once.
        """
        with self._places, passing_on():
            if self._stopping:
                raise unreachable("the sidecar is stopping")
            call = self._connection.watch_approval(request, token)
            self._watching.add(call)
            try:
                async for response in call:
                    yield response
            finally:
                self._watching.discard(call)
                call.cancel()

    def stop(self) -> None:
        """Ends every watch as unreachable: without it they would hold up the sidecar's end, and then break off."""
        self._stopping = True
        for call in self._watching:
            call.cancel()


def _seconds_left(context: Context) -> float:
    left = context.time_remaining()  # None without a deadline, whatever its annotation says
    return DEADLINE_SECONDS if left is None else min(left, DEADLINE_SECONDS)
