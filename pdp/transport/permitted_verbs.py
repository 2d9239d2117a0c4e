"""The verbs that an agent's model may be shown."""

from gatehold.v1.decision_point_service_pb2 import (
    ListPermittedVerbsRequest,
    ListPermittedVerbsResponse,
    PermittedVerb,
)
from pdp.configuration import Configuration
from pdp.permitted import permitted
from pdp.session_scope import SessionScope
from pdp.transport.paging import MAX_PAGE, page, rest_of
from pdp.transport.translate import catalog_entry

_AGENTS = 64  # lists kept at a time


class PermittedVerbs:
    """One tenant's lists at one revision, each made when it is first asked for."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._lists: dict[str, list[PermittedVerb]] = {}

    def response(
        self, agent: str, request: ListPermittedVerbsRequest, session: SessionScope | None = None
    ) -> ListPermittedVerbsResponse:
        """One page of the agent's list, by verb, without those outside its session, if it is in one.

        Raises:
            InvalidInput: a page that is not of it.
        """
        verbs = self._lists.get(agent)
        if verbs is None:
            if len(self._lists) >= _AGENTS:
                self._lists.clear()
            verbs = self._lists[agent] = self._list(agent)
        if session is not None:
            verbs = [one for one in verbs if self._names(session, one.entry.verb)]
        rest = rest_of(verbs, _place, request.page_token)
        shown, token = page(rest, _place, lambda one: one, request.page_size or MAX_PAGE)
        # What a session may see is not what its agent may: no list of it is to be reused.
        revision, epoch = self._configuration.revision, 0 if session else self._configuration.epoch
        return ListPermittedVerbsResponse(verbs=shown, next_page_token=token, revision=revision, epoch=epoch)

    def _names(self, session: SessionScope, verb: str) -> bool:
        entry = self._configuration.catalog.get(verb)
        return entry is not None and session.names(entry)

    def _list(self, agent_id: str) -> list[PermittedVerb]:
        agent = self._configuration.agent(agent_id)
        verbs = []
        for entry in self._configuration.catalog.entries:
            permission = permitted(self._configuration, agent, entry.verb)
            if permission.listed:
                verbs.append(PermittedVerb(entry=catalog_entry(entry), executable=permission.executable))
        return verbs


def _place(permitted_verb: PermittedVerb) -> tuple[str]:
    return (permitted_verb.entry.verb,)
