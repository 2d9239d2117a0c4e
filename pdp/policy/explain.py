"""How a verdict came about: every policy that speaks to the call, what it compared, and what overrode it."""

from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter

from pdp.model import Call, Candidate, Comparison
from pdp.policy.built_in import BuiltIn
from pdp.policy.model import ActionType
from pdp.policy.panel import Facts, Panel
from pdp.policy.plan import Plan, Spoken

CANDIDATE = "candidate"
FLOOR = "floor"
NOTIFICATION = "notification"
SHADOW = "shadow"


def trace(plan: Plan, call: Call, spoken: Spoken) -> tuple[Candidate, ...]:
    """One line for each policy in each role it plays, false ones included.

    A notify policy that is not false has two: it competes, or is a floor, and its notification is owed whatever wins.
    """
    facts = plan.facts(call)
    built_ins = plan.floors[call.agent.mode]
    lines = [
        *_candidates(plan, facts, spoken),
        *_lines(plan.mandatory, facts, FLOOR),
        *(_built_in(floor, FLOOR) for floor in built_ins),
        *_lines(plan.shadow, facts, SHADOW),
    ]
    return (*lines, *_notifications(lines))


def _candidates(plan: Plan, facts: Facts, spoken: Spoken) -> Iterator[Candidate]:
    policies = plan.ordinary.policies
    overriders = plan.contest.overriders(spoken.ordinary)
    for at, line in enumerate(_lines(plan.ordinary, facts, CANDIDATE)):
        overridden = line.result is not False and at in overriders
        yield replace(line, overridden_by=policies[overriders[at]].id) if overridden else line
    default = _built_in(plan.contest.default, CANDIDATE)
    overrider = plan.contest.overrider_of_default(spoken.ordinary)
    yield default if overrider is None else replace(default, overridden_by=policies[overrider].id)


def _lines(panel: Panel, facts: Facts, role: str) -> Iterator[Candidate]:
    for at, policy in enumerate(panel.policies):
        atoms = dict.fromkeys(atom for condition in policy.conditions for atom in condition.atoms())
        comparisons = tuple(Comparison(str(atom), facts.of(atom)) for atom in atoms)
        yield Candidate(policy.id, policy.action.type.value, panel.truth(at, facts), role, comparisons)


def _built_in(built_in: BuiltIn, role: str) -> Candidate:
    return Candidate(built_in.id, built_in.action.type.value, True, role)


def _notifications(lines: list[Candidate]) -> Iterator[Candidate]:
    for line in sorted(lines, key=attrgetter("policy")):
        if line.action == ActionType.NOTIFY.value and line.role != SHADOW and line.result is not False:
            yield replace(line, role=NOTIFICATION, overridden_by="")
