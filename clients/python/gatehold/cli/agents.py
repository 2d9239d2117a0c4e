"""`gatehold agents`."""

import difflib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import click

from gatehold.cli.app import Commands
from gatehold.cli.connection import Connection, connected
from gatehold.cli.documents import short_spelling, to_document
from gatehold.cli.keys import CHANGE_SECONDS
from gatehold.cli.output import output_option, show
from gatehold.cli.paging import pages
from gatehold.digest import parse_object
from gatehold.v1.agent_pb2 import Agent, AgentMode
from gatehold.v1.agent_service_pb2 import CreateAgentRequest, DeleteAgentRequest, ListAgentsRequest, UpdateAgentRequest
from gatehold.v1.agent_service_pb2_grpc import AgentServiceStub

_MODES = [short_spelling("AgentMode", name) for name in AgentMode.keys()[1:]]
_COLUMNS = ("agent_id", "mode", "owner", "attributes")


@click.group(cls=Commands)
def agents() -> None:
    """Register agents: what each may do at most, and what policies know of it. Every change is a new revision.

    \b
    Examples:
      gatehold agents create billing-bot --mode autonomous --attributes '{"team": "billing"}' --owner ann
      gatehold agents update billing-bot --mode permission --reason "too many refunds"
      gatehold agents list
      gatehold agents delete billing-bot
    """


def _described(default_mode: str | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--mode`, `--attributes`, `--owner` and `--reason`."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.option("--reason", default="", help="Why, for the record."),
            click.option("--owner", metavar="WHO", help="The person or team that answers for it."),
            click.option("--attributes", metavar="JSON", help="Object that `agent.…` conditions read."),
            click.option(
                "--mode",
                type=click.Choice(_MODES),
                default=default_mode,
                show_default=default_mode is not None,
                help="chat_only: every call blocks. permission: every write asks a person. autonomous: no ceiling.",
            ),
        ):
            function = option(function)
        return function

    return decorate


@agents.command()
@connected("administrator")
@click.argument("agent_id", metavar="ID")
@_described("permission")
@output_option
def create(connection: Connection, agent_id: str, reason: str, output: str, **described: str | None) -> None:
    """Register an agent. One that nobody registered is in mode permission, without attributes."""
    agent = _with(Agent(agent_id=agent_id), **described)
    request = CreateAgentRequest(agent=agent, change_reason=reason, request_id=str(uuid.uuid4()))
    show(to_document(_call(connection, "CreateAgent", request).agent), output)


@agents.command()
@connected("administrator")
@click.argument("agent_id", metavar="ID")
@_described(None)
@output_option
def update(connection: Connection, agent_id: str, reason: str, output: str, **described: str | None) -> None:
    """Change what is given, and nothing else. --attributes replaces all attributes.

    It reads the agent and then writes it: of two updates at the same time the later one stands.

    \b
    Examples:
      gatehold agents update billing-bot --mode chat_only --reason "stopped for the audit"
      gatehold agents update billing-bot --owner ""
    """
    if all(value is None for value in described.values()):
        raise click.UsageError("nothing to change: give --mode, --attributes or --owner")
    agent = _with(_found(connection, agent_id), **described)
    request = UpdateAgentRequest(agent=agent, change_reason=reason, request_id=str(uuid.uuid4()))
    show(to_document(_call(connection, "UpdateAgent", request).agent), output)


@agents.command("list")
@connected("administrator")
@output_option
def list_(connection: Connection, output: str) -> None:
    """List agents by id."""
    show([to_document(agent) for agent in _all(connection)], output, _COLUMNS)


@agents.command()
@connected("administrator")
@click.argument("agent_id", metavar="ID")
@click.option("--reason", default="", help="Why, for the record.")
def delete(connection: Connection, agent_id: str, reason: str) -> None:
    """Remove an agent. Its calls then count as those of one that nobody registered; its keys stay valid."""
    _found(connection, agent_id)
    request = DeleteAgentRequest(agent_id=agent_id, change_reason=reason, request_id=str(uuid.uuid4()))
    _call(connection, "DeleteAgent", request)
    click.echo("removed; its keys are valid until they are revoked: gatehold keys list")


def _with(agent: Agent, mode: str | None, attributes: str | None, owner: str | None) -> Agent:
    if mode is not None:
        agent.MergeFrom(Agent(mode=f"AGENT_MODE_{mode.upper()}"))
    if attributes is not None:
        parse_object(attributes, "--attributes")
        agent.attributes_json = attributes
    if owner is not None:
        agent.owner = owner
    return agent


def _found(connection: Connection, agent_id: str) -> Agent:
    """The agent as it is registered. Raises ClickException where it is not, with the nearest one that is."""
    ids = []
    for agent in _all(connection):
        if agent.agent_id == agent_id:
            return agent
        ids.append(agent.agent_id)
    near = difflib.get_close_matches(agent_id, ids, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else "`gatehold agents list` shows those there are."
    raise click.ClickException(f"there is no agent {agent_id!r}. {hint}")


def _all(connection: Connection) -> Iterator[Agent]:
    stub: Any = AgentServiceStub(connection.channel)
    return pages(stub.ListAgents, ListAgentsRequest(), "agents", connection.metadata)


def _call(connection: Connection, method: str, request: Any) -> Any:
    stub: Any = AgentServiceStub(connection.channel)
    return getattr(stub, method)(request, metadata=connection.metadata, timeout=CHANGE_SECONDS)
