"""Conditions over few fields, and objects in which those fields are missing, null or of a wrong type."""

import copy
from random import Random
from typing import Any

Json = dict[str, Any]

DECOMPOSED = "cafe\u0301"  # not NFC-normalised
RIGHT: dict[str, tuple[Any, ...]] = {
    "amount": (99, 100, 100.0, 101, 250, 0, -1),
    "currency": ("EUR", "USD", "eur", "caf\u00e9"),
    "items": ([], ["x"], ["x", "y"], [{"price": 5}], [{"price": 50, "a.b": "x"}, "x"]),
    "note": ({"kind": "gift"}, {"kind": "loan", "text": ""}, {}),
    "flag": (True, False),
    "ip": ("10.0.0.1", "192.168.1.1"),
    "team": ("billing", "support"),
    "limit": (100, 1000),
}
WRONG: tuple[Any, ...] = (
    "250",
    1,
    True,
    None,
    None,
    [],
    {},
    ["x", 1, None, {}],
    {"kind": 3},
    [{"price": "5"}],
    DECOMPOSED,
)
ON_AGENT: tuple[Json, ...] = (
    {"field": "agent.team", "operator": "equals", "value": "billing"},
    {"field": "agent.limit", "operator": "less", "value": 500},
)
ATOMS: tuple[Json, ...] = (
    {"field": "args.amount", "operator": "greater", "value": 100},
    {"field": "args.amount", "operator": "greater", "value": 100},
    {"field": "args.amount", "operator": "less_or_equal", "value": 100},
    {"field": "args.amount", "operator": "equals", "value": 100},
    {"field": "args.amount", "operator": "not_equals", "value": 1},
    {"field": "args.amount", "operator": "in", "value": [99, 101, "250", True]},
    {"field": "args.amount", "operator": "exists"},
    {"field": "args.currency", "operator": "equals", "value": "EUR"},
    {"field": "args.currency", "operator": "not_in", "value": ["EUR", "caf\u00e9"]},
    {"field": "args.currency", "operator": "matches", "value": "[A-Z]{3}"},
    {"field": "args.currency", "operator": "starts_with", "value": "caf"},
    {"field": "args.currency", "operator": "exists", "value": False},
    {"field": "args.items", "operator": "contains", "value": "x"},
    {"field": "args.items[0].price", "operator": "greater_or_equal", "value": 50},
    {"field": 'args.items[0]["a.b"]', "operator": "equals", "value": "x"},
    {"field": "size(args.items)", "operator": "less", "value": 2},
    {"field": "args.note.kind", "operator": "in", "value": ["gift", "loan"]},
    {"field": "args.note.kind", "operator": "ends_with", "value": "t"},
    {"field": "args.note.kind", "operator": "equals", "value": None},
    {"field": "args.flag", "operator": "equals", "value": True},
    {"field": "args.flag", "operator": "not_equals", "value": None},
    {"field": "context.ip", "operator": "starts_with", "value": "10."},
    {"field": "context.amount", "operator": "greater", "value": 100},
    *ON_AGENT,
)


def any_condition(rng: Random, depth: int, atoms: tuple[Json, ...] = ATOMS) -> Json:
    """Three levels of all, any and not at most."""
    chance = rng.randrange(100)
    if depth == 3 or chance < 60:
        return dict(rng.choice(atoms))
    if chance < 75:
        return {"not": any_condition(rng, depth + 1, atoms)}
    parts = [any_condition(rng, depth + 1, atoms) for _ in range(rng.randint(1, 3))]
    return {"all" if chance < 87 else "any": parts}


def alike(rng: Random, kind: int) -> Json:
    """One of many comparisons of a kind: of one field, in one way, with values that neighbour each other."""
    operator = ("greater", "greater_or_equal", "less", "less_or_equal", "equals", "in", "equals", "in")[kind]
    name = "amount" if kind < 6 else "currency"
    value: Any = rng.choice((*RIGHT[name], 99.5) if kind < 6 else RIGHT[name])
    return {
        "field": f"args.{name}",
        "operator": operator,
        "value": [value, *RIGHT[name][:2]] if kind in (5, 7) else value,
    }


def any_object(rng: Random, names: tuple[str, ...]) -> Json:
    """Each field right, wrong or missing."""
    found = {}
    for name in names:
        chance = rng.randrange(100)
        if chance < 85:
            found[name] = copy.deepcopy(rng.choice(RIGHT[name] if chance < 70 else WRONG))
    return found
