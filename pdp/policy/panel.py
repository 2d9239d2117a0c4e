"""The policies that speak to one verb for one agent in one role, ready to be asked what is true of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gatehold.conditions import All, Atom, Condition
from pdp.model import ApprovalRequirement, Obligation
from pdp.policy.guards import Document, Guards, answer, guard_of, index_guards
from pdp.policy.model import Policy


class Facts:
    """What the comparisons say of one call, each made once however many policies ask for it.

    Args:
        document: `args`, `context` and `agent` of the call.
        numbers: a number for each comparison by its `id`, the same for equal ones. Hashing the comparison itself would
            cost more than making it.
    """

    __slots__ = ("_known", "_numbers", "document")

    def __init__(self, document: Document, numbers: Mapping[int, int]) -> None:
        self.document = document
        self._numbers = numbers
        self._known: dict[int, bool | None] = {}

    def of(self, atom: Atom) -> bool | None:
        """True, false or unknown."""
        number = self._numbers[id(atom)]
        known = self._known
        if number not in known:
            known[number] = atom.truth(self.document)
        return known[number]


class Truths(NamedTuple):
    """The positions of the policies that are true, and of those that are unknown. All others are false."""

    true: tuple[int, ...]
    unknown: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """Those that restrict: the true and the unknown."""
        return self.true + self.unknown


_NONE = Truths((), ())


@dataclass(frozen=True, slots=True)
class Panel:
    """Policies by position, and the indexes into their conditions.

    Attributes:
        policies: the most restrictive first, among equals the smaller id.
        conditions: the condition of each, all of its conditions in one; None where it has none.
        always: the policies without conditions.
        sole: indexes over the guards of policies with no other condition.
        joint: indexes over the guards of policies with further conditions.
        rest: the policies in no index.
        requirements: what each asks of approvers; None where it asks nothing.
        obligations: what each obliges to; None where it obliges to nothing.
    """

    policies: tuple[Policy, ...]
    conditions: "tuple[Condition | None, ...]"
    always: tuple[int, ...]
    sole: tuple[Guards, ...]
    joint: tuple[Guards, ...]
    rest: tuple[int, ...]
    requirements: tuple[ApprovalRequirement | None, ...]
    obligations: tuple[Obligation | None, ...]

    @classmethod
    def of(cls, policies: Iterable[Policy]) -> "Panel":
        """A panel of policies that all speak to the call."""
        ordered = tuple(sorted(policies, key=lambda policy: (-policy.action.type.restrictiveness, policy.id)))
        guards = {at: guard for at, policy in enumerate(ordered) if (guard := guard_of(policy.conditions))}
        sole, few = index_guards((atom, at) for at, atom in guards.items() if len(ordered[at].conditions) == 1)
        joint, fewer = index_guards((atom, at) for at, atom in guards.items() if len(ordered[at].conditions) > 1)
        unguarded = [at for at, policy in enumerate(ordered) if policy.conditions and at not in guards]
        return cls(
            policies=ordered,
            conditions=tuple(_joined(policy.conditions) for policy in ordered),
            always=tuple(at for at, policy in enumerate(ordered) if not policy.conditions),
            sole=tuple(sole),
            joint=tuple(joint),
            rest=tuple(sorted((*few, *fewer, *unguarded))),
            requirements=tuple(policy.requirement() for policy in ordered),
            obligations=tuple(policy.obligation() for policy in ordered),
        )

    def truths(self, facts: Facts) -> Truths:
        """Which of the policies are true of the call, and which unknown."""
        if not self.policies:
            return _NONE
        true: list[int] = list(self.always)
        unknown: list[int] = []
        for guards in self.sole:
            now_true, now_unknown = answer(guards, facts.document)
            true.extend(now_true)
            unknown.extend(now_unknown)
        for at in self._undecided(facts.document) if self.joint else self.rest:
            truth = self.truth(at, facts)
            if truth is not False:
                (true if truth else unknown).append(at)
        return Truths(tuple(true), tuple(unknown))

    def requirements_of(self, positions: Iterable[int]) -> Iterator[ApprovalRequirement]:
        """What those of the policies that ask for approval ask for."""
        return filter(None, map(self.requirements.__getitem__, positions))

    def obligations_of(self, positions: Iterable[int]) -> Iterator[Obligation]:
        """What those of the policies that oblige to something oblige to."""
        return filter(None, map(self.obligations.__getitem__, positions))

    def truth(self, at: int, facts: Facts) -> bool | None:
        """The truth of one policy, by its conditions alone."""
        condition = self.conditions[at]
        if condition is None:
            return True
        try:
            return condition.truth(facts.of)
        except Exception:  # whatever it was, the policy could not be evaluated; unknown blocks where false might allow
            return None

    def _undecided(self, document: Document) -> Iterator[int]:
        yield from self.rest
        for guards in self.joint:
            now_true, now_unknown = answer(guards, document)
            yield from now_true
            yield from now_unknown


def _joined(conditions: Sequence[Condition]) -> "Condition | None":
    if len(conditions) > 1:
        return All(tuple(conditions))
    return conditions[0] if conditions else None
