"""A session can only narrow: it turns calls away that are outside, and changes nothing about those that are inside."""

import dataclasses
import json
from collections import Counter
from random import Random
from typing import Any, cast

import pytest

from gatehold.conditions import Condition
from gatehold.vocabulary import Decision, ReasonCode, RiskLevel
from pdp.catalog.catalog import Catalog
from pdp.catalog.model import Bundle, CatalogEntry
from pdp.evaluate import evaluate
from pdp.identity.sessions import scope
from pdp.model import Agent, Call
from pdp.session_scope import SessionScope
from tests.fakes.naive_conditions import compare, least, worth
from tests.fakes.policy_conditions import any_condition
from tests.fakes.policy_worlds import any_call, any_world, call

WORLDS = 400
CATALOG = Catalog.of(
    [
        CatalogEntry(verb="stripe:create_refund", risk_level=RiskLevel.HIGH, bundle="stripe-money"),
        CatalogEntry(verb="stripe:list_refunds", risk_level=RiskLevel.LOW),
    ],
    [Bundle(name="stripe-money")],
)
REFUND, BARE = CATALOG.entries
DEV = Agent("dev")
AMOUNT = {"field": "args.amount", "operator": "less_or_equal", "value": 50}
TEAM = {"field": "agent.team", "operator": "equals", "value": "billing"}


def made(*verbs: str, bundles: tuple[str, ...] = (), who: str = "", ceilings: tuple[Any, ...] = ()) -> SessionScope:
    return scope("s1", who, verbs, bundles, json.dumps(ceilings) if ceilings else "")


def refund(who: str = "", agent: Agent = DEV, **args: Any) -> Call:
    return Call(agent, REFUND.verb, args, on_behalf_of=who)


@pytest.mark.parametrize(
    ("session", "inside"),
    [
        (made(), True),
        (made("stripe:create_refund"), True),
        (made("stripe:create_*"), True),
        (made("*:*"), True),
        (made("github:*", "stripe:*"), True),
        (made("stripe:create_refunds"), False),
        (made("stripe:create_refun"), False),
        (made("github:*"), False),
        (made(bundles=("stripe-money",)), True),
        (made(bundles=("stripe",)), False),
        (made("github:*", bundles=("stripe-money",)), True),
        (made("stripe:create_refund", bundles=("cards",)), True),
        (made("github:*", bundles=("cards",)), False),
    ],
)
def test_a_verb_is_permitted_by_a_pattern_or_a_bundle(session: SessionScope, inside: bool) -> None:
    assert session.names(REFUND) is inside
    assert (session.problem(REFUND, refund()) == "") is inside


def test_a_verb_in_no_bundle_is_in_none_of_a_sessions() -> None:
    assert not made(bundles=("stripe-money",)).names(BARE)


@pytest.mark.parametrize(
    ("ceilings", "args", "inside"),
    [
        ((AMOUNT,), {"amount": 50}, True),
        ((AMOUNT,), {"amount": 51}, False),
        ((AMOUNT,), {}, False),
        ((AMOUNT,), {"amount": "50"}, False),
        ((AMOUNT,), {"amount": None}, False),
        ((AMOUNT,), {"amount": True}, False),
        (({"not": AMOUNT},), {}, False),
        (({"any": [AMOUNT, {"field": "args.note", "operator": "exists", "value": False}]},), {}, True),
        ((AMOUNT, {"field": "args.note", "operator": "exists"}), {"amount": 1}, False),
    ],
)
def test_every_ceiling_must_be_true_and_unknown_is_not(ceilings: Any, args: dict[str, Any], inside: bool) -> None:
    assert (made(ceilings=ceilings).problem(REFUND, refund(**args)) == "") is inside


def test_a_ceiling_reads_what_the_agent_is_registered_with() -> None:
    session = made(ceilings=(TEAM,))
    assert session.problem(REFUND, refund(agent=Agent("dev", attributes={"team": "billing"}))) == ""
    assert session.problem(REFUND, refund()) != ""


def test_an_error_of_a_ceiling_holds_nobody_off_the_block() -> None:
    class Broken:
        def truth(self, _: Any) -> bool:
            raise RuntimeError

    session = dataclasses.replace(made(), ceilings=(cast(Condition, Broken()),))
    assert session.problem(REFUND, refund()) != ""


def test_whom_it_acts_for_is_fixed() -> None:
    session = made(who="ann")
    assert session.problem(REFUND, refund("ann")) == ""
    assert session.problem(REFUND, refund("bob")) != "" and session.problem(REFUND, refund()) != ""
    assert (session.acts_for(""), session.acts_for("bob"), made().acts_for("")) == ("ann", "bob", "")


def test_in_a_session_a_verdict_is_the_one_outside_or_a_block() -> None:
    happened: Counter[str] = Counter()
    for seed in range(WORLDS):
        rng = Random(seed)
        world, ceilings = any_world(rng), [any_condition(rng, 1) for _ in range(rng.randint(0, 2))]
        raw = any_call(rng, world)
        asked = dataclasses.replace(call(raw), on_behalf_of=rng.choice(("", "ann")))
        verbs = [raw["verb"]] if rng.randrange(4) else ["other:*"]
        session = made(*verbs, who=rng.choice(("", "ann")), ceilings=tuple(ceilings))
        outside, inside = evaluate(world.compiled, asked), evaluate(world.compiled, asked, session=session)
        within = verbs == [raw["verb"]] and session.on_behalf_of in ("", asked.on_behalf_of) and all_hold(ceilings, raw)
        if within or outside.reason_code is ReasonCode.VERB_UNKNOWN:
            assert inside == outside, (seed, session)
        else:
            assert (inside.decision, inside.reason_code) == (Decision.BLOCK, ReasonCode.SESSION_SCOPE), (seed, session)
        happened[f"{outside.decision} {within}"] += 1
    assert all(happened[f"{decision} {within}"] > 5 for decision in Decision for within in (True, False)), happened


def all_hold(ceilings: list[Any], raw: dict[str, Any]) -> bool:
    return least([True, *(worth(ceiling, lambda atom: compare(atom, raw)) for ceiling in ceilings)]) is True
