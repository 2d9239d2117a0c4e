"""The changes that administrators make, as functions from the content in force to the next."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from gatehold.invalid import InvalidInput
from pdp.catalog.catalog import shipped
from pdp.catalog.load import load_catalog
from pdp.fleet.content import Content, RegisteredAgent
from pdp.fleet.errors import NoSuchObject, ObjectExists
from pdp.policy.load import MAX_POLICIES
from pdp.policy.model import Policy

T = TypeVar("T")

Edit = Callable[[Content], Content]
"""From the content in force to the one that is to be. Free of effects."""


def unchanged(content: Content) -> Content:
    """Leaves everything as it is: for a revision that only revokes."""
    return content


def replace_policies(policies: Iterable[Policy]) -> Edit:
    """Puts a whole set in the place of the one there is."""
    by_id = {policy.id: policy for policy in policies}
    return lambda content: replace(content, policies=by_id)


def create_policy(policy: Policy) -> Edit:
    """Adds one. The edit raises ObjectExists, or InvalidInput when there are too many."""

    def edit(content: Content) -> Content:
        if len(content.policies) >= MAX_POLICIES:
            raise InvalidInput("document", f"there are {MAX_POLICIES} policies already")
        return replace(content, policies=_added("policy", content.policies, policy.id, policy))

    return edit


def update_policy(policy: Policy) -> Edit:
    """Replaces the one of its id. The edit raises NoSuchObject."""
    return lambda content: replace(content, policies=_replaced("policy", content.policies, policy.id, policy))


def delete_policy(policy_id: str) -> Edit:
    """Removes one. The edit raises NoSuchObject."""
    return lambda content: replace(content, policies=_removed("policy", content.policies, policy_id))


def create_agent(registered: RegisteredAgent) -> Edit:
    """Registers one. The edit raises ObjectExists."""
    agent_id = registered.agent.id
    return lambda content: replace(content, agents=_added("agent", content.agents, agent_id, registered))


def update_agent(registered: RegisteredAgent) -> Edit:
    """Replaces the one of its id. The edit raises NoSuchObject."""
    agent_id = registered.agent.id
    return lambda content: replace(content, agents=_replaced("agent", content.agents, agent_id, registered))


def delete_agent(agent_id: str) -> Edit:
    """Removes one. The edit raises NoSuchObject."""
    return lambda content: replace(content, agents=_removed("agent", content.agents, agent_id))


def apply_catalog(sources: Iterable[tuple[str, str]], *, merge: bool) -> Edit:
    """Puts the entries and bundles of catalog files over the shipped ones.

    Args:
        sources: name and text of each file.
        merge: keeps the tenant's other own entries and bundles.

    The edit raises InvalidDocuments.
    """
    sources = tuple(sources)

    def edit(content: Content) -> Content:
        kept = content if merge else replace(content, bundles={}, entries={})
        loaded = load_catalog(sources, shipped().bundles.keys() | kept.bundles.keys())
        return replace(
            content,
            bundles={**kept.bundles, **{bundle.name: bundle for bundle in loaded.bundles}},
            entries={**kept.entries, **{entry.verb: entry for entry in loaded.entries}},
        )

    return edit


def _added(kind: str, objects: Mapping[str, T], name: str, value: T) -> dict[str, T]:
    if name in objects:
        raise ObjectExists(f"there is a {kind} {name} already")
    return {**objects, name: value}


def _replaced(kind: str, objects: Mapping[str, T], name: str, value: T) -> dict[str, T]:
    return {**_known(kind, objects, name), name: value}


def _removed(kind: str, objects: Mapping[str, T], name: str) -> dict[str, T]:
    return {key: value for key, value in _known(kind, objects, name).items() if key != name}


def _known(kind: str, objects: Mapping[str, T], name: str) -> Mapping[str, T]:
    if name not in objects:
        raise NoSuchObject(f"there is no {kind} {name}")
    return objects
