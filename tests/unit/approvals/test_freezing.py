"""What is frozen is what was asked for, and comes back as that."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatehold.digest import canonical, digest, parse_object
from gatehold.vocabulary import Decision, ReasonCode, RiskLevel
from pdp.approvals.freezing import Frozen, blocks, decide, freeze, thaw
from pdp.model import Call, Verdict
from pdp.sealing import CannotOpen, Sealer
from tests.unit.approvals.world import AGENTS, ONCE, SECRET, World, gate

SEALER = Sealer([b"k" * 32])
PLACE = ("acme", "id-1")
_names = st.sampled_from(["a", "b", "é", "\u2028", "𝄞", '"', "\n"])
_numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2.0**53) + 1, 2.0**53 - 1)
_json: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | _numbers | _names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=10,
)
_objects = st.dictionaries(_names, _json, max_size=3)


@given(_objects, _objects)
def test_what_is_frozen_has_the_same_digest_when_it_comes_back(
    args: dict[str, object], context: dict[str, object]
) -> None:
    args, context = parse_object(json.dumps(args), "args"), parse_object(json.dumps(context), "context")
    back = thaw(SEALER.seal(Frozen(args, context).text, *PLACE), SEALER, *PLACE)
    assert (digest(back.args), digest(back.context)) == (digest(args), digest(context))
    assert (canonical(back.args), canonical(back.context)) == (canonical(args), canonical(context))


def test_what_was_frozen_for_one_approval_is_of_no_use_in_another() -> None:
    sealed = SEALER.seal(Frozen({"a": 1}, {}).text, *PLACE)
    for place in (("acme", "id-2"), ("globex", "id-1")):
        with pytest.raises(CannotOpen):
            thaw(sealed, SEALER, *place)


def test_why_each_policy_asks_is_kept_with_what_it_compared(world: World) -> None:
    over = {"conditions": [{"field": "args.amount", "operator": "greater", "value": 100}]}
    large = {**gate(ONCE, "large", reason="It is much.", groups=["finance"], count=2, decideBy="20m"), **over}
    strict = {**gate(ONCE, "strict", justification=True, separation=True), "mandatory": True}
    configuration = world.configurations[world.tenant(large, strict)]
    call = Call(AGENTS["dev"], ONCE, {"amount": 250, "card": SECRET}, {"ticket": 7})
    frozen = freeze(configuration, call, decide(configuration, call), SEALER, *PLACE)
    first, second = frozen.requirements
    assert (first.policy, first.reason, first.conditions) == (
        "large",
        "It is much.",
        ("args.amount greater 100 is true",),
    )
    assert (first.groups, first.count) == (("finance",), 2)
    assert (second.policy, second.justification_required, second.separation) == ("strict", True, True)
    assert second.reason and not second.conditions
    assert frozen.decide_within_us == 20 * 60 * 1_000_000, "the shortest of them"
    assert (frozen.args_digest, frozen.context_digest) == (digest(call.args), digest(call.context))
    assert json.loads(frozen.shown_args) == {"amount": 250, "card": "[redacted]"}
    assert json.loads(frozen.shown_context) == {"ticket": 7}
    assert frozen.revision == configuration.revision and {one.policy for one in frozen.trace} >= {"large", "strict"}
    assert SECRET not in repr(frozen)


def test_of_a_long_trace_what_speaks_to_the_call_is_kept(world: World) -> None:
    never = [{"field": "args.n", "operator": "less", "value": 0}]
    silent = [{**gate(ONCE, f"a{number}", type="block"), "conditions": never} for number in range(300)]
    configuration = world.configurations[world.tenant(*silent, gate(ONCE, "z-asks"))]
    call = Call(AGENTS["dev"], ONCE, {"n": 1}, {})
    frozen = freeze(configuration, call, decide(configuration, call), SEALER, *PLACE)
    assert len(frozen.trace) == 200 and frozen.trace[0].policy == "z-asks"


@pytest.mark.parametrize(
    ("decision", "blocked"),
    [(Decision.ALLOW, False), (Decision.REQUIRE_APPROVAL, False), (Decision.BLOCK, True), ("unheard of", True)],
)
def test_what_is_neither_allowed_nor_asked_for_blocks(decision: Decision, blocked: bool) -> None:
    assert blocks(Verdict(decision, RiskLevel.LOW, "", ReasonCode.POLICY, "p")) is blocked
