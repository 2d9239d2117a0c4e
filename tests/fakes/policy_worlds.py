"""Catalogs, agents, policies and calls, made so that overrides, unknowns and floors really happen.

Everything is chosen by a `random.Random`: a seeded one makes the same worlds every time, and Hypothesis' one lets it
search among them and shrink what it finds.
"""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gatehold.vocabulary import AgentMode
from pdp.catalog.catalog import Catalog
from pdp.catalog.load import load_catalog
from pdp.configuration import Configuration
from pdp.model import Agent, Call
from pdp.policy.load import load_policies
from pdp.policy.policy_set import PolicySet
from tests.fakes.policy_conditions import alike, any_condition, any_object
from tests.fakes.policy_matchers import PROVIDERS, TOOLS, any_matchers

Json = dict[str, Any]

IDS = ("a", "a-1", "b", "b.c", "builtin", "builtin-x", "c", "d", "k", "m", "p", "q", "x", "y", "z")
PIN = "ab" * 32
SCHEMA = {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "number"}}}
DIMENSIONS = {
    "trust_tier": ("native", "public_protocol"),
    "data_sensitivity": ("public", "regulated"),
    "scope": ("project", "platform"),
}
ACTIONS = ("allow", "allow", "notify", "require_approval", "require_approval", "block", "off")


@dataclass
class World:
    """One tenant: its catalog, policies and agents as documents, and what the product makes of them."""

    catalog: Json
    policies: list[Json]
    agents: list[Json]
    compiled: Configuration = field(init=False, repr=False)

    def __post_init__(self) -> None:
        loaded = load_catalog([("catalog.json", json.dumps(self.catalog))])
        policies = load_policies([(json.dumps(self.policies), "policies.json")])
        # Where a policy has no id, the product derives one, and no rule says how.
        self.policies = [{**raw, "id": policy.id} for raw, policy in zip(self.policies, policies, strict=True)]
        catalog = Catalog.of(loaded.entries, loaded.bundles)
        agents = {raw["id"]: agent(raw) for raw in self.agents}
        self.compiled = Configuration("tenant", 1, catalog, PolicySet.of(policies), agents)


def any_world(rng: Random) -> World:
    """A tenant with up to two dozen policies, most of which speak to one of its verbs."""
    bundles = [{"name": name, "default_permission": any_permission(rng)} for name in ("money", "files")]
    verbs = [f"{provider}:{tool}" for provider in PROVIDERS for tool in TOOLS]
    entries = [any_entry(rng, verb) for verb in rng.sample(verbs, rng.randint(1, 4))]
    agents = [any_agent(rng, name) for name in ("alpha", "beta")]
    ids = rng.sample(IDS, rng.choice((0, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12)))
    policies = [any_policy(rng, name, entries[0], agents[0]["id"]) for name in ids]
    if rng.randrange(8) == 0:
        policies += crowd(rng, entries[0]["verb"])
    return World({"bundles": bundles, "entries": entries}, policies, agents)


def any_permission(rng: Random) -> str | None:
    """Of a bundle."""
    return rng.choice((None, None, "auto", "approval", "off"))


def any_entry(rng: Random, verb: str) -> Json:
    """What it leaves out has its strictest value."""
    entry: Json = {"verb": verb}
    optional = {
        "risk_level": (90, ("LOW", "MEDIUM", "HIGH", "HIGH")),
        "access": (80, ("read", "write")),
        "bundle": (50, ("money", "files")),
        "hardened": (20, (True, True, False)),
        "definition_digest": (4, (PIN,)),
        "args_schema": (4, (SCHEMA,)),
    }
    for name, (percent, values) in optional.items():
        if rng.randrange(100) < percent:
            entry[name] = rng.choice(values)
    said = {name: rng.choice(values) for name, values in DIMENSIONS.items() if rng.randrange(100) < 50}
    return {**entry, "classification": said} if said else entry


def any_agent(rng: Random, name: str) -> Json:
    """Mostly autonomous, because the other modes hide what the policies say."""
    modes = (*[AgentMode.AUTONOMOUS] * 6, *[AgentMode.PERMISSION] * 3, AgentMode.CHAT_ONLY)
    return {"id": name, "mode": rng.choice(modes).value, "attributes": any_object(rng, ("team", "limit"))}


def any_policy(rng: Random, name: str, entry: Json, agent_id: str) -> Json:
    """In any of the forms that load."""
    # The id that is derived of a policy without one tells it from others by what it says.
    policy: Json = {"id": name} if rng.randrange(100) < 85 else {"description": f"Called {name} elsewhere."}
    policy |= any_matchers(rng, entry, agent_id)
    if rng.randrange(100) < 55:
        policy["conditions"] = [any_condition(rng, 0) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    kind = rng.choice(ACTIONS)
    policy["action"] = kind if rng.randrange(100) < 50 else any_action(rng, kind)
    if kind != "allow" and rng.randrange(100) < 15:
        policy["mandatory"] = True
    if rng.randrange(100) < 10:
        policy["enabled"] = rng.choice((True, False, False))
    if rng.randrange(100) < 15:
        policy["mode"] = rng.choice(("enforce", "shadow", "shadow"))
    return policy


def crowd(rng: Random, verb: str) -> list[Json]:
    """Policies on one verb that all compare the same one or two fields, so that looking them up pays."""
    kinds = (rng.randrange(8), rng.randrange(8))
    policies: list[Json] = []
    for number in range(rng.choice((6, 9, 12))):
        conditions = [alike(rng, rng.choice(kinds))]
        if rng.randrange(3) == 0:
            conditions.append(any_condition(rng, 2))
        policies.append(
            {"id": f"crowd-{number}", "verb": verb, "conditions": conditions, "action": rng.choice(ACTIONS)}
        )
        if rng.randrange(4) == 0 and policies[-1]["action"] != "allow":
            policies[-1]["mandatory"] = True
    return policies


def any_action(rng: Random, kind: str) -> Json:
    """With the options of its type."""
    action: Json = {"type": kind, "reason": "Because."}
    if kind == "notify":
        action["properties"] = {"channel": rng.choice(("mail", "chat"))}
    if kind == "require_approval":
        options = {"groups": ["finance"], "count": 2, "decideBy": "15m", "justification": True, "separation": True}
        action |= {name: value for name, value in options.items() if rng.randrange(100) < 40}
    return action


def any_call(rng: Random, world: World) -> Json:
    """Mostly of the verb and agent that the policies were made for; fields are missing, null or of a wrong type."""
    entries = world.catalog["entries"]
    chance = rng.randrange(100)
    verb = entries[0]["verb"] if chance < 80 else rng.choice(entries)["verb"] if chance < 98 else "s:none"
    who = world.agents[0] if rng.randrange(100) < 80 else rng.choice((*world.agents, stranger()))
    return {
        "verb": verb,
        "args": any_object(rng, ("amount", "currency", "items", "note", "flag")),
        "context": any_object(rng, ("ip", "amount")),
        "digest": rng.choice((PIN, PIN, PIN, "cd" * 32, "")),
        "agent": who,
    }


def stranger() -> Json:
    """An agent that nobody registered may be asked for at every write, and has no attributes."""
    return {"id": "stranger", "mode": "permission", "attributes": {}}


def agent(raw: Json) -> Agent:
    """As the product has it."""
    return Agent(raw["id"], AgentMode(raw["mode"]), raw["attributes"])


def call(raw: Json) -> Call:
    """As the product has it."""
    return Call(agent(raw["agent"]), raw["verb"], raw["args"], raw["context"], raw["digest"])
