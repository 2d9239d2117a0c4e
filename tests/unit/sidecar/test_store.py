"""What may be kept, for how long, and for whom it may be found again."""

from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration

from gatehold.v1.condition_pb2 import Atom
from gatehold.v1.decision_pb2 import DecisionSource, RiskLevel
from gatehold.v1.reuse_pb2 import Reuse, ReuseMode
from sidecar.cache import Limits, ReuseStore
from sidecar.lease import Lease
from tests.unit.sidecar.calls import (
    ALLOW,
    BLOCK,
    EPOCH,
    HIGH,
    LOW,
    MEDIUM,
    OVER_100,
    Clock,
    answer,
    call,
    grant,
    leased,
    reuse,
)


def filled(clock: Clock, reuse: Reuse, lease: Lease | None = None, **fields: Any) -> ReuseStore:
    store = ReuseStore(lease or leased(clock), clock)
    store.keep(call(), answer(reuse, **fields), clock())
    return store


def test_amounts_on_the_same_side_of_an_atom_share_an_answer() -> None:
    clock = Clock()
    store = filled(clock, reuse())
    assert store.recall(call('{"amount": 101}')) is not None
    assert store.recall(call('{"amount": 99}')) is None
    assert store.recall(call('{"amount": "250"}')) is None
    assert store.recall(call("{}")) is None
    assert (store.hits, store.misses) == (1, 3)


def test_an_exact_answer_is_for_the_same_arguments_and_context_alone() -> None:
    clock = Clock()
    store = filled(clock, reuse(ReuseMode.REUSE_MODE_EXACT))
    assert store.recall(call('{ "amount": 250.0 }')) is not None
    assert store.recall(call('{"amount": 251}')) is None
    assert store.recall(call(context_json='{"a": 1}')) is None


def test_what_is_recalled_is_this_calls_own() -> None:
    clock = Clock()
    store = filled(clock, reuse(), reason="fits")
    first, second = store.recall(call()), store.recall(call())
    assert first is not None and second is not None
    assert first.source == DecisionSource.DECISION_SOURCE_CACHE
    assert len({"decision-1", first.decision_id, second.decision_id}) == 3
    assert first.outcome.reason == "fits"
    assert first.reuse is None


def test_nothing_is_recalled_without_a_live_lease() -> None:
    clock = Clock()
    store = filled(clock, reuse(), leased(clock, seconds=5))
    assert store.recall(call()) is not None
    clock.advance(5)
    assert store.recall(call()) is None


def test_nothing_is_recalled_under_another_revision() -> None:
    clock = Clock()
    lease = leased(clock)
    store = filled(clock, reuse(), lease)
    grant(lease, clock, revision=2)
    assert store.recall(call()) is None


def test_an_answer_is_kept_under_its_own_revision_not_the_leased_one() -> None:
    clock = Clock()
    lease = leased(clock, revision=1)
    store = filled(clock, reuse(), lease, revision=2)
    assert store.recall(call()) is None
    grant(lease, clock, revision=2)
    assert store.recall(call()) is not None


def test_nothing_is_recalled_under_another_store_with_the_same_revision() -> None:
    clock = Clock()
    lease = leased(clock)
    store = filled(clock, reuse(), lease)
    assert store.recall(call()) is not None
    grant(lease, clock, revision=1, epoch=EPOCH + 1)
    assert store.recall(call()) is None
    store.keep(call(), answer(reuse(), epoch=EPOCH + 1, reason="new"), clock())
    found = store.recall(call())
    assert found is not None and found.outcome.reason == "new"


@pytest.mark.parametrize("epoch", [0, -1])
def test_an_answer_of_no_store_is_not_kept(epoch: int) -> None:
    assert len(filled(Clock(), reuse(), epoch=epoch)) == 0


@pytest.mark.parametrize(
    ("risk", "permitted", "seconds"), [(LOW, 3600, 300), (MEDIUM, 3600, 60), (HIGH, 3600, 60), (LOW, 7, 7)]
)
def test_an_answer_ages_by_its_risk_and_by_what_is_permitted(risk: RiskLevel, permitted: int, seconds: int) -> None:
    clock = Clock()
    lease = leased(clock)
    store = filled(clock, reuse(max_age=Duration(seconds=permitted)), lease, risk_level=risk, decision=BLOCK)
    clock.advance(seconds - 0.001)
    grant(lease, clock, revision=1)
    assert store.recall(call()) is not None
    clock.advance(0.001)
    assert store.recall(call()) is None


def test_an_answer_ages_from_before_it_was_asked_for() -> None:
    clock = Clock()
    store = ReuseStore(leased(clock), clock)
    asked_ns = clock()
    clock.advance(7)
    store.keep(call(), answer(reuse(max_age=Duration(seconds=7))), asked_ns)
    assert store.recall(call()) is None


@pytest.mark.parametrize(
    "permission",
    [
        Reuse(),
        reuse(ReuseMode.REUSE_MODE_UNSPECIFIED),
        reuse(ReuseMode.REUSE_MODE_NONE),
        reuse(99),  # type: ignore[arg-type]
        reuse(max_age=None),
        reuse(max_age=Duration(seconds=0)),
        reuse(max_age=Duration(seconds=-1)),
        reuse(evaluator_version=0),
        reuse(evaluator_version=2),
        reuse(ReuseMode.REUSE_MODE_EXACT, evaluator_version=2),
        reuse(atoms=[OVER_100, Atom(field="args.amount", operator="resembles", value_json="1")]),
        reuse(atoms=[Atom(field="amount", operator="greater", value_json="1")]),
        reuse(atoms=[Atom(field="args.amount", operator="greater", value_json="{")]),
        reuse(atoms=[Atom(field="args.amount", operator="greater", value_json='"1"')]),
        reuse(atoms=[Atom(field="agent.team", operator="equals", value_json='"a"')]),
        reuse(atoms=[OVER_100] * 65),
    ],
)
def test_what_is_not_plainly_permitted_is_not_kept(permission: Reuse) -> None:
    store = filled(Clock(), permission)
    assert len(store) == 0
    assert store.recall(call()) is None


def test_an_answer_without_a_permission_is_not_kept() -> None:
    clock = Clock()
    store = ReuseStore(leased(clock), clock)
    store.keep(call(), answer(None), clock())
    assert len(store) == 0


def test_an_allow_on_a_high_verb_is_never_kept_whatever_is_permitted() -> None:
    assert len(filled(Clock(), reuse(), decision=ALLOW, risk_level=HIGH)) == 0
    assert len(filled(Clock(), reuse(), decision=BLOCK, risk_level=HIGH)) == 1


def test_an_unknown_risk_is_not_kept() -> None:
    assert len(filled(Clock(), reuse(), decision=BLOCK, risk_level=0)) == 0


def test_explanations_are_neither_kept_nor_recalled() -> None:
    clock = Clock()
    store = filled(clock, reuse())
    assert store.recall(call(explain=True)) is None
    other = ReuseStore(leased(clock), clock)
    other.keep(call(explain=True), answer(reuse()), clock())
    assert len(other) == 0


def test_findings_of_one_shape_mean_nothing_under_another() -> None:
    clock = Clock()
    store = filled(clock, reuse(), reason="over 100")
    over_1000 = Atom(field="args.amount", operator="greater", value_json="1000")
    store.keep(call('{"amount": 5000}'), answer(reuse(atoms=[over_1000]), reason="over 1000"), clock())
    found = store.recall(call('{"amount": 250}'))
    assert found is None or found.outcome.reason == "over 100"
    found = store.recall(call('{"amount": 5000}'))
    assert found is not None and found.outcome.reason == "over 1000"


def test_the_number_of_kept_answers_is_bounded() -> None:
    clock = Clock()
    store = ReuseStore(leased(clock), clock, Limits(entries=10, shapes=5))
    for number in range(100):
        store.keep(call(verb=f"p:v{number}"), answer(reuse()), clock())
    assert len(store) == 10
    assert len(store._shapes) == 5
