"""Matchers that mostly fit one verb, so that several policies speak to the same call."""

from random import Random
from typing import Any

Json = dict[str, Any]

PROVIDERS = ("s", "su")
TOOLS = ("pay", "pay_all", "get")
PATTERNS = ("*:*", "s:*", "su:*", "s*:*", "*:pay", "*:pay*", "s:p*", "s:pa*", "s:*a*", "s:*l", "s*:p*y", "su:g*")
OTHERS = {
    "bundle": ("money", "files"),
    "provider": PROVIDERS,
    "risk_level": ("LOW", "MEDIUM", "HIGH"),
    "access": ("read", "write"),
    "agent": ("alpha", "beta"),
    "trust_tier": ("native", "public_protocol"),
    "data_sensitivity": ("public", "regulated"),
    "scope": ("project", "platform"),
}
# Verbs first, because narrowness has most to say of them.
TYPES = (*["verb"] * 7, *["bundle"] * 2, *["provider"] * 3, "any", *OTHERS)


def any_matchers(rng: Random, entry: Json, agent_id: str) -> Json:
    """A list of matchers, or keys of the policy itself; either in one of the spellings."""
    pairs = [any_matcher(rng, entry, agent_id) for _ in range(rng.choice((1, 1, 1, 1, 2, 2, 3, 4)))]
    kinds = [kind for kind, _ in pairs]
    if "any" not in kinds and len(set(kinds)) == len(kinds) and rng.randrange(100) < 50:
        return {spelled(rng, kind): value for kind, value in pairs}
    listed = [{"type": kind, "value": value} if value else {"type": kind} for kind, value in pairs]
    return {spelled(rng, "verb_matchers"): listed}


def any_matcher(rng: Random, entry: Json, agent_id: str) -> tuple[str, str]:
    """Four in five fit the entry and the agent."""
    kind = rng.choice(TYPES)
    if kind == "any":
        return kind, rng.choice(("", "*"))
    fits = rng.randrange(100) < 80
    if kind == "verb":
        verb: str = entry["verb"]
        provider, tool = verb.split(":")
        fitting = (verb, verb, verb, f"{provider}:*", f"{provider}:{tool[:1]}*", f"{provider}:{tool[:2]}*", "*:*")
        return kind, rng.choice(fitting if fits else (*PATTERNS, "s:pay", "su:pay_all"))
    facts = {"agent": agent_id, "provider": entry["verb"].split(":")[0], "risk_level": "HIGH", "access": "write"}
    facts |= {"trust_tier": "public_protocol", "data_sensitivity": "regulated", "scope": "platform"}
    value = {**facts, **entry, **entry.get("classification", {})}.get(kind)
    return kind, value if fits and value else rng.choice(OTHERS[kind])


def spelled(rng: Random, name: str) -> str:
    """camelCase, or snake_case."""
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest)) if rng.randrange(100) < 80 else name
