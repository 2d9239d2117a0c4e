"""The verbs that an agent's model may be shown."""

from gatehold.v1.decision_point_service_pb2 import (
    ListPermittedVerbsRequest,
    ListPermittedVerbsResponse,
    PermittedVerb,
)
from pdp.configuration import Configuration
from pdp.permitted import permitted
from pdp.transport.paging import MAX_PAGE, page
from pdp.transport.translate import catalog_entry

_AGENTS = 64  # lists kept at a time
_PAGE_BYTES = 2 * 1024 * 1024  # clients take 4 MiB, and descriptions and schemas are long


class PermittedVerbs:
    """One tenant's lists at one revision, each made when it is first asked for."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._lists: dict[str, list[PermittedVerb]] = {}

    def response(self, agent: str, request: ListPermittedVerbsRequest) -> ListPermittedVerbsResponse:
        """One page of the agent's list, by verb. Raises InvalidInput for a page that is not of it."""
        verbs = self._lists.get(agent)
        if verbs is None:
            if len(self._lists) >= _AGENTS:
                self._lists.clear()
            verbs = self._lists[agent] = self._list(agent)
        size = request.page_size or MAX_PAGE
        shown, token = page(verbs, lambda one: (one.entry.verb,), size, request.page_token)
        while len(shown) > 1 and sum(one.ByteSize() for one in shown) > _PAGE_BYTES:
            shown, token = page(verbs, lambda one: (one.entry.verb,), len(shown) // 2, request.page_token)
        return ListPermittedVerbsResponse(verbs=shown, next_page_token=token, revision=self._configuration.revision)

    def _list(self, agent_id: str) -> list[PermittedVerb]:
        agent = self._configuration.agent(agent_id)
        verbs = []
        for entry in self._configuration.catalog.entries:
            permission = permitted(self._configuration, agent, entry.verb)
            if permission.listed:
                verbs.append(PermittedVerb(entry=catalog_entry(entry), executable=permission.executable))
        return verbs
