"""All that a decision depends on beside the call itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from pdp.catalog.catalog import Catalog
from pdp.model import Agent
from pdp.policy.policy_set import PolicySet


@dataclass(frozen=True, slots=True)
class Configuration:
    """One tenant's configuration at one revision.

    Attributes:
        tenant: whose it is.
        revision: its number, from 1.
        catalog: the verbs.
        policies: the policies.
        agents: the registered agents by id.
        epoch: of the store that counts the revisions; 0 where there is none, so that nothing is reused.
    """

    tenant: str
    revision: int
    catalog: Catalog
    policies: PolicySet
    agents: Mapping[str, Agent]
    epoch: int = 0

    def agent(self, agent_id: str) -> Agent:
        """The agent of that id; one that nobody registered is in mode PERMISSION and has no attributes."""
        return self.agents.get(agent_id) or Agent(agent_id)
