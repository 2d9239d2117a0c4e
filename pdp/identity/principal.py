"""The holder of a credential."""

from dataclasses import dataclass
from enum import StrEnum

from pdp.session_scope import SessionScope

ANY_AGENT = "*"
"""In `Principal.agents`: every agent of the tenant."""


class Role(StrEnum):
    """What a principal is. It decides which services it may call."""

    AGENT = "agent"
    SIDECAR = "sidecar"
    APPROVER = "approver"
    ADMIN = "admin"
    AUDITOR = "auditor"
    PLATFORM_ADMIN = "platform_admin"  # makes tenants; sees nothing inside them


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a verified credential stands for.

    Attributes:
        tenant: the one tenant it lives in.
        role: what it is.
        name: an agent's id, a sidecar's name, or a person.
        key_id: the credential, for records and revocation. Not secret.
        agents: the agents that a sidecar may speak for, `ANY_AGENT` among them for all; an agent speaks for itself.
        groups: the groups that an approver belongs to.
        session: what narrows an agent that shows a session's token; None for every other credential.
        bound_address: the only address that the credential may be used from; empty for any that the tenant allows.
    """

    tenant: str
    role: Role
    name: str
    key_id: str
    agents: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    session: SessionScope | None = None
    bound_address: str = ""

    def speaks_for(self, agent: str) -> bool:
        """Whether it may make calls in the name of `agent`."""
        if self.role is Role.AGENT:
            return agent == self.name
        return self.role is Role.SIDECAR and (agent in self.agents or ANY_AGENT in self.agents)
