"""A second evaluator, slow and plain, that the real one is compared with.

It reads raw policy and catalog documents, walks lists, keeps nothing between calls, and shares nothing with the product
but its words (`gatehold.vocabulary`) and, for conditions, RE2. Every step states the rule that it follows.
"""

import re
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from gatehold.vocabulary import AgentMode, Decision, ReasonCode
from tests.fakes.naive_conditions import Json, Truth, compare, fits, worth

RANK = {"allow": 0, "notify": 1, "require_approval": 2, "block": 3, "off": 3}
DECISION = {0: Decision.ALLOW, 1: Decision.ALLOW, 2: Decision.REQUIRE_APPROVAL, 3: Decision.BLOCK}
STRICTEST_CLASSIFICATION = {
    "trust_tier": "public_protocol",
    "data_sensitivity": "regulated",
    "export_boundary": "public_network",
    "consent_requirement": "case_by_case",
    "retention_class": "user_content",
    "scope": "platform",
    "audience": "internal_only",
}
MATCHER_TYPES = ("verb", "bundle", "provider", "risk_level", "access", "agent", "any", *STRICTEST_CLASSIFICATION)


@dataclass(frozen=True)
class Cause:
    """Something that asks for a decision. `id` is empty where the rules give it none."""

    id: str
    action: str
    code: ReasonCode


@dataclass(frozen=True)
class Outcome:
    """What the rules say of a call. Where they leave a tie open, `causes` holds all that tie."""

    decision: Decision
    risk_level: str
    causes: tuple[Cause, ...]
    obligations: frozenset[tuple[str, str]] = frozenset()
    approvals: frozenset[tuple[Any, ...]] = frozenset()
    shadow: frozenset[tuple[str, Decision]] = frozenset()
    ordinary: frozenset[str] = frozenset()
    overridden: frozenset[str] = frozenset()
    truths: dict[str, bool | None] = field(default_factory=dict)


def decide(catalog: Json, policies: list[Json], call: Json, truth: Truth | None = None) -> Outcome:
    """Decides one call.

    Args:
        catalog: `bundles` and `entries` as a catalog file has them.
        policies: as policy files have them, each with an id.
        call: `verb`, `args`, `context`, `digest`, and `agent` with `id`, `mode` and `attributes`.
        truth: what an atom is worth, in the place of looking at the call.
    """
    # A verb that the catalog lacks blocks, whatever any policy says. So do a pinned digest that the call has not, and
    # arguments against the schema.
    entry = next((entry for entry in catalog["entries"] if entry["verb"] == call["verb"]), None)
    if entry is None:
        return _refused("HIGH", ReasonCode.VERB_UNKNOWN)
    risk = key(entry, "risk_level", "HIGH")
    pin = key(entry, "definition_digest", "")
    if pin and pin != call["digest"]:
        return _refused(risk, ReasonCode.TOOL_DEFINITION_MISMATCH)
    if not fits(key(entry, "args_schema", {}), call["args"]):
        return _refused(risk, ReasonCode.ARGS_SCHEMA_VIOLATION)

    subject = facts(catalog, entry, call)
    speaking = [p for p in policies if p.get("enabled", True) and speaks(p, subject)]
    truths = {p["id"]: worth(p, truth or (lambda atom: compare(atom, call))) for p in speaking}
    alive = [p for p in speaking if truths[p["id"]] is not False]
    enforced = [p for p in alive if p.get("mode", "enforce") == "enforce"]
    ordinary = [p for p in enforced if not p.get("mandatory", False)]
    mandatory = [p for p in enforced if p.get("mandatory", False)]

    # What a true, narrower policy overrides is out; of the rest the most restrictive wins, the smaller id among equals.
    built_in = default(catalog, entry, risk)
    true = [p for p in ordinary if truths[p["id"]] is True]
    standing = [p for p in ordinary if not any(overrides(q, p, subject) for q in true)]
    contest = [cause(p, truths) for p in standing]
    if not any(overrides_default(q, built_in, subject) for q in true):
        contest.append(built_in)
    level = max(RANK[c.action] for c in contest)
    winner = min((c for c in contest if RANK[c.action] == level), key=lambda c: c.id)

    # The result is the more restrictive of the winner and the floors; on a tie the rules name none of them.
    floors = [cause(p, truths) for p in mandatory] + other_floors(entry, call)
    level = max(RANK[c.action] for c in [winner, *floors])
    return Outcome(
        decision=DECISION[level],
        risk_level=risk,
        causes=tuple(c for c in [winner, *floors] if RANK[c.action] == level),
        # Every notify policy that is true or unknown obliges, whatever wins.
        obligations=frozenset((p["id"], "notification") for p in enforced if action(p)["type"] == "notify"),
        # Every standing candidate and every mandatory policy that asks for approval has its requirements met.
        approvals=frozenset(requirement(p) for p in standing + mandatory if action(p)["type"] == "require_approval"),
        # A policy in shadow is recorded as what it would have done, and never applied.
        shadow=frozenset(
            (p["id"], DECISION[RANK[action(p)["type"]]]) for p in alive if p.get("mode", "enforce") == "shadow"
        ),
        ordinary=frozenset(p["id"] for p in ordinary),
        overridden=frozenset(p["id"] for p in ordinary if p not in standing),
        truths=truths,
    )


def _refused(risk: str, code: ReasonCode) -> Outcome:
    return Outcome(Decision.BLOCK, risk, (Cause("", "block", code),))


def default(catalog: Json, entry: Json, risk: str) -> Cause:
    """Hardened asks for approval; else the bundle's default; else LOW allows, MEDIUM asks, HIGH blocks."""
    if entry.get("hardened", False):
        return Cause("builtin.", "require_approval", ReasonCode.HARDENED)
    for bundle in catalog["bundles"]:
        permission = key(bundle, "default_permission", None)
        if bundle["name"] == entry.get("bundle") and permission:
            word = {"auto": "allow", "approval": "require_approval", "off": "off"}[permission]
            return Cause("builtin.", word, ReasonCode.DEFAULT_BUNDLE)
    word = {"LOW": "allow", "MEDIUM": "require_approval", "HIGH": "block"}[risk]
    return Cause("builtin.", word, ReasonCode.DEFAULT_RISK)


def other_floors(entry: Json, call: Json) -> list[Cause]:
    """Hardened: at least approval. chat_only: block. permission: at least approval for a write. autonomous: none."""
    mode, floors = call["agent"]["mode"], []
    if entry.get("hardened", False):
        floors.append(Cause("", "require_approval", ReasonCode.HARDENED))
    if mode == AgentMode.CHAT_ONLY:
        floors.append(Cause("", "block", ReasonCode.AGENT_CHAT_ONLY))
    if mode == AgentMode.PERMISSION and key(entry, "access", "write") == "write":
        floors.append(Cause("", "require_approval", ReasonCode.AGENT_PERMISSION_MODE))
    return floors


def cause(policy: Json, truths: dict[str, bool | None]) -> Cause:
    """An unknown policy counts with its action, like a true one."""
    code = ReasonCode.CONDITION_UNKNOWN if truths[policy["id"]] is None else ReasonCode.POLICY
    return Cause(policy["id"], action(policy)["type"], code)


def action(policy: Json) -> Json:
    """A bare word is the action's type."""
    return {"type": policy["action"]} if isinstance(policy["action"], str) else policy["action"]


def requirement(policy: Json) -> tuple[Any, ...]:
    """Any one approver within 30 minutes, where the policy says nothing else."""
    asked = action(policy)
    minutes = int(str(asked.get("decideBy", 30)).rstrip("m"))
    groups, options = tuple(asked.get("groups", ())), ("justification", "separation")
    return (policy["id"], groups, asked.get("count", 1), minutes, *(asked.get(name, False) for name in options))


# Matching and narrowness


def facts(catalog: Json, entry: Json, call: Json) -> dict[str, str]:
    """What matchers compare, by their type. What a catalog entry leaves out has its strictest value."""
    classification = entry.get("classification", {})
    said = {name: key(classification, name, strictest) for name, strictest in STRICTEST_CLASSIFICATION.items()}
    return {
        **said,
        "verb": call["verb"],
        "provider": call["verb"].split(":")[0],
        "bundle": entry.get("bundle") or "",
        "risk_level": key(entry, "risk_level", "HIGH"),
        "access": key(entry, "access", "write"),
        "agent": call["agent"]["id"],
        "any": "",
    }


def matchers(policy: Json) -> list[tuple[str, str]]:
    """Either a list of matchers, or keys of the policy itself."""
    listed = [(m["type"], m.get("value", "")) for m in key(policy, "verb_matchers", [])]
    return listed or [(t, key(policy, t, "")) for t in MATCHER_TYPES if key(policy, t, "")]


def hits(kind: str, value: str, subject: dict[str, str]) -> bool:
    """A verb is exact or a glob whose stars stay on their side of the colon; the rest is compared exactly."""
    if kind == "any":
        return True
    return within(subject["verb"], value) if kind == "verb" else subject[kind] == value


def within(inner: str, outer: str) -> bool:
    """Every verb of the pattern `inner` is one of `outer`: only a star of `outer` takes a star of `inner`."""
    halves = zip(inner.split(":"), outer.split(":"), strict=True)
    return all(re.fullmatch(".*".join(map(re.escape, o.split("*"))), i) for i, o in halves)


def speaks(policy: Json, subject: dict[str, str]) -> bool:
    """Matchers of one type are alternatives; those of different types must all hold."""
    return all(
        any(hits(kind, value, subject) for k, value in matchers(policy) if k == kind) for kind, _ in matchers(policy)
    )


def ways(policy: Json, subject: dict[str, str]) -> list[list[tuple[str, str]]]:
    """One alternative of each type, in every combination; only those that matched the call.

    Provider p is the verb pattern p:*, and any, which is *:*, asks nothing.
    """
    by_type: dict[str, list[tuple[str, str]]] = {}
    for kind, value in matchers(policy):
        if hits(kind, value, subject):
            asked = ("verb", f"{value}:*") if kind == "provider" else (kind, value)
            by_type.setdefault(kind, []).append(asked)
    return [[(k, v) for k, v in way if k != "any" and v != "*:*"] for way in product(*by_type.values())]


def exact(way: list[tuple[str, str]]) -> bool:
    """It names the call's very verb."""
    return any(kind == "verb" and "*" not in value for kind, value in way)


def at_least_as_narrow(p: list[tuple[str, str]], q: list[tuple[str, str]]) -> bool:
    """Every matcher type of q is in p, no wider. An exact verb is narrower than all that is said of verbs."""
    return all(
        (exact(p) and kind != "agent")
        or any(k == kind and (within(mine, wide) if kind == "verb" else mine == wide) for k, mine in p)
        for kind, wide in q
    )


def overrides(p: Json, q: Json, subject: dict[str, str]) -> bool:
    """P, which is true, is narrower than Q; or neither is the narrower one, and only P has conditions.

    A policy with alternatives is worth one policy for each: P takes any of its own, and needs to beat all of Q's.
    """
    decisive = "conditions" in p and "conditions" not in q
    return all(
        any(
            at_least_as_narrow(mine, theirs) and (decisive or not at_least_as_narrow(theirs, mine))
            for mine in ways(p, subject)
        )
        for theirs in ways(q, subject)
    )


def overrides_default(p: Json, built_in: Cause, subject: dict[str, str]) -> bool:
    """Any true policy does, but the HIGH default only one that names an exact verb, a bundle or risk level HIGH."""
    if (built_in.code, built_in.action) != (ReasonCode.DEFAULT_RISK, "block"):
        return True
    return any(exact(way) or any(kind in ("bundle", "risk_level") for kind, _ in way) for way in ways(p, subject))


def key(document: Json, name: str, otherwise: Any) -> Any:
    """Keys are camelCase or snake_case."""
    head, *rest = name.split("_")
    return document.get(head + "".join(map(str.capitalize, rest)), document.get(name, otherwise))
