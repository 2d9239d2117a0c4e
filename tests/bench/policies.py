"""Policies by the thousand, and calls that come out differently under them."""

import random
from collections.abc import Iterator, Sequence
from functools import cache

from gatehold.conditions import Atom, Condition, Test
from gatehold.vocabulary import Access, AgentMode, RiskLevel
from pdp.catalog.catalog import Catalog, shipped
from pdp.catalog.model import CatalogEntry
from pdp.configuration import Configuration
from pdp.model import Agent, Call
from pdp.policy.model import Action, ActionType, Matcher, Policy
from pdp.policy.policy_set import PolicySet

REFUND = "stripe:create_refund"
AGENT = Agent("dev", AgentMode.AUTONOMOUS)
ON_ONE_VERB = 10


def verb(number: int) -> str:
    """A made-up verb."""
    return f"provider{number % 100}:tool_{number}"


def policy(name: str, on: str, field: str, operator: str, value: object, action: ActionType) -> Policy:
    """A policy on one verb with one condition."""
    condition: Condition = Test(Atom.parse(field, operator, value))
    return Policy(id=name, matchers=(Matcher("verb", on),), conditions=(condition,), action=Action(action))


def refund_gate() -> list[Policy]:
    """What every peer decides too: refunds up to 100 are allowed, larger ones are not."""
    return [
        policy("small-refunds", REFUND, "args.amount", "less_or_equal", 100, ActionType.ALLOW),
        policy("large-refund-gate", REFUND, "args.amount", "greater", 100, ActionType.REQUIRE_APPROVAL),
    ]


def elsewhere(count: int) -> Iterator[Policy]:
    """Policies on other verbs, ten on each."""
    for number in range(count):
        on = verb(number // ON_ONE_VERB)
        yield policy(f"other-{number}", on, "args.amount", "greater", 100 * number, ActionType.REQUIRE_APPROVAL)


def by_customer(count: int) -> Iterator[Policy]:
    """Policies on refunds, each for one customer: at most one is true of a call."""
    for number in range(count):
        name, customer = f"customer-{number}", f"cus_{number}"
        yield policy(name, REFUND, "args.customer", "equals", customer, ActionType.REQUIRE_APPROVAL)


def by_threshold(count: int) -> Iterator[Policy]:
    """Policies on refunds, each with a threshold: about half are true of a call."""
    for number in range(count):
        yield policy(f"above-{number}", REFUND, "args.amount", "greater", 10 * number, ActionType.REQUIRE_APPROVAL)


def configuration(policies: Sequence[Policy], catalog: Catalog | None = None) -> Configuration:
    """A tenant with these policies and one autonomous agent."""
    return Configuration("default", 1, catalog or shipped(), PolicySet.of(policies), {AGENT.id: AGENT})


@cache
def many_verbs(count: int) -> Catalog:
    """The shipped catalog and made-up verbs."""
    return shipped().overlay(
        CatalogEntry(verb=verb(number), risk_level=RiskLevel.LOW, access=Access.WRITE) for number in range(count)
    )


def calls(count: int, verbs: int = 0, seed: int = 1) -> list[Call]:
    """Calls with arguments of their own: refunds, or of as many made-up verbs in turn."""
    chance = random.Random(seed)
    return [
        Call(
            AGENT,
            verb(number % verbs) if verbs else REFUND,
            {
                "amount": chance.randrange(1, 10_000),
                "charge": f"ch_{chance.randrange(10**9)}",
                "customer": f"cus_{chance.randrange(2_000)}",
            },
        )
        for number in range(count)
    ]
