"""What a sidecar is told it may reuse."""

import json

import pytest

from gatehold.conditions import EVALUATOR_VERSION
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from gatehold.v1.reuse_pb2 import ReuseMode
from pdp import evaluate as evaluate_room
from pdp.configuration import Configuration
from pdp.fleet.registry import Snapshot
from pdp.store.model import StoredConfiguration
from pdp.transport import settled as settled_room
from pdp.transport.settled import Settlements

NONE, EXACT, ATOMS = ReuseMode.REUSE_MODE_NONE, ReuseMode.REUSE_MODE_EXACT, ReuseMode.REUSE_MODE_ATOMS


def policy(name: str, verb: str, action: str, *conditions: dict, **fields: object) -> dict:
    matcher = [{"type": "verb", "value": verb}]
    return {"id": name, "verbMatchers": matcher, "action": {"type": action}, **fields} | (
        {"conditions": list(conditions)} if conditions else {}
    )


def greater(field: str, value: float) -> dict:
    return {"field": field, "operator": "greater", "value": value}


def entry(verb: str, risk: str, **fields: object) -> dict:
    return {"verb": verb, "risk_level": risk, **fields}


POLICIES = [
    policy("open", "t:high", "allow"),
    policy("gate", "t:low", "require_approval", greater("args.amount", 100), greater("agent.level", 3)),
    policy("many", "t:many", "block", *[greater(f"args.a{n}", n) for n in range(33)][:32]),
    policy("more", "t:many", "block", *[greater(f"args.b{n}", n) for n in range(33)][:32]),
    policy("most", "t:many", "block", greater("args.c", 1)),
    policy("watch", "t:low", "block", greater("context.risk", 5), mode="shadow"),
]
ENTRIES = [
    entry("t:low", "LOW", sensitive_args=["card.number"]),
    entry("t:medium", "MEDIUM"),
    entry("t:high", "HIGH"),
    entry("t:blocked", "HIGH"),
    entry("t:many", "LOW"),
    entry("t:schema", "LOW", args_schema={"type": "object"}),
    entry("t:pinned", "LOW", definition_digest="a" * 64),
]


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    catalog = json.dumps({"bundles": [], "entries": ENTRIES})
    agents = json.dumps([{"id": "dev", "mode": "autonomous", "attributes": {"level": 5}, "owner": ""}])
    return Snapshot.load(StoredConfiguration("t", 7, json.dumps(POLICIES), catalog, agents, epoch=9)).configuration


def reuse_of(configuration: Configuration, verb: str, args: str = "{}", explain: bool = False):
    request = EvaluateRequest(verb=verb, args_json=args, explain=explain)
    return Settlements(configuration).settle("dev", request, to_sidecar=True).response.reuse


@pytest.mark.parametrize(
    ("verb", "mode", "seconds"),
    [
        ("t:low", ATOMS, 300),
        ("t:medium", ATOMS, 60),
        ("t:high", NONE, 0),  # an allow on a HIGH verb
        ("t:blocked", ATOMS, 60),
        ("t:many", EXACT, 300),  # 65 comparisons
        ("t:schema", EXACT, 300),
        ("t:pinned", ATOMS, 300),
        ("t:unknown", ATOMS, 60),
    ],
)
def test_mode_and_age(configuration: Configuration, verb: str, mode: int, seconds: int) -> None:
    reuse = reuse_of(configuration, verb)
    assert (reuse.mode, reuse.max_age.seconds) == (mode, seconds)
    assert reuse.HasField("max_age") is (mode != NONE)
    assert reuse.evaluator_version == (0 if mode == NONE else EVALUATOR_VERSION)
    assert reuse.epoch == (0 if mode == NONE else 9)


def test_atoms_leave_the_agent_out_and_count_shadow_policies_in(configuration: Configuration) -> None:
    reuse = reuse_of(configuration, "t:low", '{"amount": 1}')
    assert [(atom.field, atom.operator, atom.value_json) for atom in reuse.atoms] == [
        ("args.amount", "greater", "100"),
        ("context.risk", "greater", "5"),
    ]
    assert list(reuse.sensitive_args) == ["card.number"]
    assert [(one.policy, one.decision) for one in reuse.shadow] == [("watch", 3)]  # unknown counts as if it held


def test_an_explanation_is_of_one_call(configuration: Configuration) -> None:
    assert reuse_of(configuration, "t:low", explain=True).mode == NONE


def test_of_an_unknown_verb_no_argument_is_harmless(configuration: Configuration) -> None:
    assert list(reuse_of(configuration, "t:unknown").sensitive_args) == ["[*]"]


def test_a_failed_evaluation_blocks_and_is_neither_reused_nor_remembered(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    settlements, request = Settlements(configuration), EvaluateRequest(verb="t:low", args_json='{"amount": 1}')

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(evaluate_room, "decide", fail)
    response = settlements.settle("dev", request, to_sidecar=True).response
    assert (response.decision, response.reuse.mode) == (3, NONE)
    monkeypatch.undo()
    assert settlements.settle("dev", request, to_sidecar=True).verdict.reason_code != "evaluation_error"


def test_the_same_words_are_decided_once_and_others_anew(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    settlements, calls = Settlements(configuration), []

    def counted(*arguments: object):
        calls.append(arguments)
        return evaluate_room.evaluate(*arguments)

    monkeypatch.setattr(settled_room, "evaluate", counted)
    fields = {"verb": "t:pinned", "args_json": '{"amount": 1}', "context_json": "{}", "tool_definition_digest": "b"}

    def settle(agent: str = "dev", to_sidecar: bool = True, **changed: object):
        return settlements.settle(agent, EvaluateRequest(**fields | changed), to_sidecar)

    first = settle()
    assert settle() is first and len(calls) == 1
    assert settle(on_behalf_of="ann", request_id="7", intent=2) is first
    different = [
        settle("other"),
        settle(to_sidecar=False),
        settle(verb="t:low"),
        settle(args_json='{"amount": 2}'),
        settle(context_json='{"a": 1}'),
        settle(tool_definition_digest="a" * 64),
        settle(explain=True),
    ]
    assert len({id(one) for one in [first, *different]}) == 8 and len(calls) == 8
    assert settle(explain=True).verdict.trace is not None and settle() is first


def test_what_is_remembered_is_bounded(configuration: Configuration) -> None:
    settlements = Settlements(configuration)
    for amount in range(1_100):
        settlements.settle("dev", EvaluateRequest(verb="t:medium", args_json=f'{{"a": {amount}}}'), True)
    kept = settlements.__dict__["_settled"]
    assert 0 < len(kept) <= 1_024
    long = EvaluateRequest(verb="t:medium", args_json='{"a": "' + "x" * 5_000 + '"}')
    assert settlements.settle("dev", long, True) is not settlements.settle("dev", long, True)


def test_only_responses_that_can_be_asked_for_again_are_kept(configuration: Configuration) -> None:
    settlements = Settlements(configuration)

    def kept() -> int:
        return len(settlements.__dict__["_answers"].__dict__["_made"])

    for number in range(20):
        args = f'{{"a": {number}}}'
        settlements.settle("dev", EvaluateRequest(verb="t:medium", args_json=args, explain=True), True)
        settlements.settle("dev", EvaluateRequest(verb="t:unknown", args_json=args), True)
    assert kept() == 0
    for number in range(20):
        settlements.settle("dev", EvaluateRequest(verb="t:medium", args_json=f'{{"b": {number}}}'), True)
    assert kept() == 1


@pytest.mark.parametrize("count", [65, 1_000])
def test_a_response_that_says_much_is_not_kept(count: int) -> None:
    notes = [policy(f"note{n}", "t:low", "notify", greater("args.amount", 0)) for n in range(count)]
    catalog = json.dumps({"bundles": [], "entries": ENTRIES})
    settlements = Settlements(
        Snapshot.load(StoredConfiguration("t", 7, json.dumps(notes), catalog, "[]")).configuration
    )
    request = EvaluateRequest(verb="t:low", args_json='{"amount": 1}')
    assert len(settlements.settle("dev", request, True).response.obligations) == count
    assert not settlements.__dict__["_answers"].__dict__["_made"]
    assert len(settlements.__dict__["_settled"]) == (1 if count == 65 else 0)
