"""The same refund decision in other policy libraries: 1,000 policies, of which two speak to refunds.

Each library is used as its documentation says is fastest: all parsed beforehand, refunds as its own native values.
All of them must give the same decisions before anything is timed.
"""

import json
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from gatehold.vocabulary import Decision
from pdp.evaluate import evaluate
from pdp.model import Call
from tests.bench.evaluator import per_call
from tests.bench.figures import Goal, Row, Samples, at_least, row
from tests.bench.policies import REFUND, calls, configuration, elsewhere, refund_gate, verb
from tests.bench.rounds import Plan

NAME = "peers"
CALLS = 300  # slow ones among them
POLICIES = 1_000
_OURS = "gatehold"

Decide = Callable[[Call], bool]
"""Whether a refund may go ahead without a person."""


def run(plan: Plan) -> list[Row]:
    """Processor time of one decision in each library."""
    made = calls(plan.calls(CALLS))
    deciders: dict[str, Decide] = {_OURS: _gatehold()}
    rows = []
    for name, make in {"cedarpy": _cedarpy, "oso": _oso}.items():
        if find_spec(name) is None:
            rows.append(Row(NAME, name, note=f"{name} is not installed"))
        else:
            deciders[name] = make()
    for name, decide in deciders.items():
        wrong = [call.args for call in made if decide(call) is not (call.args["amount"] <= 100)]  # type: ignore[operator]
        if wrong:
            raise AssertionError(f"{name} decides otherwise on {wrong[0]}")

    played = plan.play({name: _timed(decide, made) for name, decide in deciders.items()})
    samples = {name: Samples(name, "µs", values) for name, values in played.items()}
    goals: dict[str, Goal] = {"cedarpy": at_least(100), "oso": at_least(10)}
    rows += [
        row(NAME, peer, samples[_OURS], goals[name], f"{POLICIES:,} policies")
        for name, peer in samples.items()
        if name != _OURS
    ]
    return rows


def _timed(decide: Decide, made: list[Call]) -> Callable[[], float]:
    return lambda: per_call(decide, made)


def _gatehold() -> Decide:
    of = configuration([*refund_gate(), *elsewhere(POLICIES - 2)])
    return lambda call: evaluate(of, call).decision is Decision.ALLOW


def _cedarpy() -> Decide:
    # The reusable handles of cedarpy 4: neither policies nor entities are parsed again. A context given as JSON text
    # spares it the encoding; a refund's arguments arrive as JSON text anyway, so that is left out of the time.
    cedarpy = import_module("cedarpy")
    policies = cedarpy.PolicySet.from_str("\n".join(_cedar_policies()))
    entities = cedarpy.Entities.from_json_str("[]")
    request = {"principal": 'Agent::"dev"', "action": f'Action::"{REFUND}"', "resource": 'Tool::"stripe"'}
    contexts: dict[int, str] = {}

    def decide(call: Call) -> bool:
        context = contexts.get(id(call))
        if context is None:
            context = contexts[id(call)] = json.dumps(call.args)
        allowed: bool = cedarpy.is_authorized(request | {"context": context}, policies, entities).allowed
        return allowed

    return decide


def _cedar_policies() -> list[str]:
    head = 'permit (principal, action == Action::"{}", resource) when {{ context.amount <= {} }};'
    gate = f'forbid (principal, action == Action::"{REFUND}", resource) when {{ context.amount > 100 }};'
    return [head.format(REFUND, 100), gate, *(head.format(verb(at // 10), 100 * at) for at in range(POLICIES - 2))]


def _oso() -> Decide:
    # A dictionary is Polar's own value: reading a field of it does not call back into Python, as a class would.
    oso = import_module("oso").Oso()
    oso.load_str("\n".join(_polar_rules()))
    return lambda call: oso.is_allowed("dev", REFUND, call.args)


def _polar_rules() -> list[str]:
    rule = 'allow(_agent, "{}", call) if call.amount <= {};'
    return [rule.format(REFUND, 100), *(rule.format(verb(at // 10), 100 * at) for at in range(POLICIES - 1))]
