"""The verbs that the agent's model may be shown, asked once for each revision."""

from cachetools import LRUCache

from gatehold.v1.decision_point_service_pb2 import ListPermittedVerbsRequest, ListPermittedVerbsResponse
from sidecar.lease import Lease
from sidecar.model import Clock
from sidecar.upstream import Connection, passing_on

_DEADLINE_SECONDS = 2.0  # a page is up to 1,000 entries
_PAGES = 64


class PermittedVerbs:
    """Pages of the list, kept under the revision that they were made from."""

    def __init__(self, connection: Connection, lease: Lease, clock: Clock) -> None:
        self._connection = connection
        self._lease = lease
        self._clock = clock
        self._pages: LRUCache[tuple[int, int, int, str], ListPermittedVerbsResponse] = LRUCache(_PAGES)

    async def page(self, request: ListPermittedVerbsRequest, token: str = "") -> ListPermittedVerbsResponse:
        """The page, kept or asked for; always asked for, and not kept, in a session.

        Args:
            token: of the session; empty where the caller is in none.

        Raises:
            Refusal: the decision point's own, or UNAVAILABLE where it cannot be asked.
        """
        if token:
            return await self._ask(request, token)
        held = self._lease.live(self._clock())
        place = request.page_size, request.page_token
        if held is not None and (kept := self._pages.get((held.epoch, held.revision, *place))):
            return kept
        response = await self._ask(request)
        self._pages[response.epoch, response.revision, *place] = response  # no lease has epoch 0: found under none
        return response

    async def _ask(self, request: ListPermittedVerbsRequest, token: str = "") -> ListPermittedVerbsResponse:
        with passing_on():
            return await self._connection.ask(lambda pdp: pdp.ListPermittedVerbs, request, _DEADLINE_SECONDS, token)
