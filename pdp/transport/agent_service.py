"""AgentService: what administrators register agents with."""

from gatehold import vocabulary
from gatehold.digest import canonical, parse_object
from gatehold.identifier import require_agent_id, require_identifier
from gatehold.serving import Context
from gatehold.v1 import agent_pb2
from gatehold.v1.agent_pb2 import AgentMode
from gatehold.v1.agent_service_pb2 import (
    CreateAgentRequest,
    CreateAgentResponse,
    DeleteAgentRequest,
    DeleteAgentResponse,
    ListAgentsRequest,
    ListAgentsResponse,
    UpdateAgentRequest,
    UpdateAgentResponse,
)
from pdp.fleet.changes import ChangeCoordinator
from pdp.fleet.content import RegisteredAgent
from pdp.fleet.edits import Edit, create_agent, delete_agent, update_agent
from pdp.fleet.registry import Registry
from pdp.identity import Principal, Role
from pdp.model import Agent
from pdp.transport.authentication import Authenticator
from pdp.transport.change_requests import change_request
from pdp.transport.paging import page, rest_of

_MODES = {getattr(AgentMode, f"AGENT_MODE_{mode.name}"): mode for mode in vocabulary.AgentMode}
_MODE_NUMBERS = {mode: number for number, mode in _MODES.items()}


class AgentServicer:
    """Registers the agents of the caller's tenant. Every change is a new revision."""

    def __init__(self, authenticator: Authenticator, changes: ChangeCoordinator, registry: Registry) -> None:
        self._authenticator = authenticator
        self._changes = changes
        self._registry = registry

    async def CreateAgent(self, request: CreateAgentRequest, context: Context) -> CreateAgentResponse:
        """Registers one."""
        principal = self._authenticator.principal(context, Role.ADMIN)
        registered = _registered(request.agent)
        await self._apply(principal, request, create_agent(registered))
        return CreateAgentResponse(agent=_message(registered))

    async def UpdateAgent(self, request: UpdateAgentRequest, context: Context) -> UpdateAgentResponse:
        """Replaces mode, attributes and owner of one."""
        principal = self._authenticator.principal(context, Role.ADMIN)
        registered = _registered(request.agent)
        await self._apply(principal, request, update_agent(registered))
        return UpdateAgentResponse(agent=_message(registered))

    async def ListAgents(self, request: ListAgentsRequest, context: Context) -> ListAgentsResponse:
        """Lists one page, by id."""
        tenant = self._authenticator.principal(context, Role.ADMIN, Role.AUDITOR).tenant
        agents = sorted(self._registry.snapshot(tenant).content.agents.values(), key=_place)
        messages, token = page(rest_of(agents, _place, request.page_token), _place, _message, request.page_size)
        return ListAgentsResponse(agents=messages, next_page_token=token)

    async def DeleteAgent(self, request: DeleteAgentRequest, context: Context) -> DeleteAgentResponse:
        """Removes one."""
        principal = self._authenticator.principal(context, Role.ADMIN)
        agent_id = require_identifier(request.agent_id, "agent_id")
        await self._apply(principal, request, delete_agent(agent_id))
        return DeleteAgentResponse()

    async def _apply(
        self, principal: Principal, request: CreateAgentRequest | UpdateAgentRequest | DeleteAgentRequest, edit: Edit
    ) -> None:
        how = change_request(principal, request, request_id=request.request_id, reason=request.change_reason)
        await self._changes.apply(principal.tenant, edit, how)


def _registered(message: agent_pb2.Agent) -> RegisteredAgent:
    agent = Agent(
        id=require_agent_id(message.agent_id, "agent.agent_id"),
        mode=_MODES.get(message.mode, vocabulary.AgentMode.CHAT_ONLY),
        attributes=parse_object(message.attributes_json, "agent.attributes_json"),
    )
    return RegisteredAgent(agent, require_identifier(message.owner, "agent.owner") if message.owner else "")


def _place(registered: RegisteredAgent) -> tuple[str]:
    return (registered.agent.id,)


def _message(registered: RegisteredAgent) -> agent_pb2.Agent:
    agent = registered.agent
    return agent_pb2.Agent(
        agent_id=agent.id,
        mode=_MODE_NUMBERS[agent.mode],
        attributes_json=canonical(dict(agent.attributes)).decode(),
        owner=registered.owner,
    )
