"""Which verbs an agent's model may see at all."""

from typing import NamedTuple

from gatehold.vocabulary import AgentMode
from pdp.configuration import Configuration
from pdp.model import Agent
from pdp.policy.reach import can_pass


class Permission(NamedTuple):
    """Whether a verb is listed for an agent, and whether the agent may call what is listed."""

    listed: bool
    executable: bool


_HIDDEN = Permission(listed=False, executable=False)


def permitted(configuration: Configuration, agent: Agent, verb: str) -> Permission:
    """Whether some arguments could get `verb` a decision other than block.

    A verb for which there could be such arguments is always listed; one for which there are none is mostly hidden (see
    `pdp.policy.reach`), since what a model can not call it should not see. In mode chat_only the same verbs are listed
    as in others, and none is executable. Whatever goes wrong hides the verb.
    """
    try:
        entry = configuration.catalog.get(verb)
        if entry is None:
            return _HIDDEN
        plan = configuration.policies.plan(entry, configuration.catalog.bundle_default(entry), agent.id)
        executable = agent.mode in (AgentMode.PERMISSION, AgentMode.AUTONOMOUS)
        return Permission(listed=True, executable=executable) if can_pass(plan, agent) else _HIDDEN
    except Exception:  # as in evaluate: a failure permits nothing
        return _HIDDEN
