"""Equal outcomes are kept once, others apart, and none longer than its entry."""

import gc
from dataclasses import fields
from typing import Any

import pytest

from gatehold.v1.decision_pb2 import Obligation, ShadowResult
from sidecar.cache import Limits, ReuseStore
from sidecar.cache.outcomes import Outcomes
from sidecar.model import Outcome
from tests.unit.sidecar.calls import ALLOW, BLOCK, HIGH, LOW, Clock, answer, call, leased, reuse


def notified(text: str = "long " * 1_000, **changed: Any) -> Outcome:
    return answer(None, obligations=(Obligation(id="n", type="notification", properties_json=text),), **changed).outcome


DIFFERENT: dict[str, Any] = {
    "decision": BLOCK,
    "risk_level": HIGH,
    "reason": "other",
    "reason_code": 2,
    "policy_matched": "other",
    "obligations": (Obligation(id="m", type="notification"),),
    "revision": 2,
    "epoch": 9,
    "sensitive_args": None,
    "shadow": (ShadowResult(policy="p", decision=ALLOW),),
}


def test_equal_outcomes_are_one_object() -> None:
    outcomes = Outcomes()
    first, second = notified(), notified()
    assert first is not second
    assert outcomes.shared(first) is outcomes.shared(second) is first


def test_every_field_tells_outcomes_apart() -> None:
    assert set(DIFFERENT) == {field.name for field in fields(Outcome)}
    plain = answer(None, risk_level=LOW).outcome
    for name, value in DIFFERENT.items():
        outcomes = Outcomes()
        assert outcomes.shared(plain) is plain
        other = answer(None, **{name: value}).outcome
        assert outcomes.shared(other) is other, name


@pytest.mark.parametrize("entries", [1, 5])
def test_many_callers_of_one_verb_share_what_was_decided(entries: int) -> None:
    clock = Clock()
    store = ReuseStore(leased(clock), clock, Limits(entries=entries))
    for number in range(10):
        text = "even" if number % 2 == 0 else "odd"
        made = answer(reuse(), obligations=(Obligation(id="n", type="notification", properties_json=text),))
        store.keep(call(on_behalf_of=str(number)), made, clock())
        del made
    gc.collect()
    assert len(store) == entries
    assert len(store._outcomes) == min(entries, 2)
