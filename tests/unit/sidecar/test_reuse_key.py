"""Sharing a key must mean that the decision point would answer the same.

The decision point here is a function of everything that a key stands for. Each component is then left out of the key in
turn, which must let a wrong answer through: so the check notices, and no component is there for nothing.
"""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatehold.v1.condition_pb2 import Atom
from sidecar.cache import ReuseStore, store
from sidecar.cache.key import Key, key_of
from sidecar.cache.shape import Shape, read_shape
from sidecar.model import Answer, Call
from tests.unit.sidecar.calls import OVER_100, Clock, answer, call, grant, leased, reuse

ATOMS = [
    OVER_100,
    Atom(field="args.currency", operator="in", value_json='["EUR", "USD"]'),
    Atom(field="args.note", operator="exists", value_json="true"),
    Atom(field="context.ticket", operator="equals", value_json='"T-1"'),
    Atom(field="size(args.items)", operator="greater", value_json="1"),
]
SHAPE = read_shape(reuse(atoms=ATOMS))
JSON = st.sampled_from(["null", "true", "0", "1", "99", "100", "100.5", '"250"', '"EUR"', '"GBP"', "[]", "[1,2]", "{}"])
FIELDS = st.sampled_from(["amount", "currency", "note", "items"])


def object_text(pairs: dict[str, str]) -> str:
    return "{" + ",".join(f'"{key}":{value}' for key, value in pairs.items()) + "}"


calls = st.builds(
    lambda args, context, subject, intent: call(
        object_text(args), context_json=object_text(context), on_behalf_of=subject, intent=intent
    ),
    st.dictionaries(FIELDS, JSON),
    st.dictionaries(st.just("ticket"), st.sampled_from(['"T-1"', '"T-2"', "1"])),
    st.sampled_from(["", "ann"]),
    st.sampled_from([0, 1, 2]),
)


def truths(of: Call) -> list[bool | None]:
    assert SHAPE is not None and SHAPE.atoms is not None
    return [atom.truth({"args": of.args, "context": of.context}) for atom in SHAPE.atoms]


@given(calls, calls)
def test_two_calls_share_a_key_exactly_when_every_atom_comes_out_the_same(one: Call, other: Call) -> None:
    assert SHAPE is not None
    alike = truths(one) == truths(other) and one.request.on_behalf_of == other.request.on_behalf_of
    alike = alike and (one.request.intent or 1) == (other.request.intent or 1)
    assert (key_of(one, 1, 1, SHAPE) == key_of(other, 1, 1, SHAPE)) is alike


def test_unknown_is_neither_false_nor_true_in_a_key() -> None:
    assert SHAPE is not None
    keys = {key_of(call(args), 1, 1, SHAPE) for args in ['{"amount": 250}', '{"amount": 1}', '{"amount": "250"}']}
    assert len(keys) == 3


VARIANTS: list[dict[str, Any]] = [
    {
        "agent": agent,
        "on_behalf_of": subject,
        "intent": intent,
        "tool_definition_digest": pin,
        "verb": verb,
        "args": args,
    }
    for agent, subject, intent, pin, verb, args in itertools.product(
        ["dev", "ops"], ["", "ann"], [1, 2], ["", "a" * 64], ["p:a", "p:b"], ['{"amount": 250}', '{"amount": 99}']
    )
]


def limit(amount: str) -> Atom:
    return Atom(field="args.amount", operator="greater", value_json=amount)


def decided(of: Call, epoch: int, revision: int, atom: Atom) -> Answer:
    """The decision point, whose decision depends on everything that it may depend on."""
    request, shape = of.request, read_shape(reuse(atoms=[atom]))
    assert shape is not None
    subject = (of.agent, request.on_behalf_of, request.verb, request.intent, request.tool_definition_digest)
    reason = repr((subject, epoch, revision, atom.value_json, shape.findings(of)))
    return answer(reuse(atoms=[atom]), reason=reason, epoch=epoch, revision=revision)


def wrong_answers() -> int:
    """Plays every variant while revision and atoms change; counts recalled answers that no statement made right."""
    clock = Clock()
    lease = leased(clock)
    kept = ReuseStore(lease, clock)
    wrong = 0
    for epoch, revision, stated in [(1, 1, "100"), (1, 1, "1000"), (1, 2, "1000"), (2, 2, "1000")]:
        grant(lease, clock, revision, epoch=epoch)
        for variant in VARIANTS:
            of = call(**variant)
            right = {decided(of, epoch, revision, limit(amount)).outcome.reason for amount in ("100", "1000")}
            recalled = kept.recall(of)
            wrong += recalled is not None and recalled.outcome.reason not in right
            kept.keep(of, decided(of, epoch, revision, limit(stated)), clock())
    return wrong


def test_the_whole_key_lets_no_wrong_answer_through() -> None:
    assert wrong_answers() == 0


@pytest.mark.parametrize("component", Key._fields)
def test_without_any_one_component_a_wrong_answer_gets_through(component: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def partial(of: Call, epoch: int, revision: int, shape: Shape) -> Key:
        missing: dict[str, Any] = {component: None}
        return key_of(of, epoch, revision, shape)._replace(**missing)

    monkeypatch.setattr(store, "key_of", partial)
    assert wrong_answers() > 0
