"""A tenant's configuration as objects, and as the documents that are stored."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gatehold.digest import canonical
from gatehold.digest.limits import MAX_NUMBER
from gatehold.vocabulary import AgentMode
from pdp.catalog.catalog import shipped
from pdp.catalog.model import Bundle, CatalogEntry
from pdp.configuration import Configuration
from pdp.model import Agent
from pdp.policy.emit import emit
from pdp.policy.form import PolicyForm
from pdp.policy.model import Policy
from pdp.policy.policy_set import PolicySet
from pdp.store.model import ObjectChange, StoredConfiguration


@dataclass(frozen=True, slots=True)
class RegisteredAgent:
    """An agent as an administrator registered it. `owner` is empty where nobody is named."""

    agent: Agent
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a tenant's administrators configured; what comes with the product is not in it.

    Attributes:
        policies: by id.
        bundles: the tenant's own, by name.
        entries: the tenant's own, by verb.
        agents: by id.
    """

    policies: Mapping[str, Policy]
    bundles: Mapping[str, Bundle]
    entries: Mapping[str, CatalogEntry]
    agents: Mapping[str, RegisteredAgent]


@dataclass(frozen=True, slots=True)
class Documents:
    """The same as text: for each object its RFC 8785 form, by kind and then by id, in order of id."""

    policies: Mapping[str, str]
    bundles: Mapping[str, str]
    entries: Mapping[str, str]
    agents: Mapping[str, str]

    @classmethod
    def of(cls, content: Content) -> "Documents":
        """The canonical form of every object."""
        return cls(
            policies=_texts((policy.id, emit(policy)) for policy in content.policies.values()),
            bundles=_texts((bundle.name, bundle.to_document()) for bundle in content.bundles.values()),
            entries=_texts((entry.verb, entry.to_document()) for entry in content.entries.values()),
            agents=_texts((one.agent.id, _agent_document(one)) for one in content.agents.values()),
        )

    def stored(self) -> tuple[str, str, str]:
        """Policies, catalog and agents as the store keeps them: canonical JSON too, because their parts are."""
        catalog = f'{{"bundles":{_array(self.bundles)},"entries":{_array(self.entries)}}}'
        return _array(self.policies), catalog, _array(self.agents)

    def changes(self, after: "Documents") -> tuple[ObjectChange, ...]:
        """What differs between these and `after`, object by object."""
        return (
            *_changes("policy", self.policies, after.policies),
            *_changes("bundle", self.bundles, after.bundles),
            *_changes("verb", self.entries, after.entries),
            *_changes("agent", self.agents, after.agents),
        )


def parse(stored: StoredConfiguration) -> Content:
    """The objects of a stored configuration.

    Raises:
        ValueError: a document was written by another release and does not load in this one.
    """
    catalog = _read(stored.catalog)
    policies = [PolicyForm.model_validate(form).policy() for form in _read(stored.policies)]
    bundles = [Bundle.model_validate(document) for document in catalog["bundles"]]
    entries = [CatalogEntry.model_validate(document) for document in catalog["entries"]]
    agents = [_agent(document) for document in _read(stored.agents)]
    return Content(
        policies={policy.id: policy for policy in policies},
        bundles={bundle.name: bundle for bundle in bundles},
        entries={entry.verb: entry for entry in entries},
        agents={one.agent.id: one for one in agents},
    )


def compiled(tenant: str, revision: int, content: Content, epoch: int = 0) -> Configuration:
    """The configuration that decides.

    Raises:
        InvalidInput: an entry names a bundle that nothing defines.
    """
    return Configuration(
        tenant=tenant,
        revision=revision,
        catalog=shipped().overlay(content.entries.values(), content.bundles.values()),
        policies=PolicySet.of(content.policies.values()),
        agents={one.agent.id: one.agent for one in content.agents.values()},
        epoch=epoch,
    )


def _read(text: str) -> Any:
    return json.loads(text, parse_int=_number)


def _number(text: str) -> int | float:
    # RFC 8785 writes a large whole double without an exponent, and no form takes an integer that large.
    number = int(text)
    return number if abs(number) <= MAX_NUMBER else float(text)


def _agent_document(one: RegisteredAgent) -> dict[str, object]:
    agent = one.agent
    return {"id": agent.id, "mode": agent.mode.value, "attributes": dict(agent.attributes), "owner": one.owner}


def _agent(document: Mapping[str, object]) -> RegisteredAgent:
    match document:
        case {"id": str(agent_id), "mode": str(mode), "attributes": dict(attributes), "owner": str(owner)}:
            return RegisteredAgent(Agent(agent_id, AgentMode(mode), attributes), owner)
    raise ValueError("a stored agent is not of the form that this release writes")


def _texts(forms: Iterator[tuple[str, object]]) -> dict[str, str]:
    return {name: canonical(form).decode() for name, form in sorted(forms, key=lambda pair: pair[0])}


def _array(texts: Mapping[str, str]) -> str:
    return f"[{','.join(texts.values())}]"


def _changes(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[ObjectChange]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            yield ObjectChange(f"{kind}/{name}", old, new)
