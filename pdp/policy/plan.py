"""Everything about deciding one verb for one agent that does not depend on the call's arguments."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from gatehold.conditions import Atom
from gatehold.vocabulary import AgentMode
from pdp.model import Call, Verdict
from pdp.policy.built_in import BuiltIn, default_for, floors_for
from pdp.policy.cel import CelExpression
from pdp.policy.contest import Contest
from pdp.policy.entry import Entry
from pdp.policy.model import Matcher, Mode, Policy
from pdp.policy.narrowness import Scope
from pdp.policy.panel import Facts, Panel, Truths

MAX_REUSE_ATOMS = 64


class Spoken(NamedTuple):
    """Which policies are true of one call and which unknown, by role."""

    ordinary: Truths
    mandatory: Truths
    shadow: Truths

    @property
    def size(self) -> int:
        """How many policies had a say."""
        return sum(len(truths.true) + len(truths.unknown) for truths in self)


@dataclass(frozen=True, slots=True)
class Plan:
    """The policies that speak to one verb for one agent, and how they stand to each other.

    Attributes:
        entry: the verb's.
        permission: the default permission of its bundle, None where there is none.
        ordinary: the policies that compete, most restrictive first.
        mandatory: the guardrails.
        shadow: the policies that are only recorded.
        contest: who overrides whom among the ordinary policies.
        floors: the built-in floors by agent mode.
        numbers: see `Facts`.
        atoms: what a decision depends on beside the agent itself, each once, in the order of the policies' ids; None
            where that can not be told in at most 64 comparisons.
        verdicts: decisions made, by agent mode and what was true. Bounded by `combine`'s caller.
    """

    entry: Entry
    permission: str | None
    ordinary: Panel
    mandatory: Panel
    shadow: Panel
    contest: Contest
    floors: dict[AgentMode, tuple[BuiltIn, ...]]
    numbers: dict[int, int]
    atoms: tuple[Atom, ...] | None
    verdicts: dict[object, Verdict] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, entry: Entry, permission: str | None, speaking: Iterable[tuple[Policy, tuple[Matcher, ...]]]) -> "Plan":
        """The plan for a verb.

        Args:
            entry: the verb's.
            permission: auto, approval or off where its bundle has a default permission.
            speaking: the policies that match the verb and the agent, each with the matchers that do.
        """
        matched = dict(sorted((policy.id, (policy, holding)) for policy, holding in speaking))
        policies = [policy for policy, _ in matched.values()]
        enforced = [policy for policy in policies if policy.mode is Mode.ENFORCE]
        ordinary = Panel.of(policy for policy in enforced if not policy.mandatory)
        scopes = [Scope.of(matched[policy.id][1], conditional=bool(policy.conditions)) for policy in ordinary.policies]
        atoms = [atom for policy in policies for condition in policy.conditions for atom in condition.atoms()]
        numbers = {atom: number for number, atom in enumerate(dict.fromkeys(atoms))}
        return cls(
            entry=entry,
            permission=permission,
            ordinary=ordinary,
            mandatory=Panel.of(policy for policy in enforced if policy.mandatory),
            shadow=Panel.of(policy for policy in policies if policy.mode is Mode.SHADOW),
            contest=Contest.of(default_for(entry, permission), scopes),
            floors={mode: floors_for(entry, mode) for mode in AgentMode},
            numbers={id(atom): numbers[atom] for atom in atoms},
            atoms=_reusable(numbers),
        )

    def facts(self, call: Call) -> Facts:
        """What the policies' comparisons say of the call."""
        return Facts({"args": call.args, "context": call.context, "agent": call.agent.attributes}, self.numbers)

    def spoken(self, call: Call) -> Spoken:
        """Which policies are true of the call, and which unknown."""
        facts = self.facts(call)
        return Spoken(self.ordinary.truths(facts), self.mandatory.truths(facts), self.shadow.truths(facts))


def _reusable(atoms: Iterable[Atom | CelExpression]) -> tuple[Atom, ...] | None:
    kept: list[Atom] = []
    for atom in atoms:
        if isinstance(atom, CelExpression):
            return None
        # The agent's attributes are the same in all of its calls at one revision.
        if atom.root != "agent":
            kept.append(atom)
    return tuple(kept) if len(kept) <= MAX_REUSE_ATOMS else None
