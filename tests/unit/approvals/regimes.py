"""Policies that say of an amount what `model.answer` says of it."""

from tests.unit.approvals.world import gate

ANY_VERB = "pay:*"


def _over(amount: int, policy: dict[str, object]) -> dict[str, object]:
    return {**policy, "conditions": [{"field": "args.amount", "operator": "greater", "value": amount}]}


_SMALL = {"field": "args.amount", "operator": "less_or_equal", "value": 100}
FREE = {**gate(ANY_VERB, "free", type="allow"), "conditions": [_SMALL]}
POLICIES: dict[str, list[dict[str, object]]] = {
    "any": [_over(100, gate(ANY_VERB))],
    "two": [_over(100, gate(ANY_VERB, groups=["finance"], count=2))],
    "both": [
        _over(100, gate(ANY_VERB, groups=["finance"])),
        {**_over(100, gate(ANY_VERB, "law", groups=["legal"])), "mandatory": True},
    ],
    "apart": [_over(100, gate(ANY_VERB, separation=True))],
    "never": [_over(100, gate(ANY_VERB, type="block"))],
    "split": [_over(100, gate(ANY_VERB, groups=["legal"])), _over(500, gate(ANY_VERB, "never", type="block"))],
}
