"""One tenant's policies at one revision, compiled once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gatehold.conditions import Atom
from gatehold.invalid import InvalidInput
from pdp.policy.entry import Entry
from pdp.policy.matching import PolicyIndex
from pdp.policy.model import Policy
from pdp.policy.plan import Plan

_MAX_PLANS = 2_048

PlanKey = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Immutable to its users; plans are made when first needed and kept within bounds.

    Attributes:
        policies: all of them by id, disabled ones too.
    """

    policies: Mapping[str, Policy]
    _index: PolicyIndex = field(repr=False, compare=False)
    _named_agents: frozenset[str] = field(repr=False, compare=False)
    _plans: dict[PlanKey, Plan] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, policies: Iterable[Policy] = ()) -> "PolicySet":
        """Compiles policies; their order makes no difference.

        Raises:
            InvalidInput: on the field `id`, when two have one id.
        """
        by_id: dict[str, Policy] = {}
        for policy in policies:
            if by_id.setdefault(policy.id, policy) is not policy:
                raise InvalidInput("id", f"the policy {policy.id} is given twice")
        enabled = [policy for policy in by_id.values() if policy.enabled]
        named = frozenset(matcher.value for policy in enabled for matcher in policy.matchers if matcher.type == "agent")
        return cls(MappingProxyType(by_id), PolicyIndex(enabled), named)

    def plan(self, entry: Entry, permission: str | None, agent: str) -> Plan:
        """Everything about deciding a verb for an agent that does not depend on arguments.

        Args:
            entry: the verb's.
            permission: auto, approval or off where its bundle has a default permission.
            agent: the agent's id.
        """
        # Agents that no policy names share a plan, so that made-up ids can not fill the memory.
        key = (entry.verb, agent if agent in self._named_agents else None)
        plan = self._plans.get(key)
        if plan is None or plan.entry is not entry or plan.permission != permission:
            plan = Plan.of(entry, permission, self._index.speaking_to(entry, agent))
            if len(self._plans) >= _MAX_PLANS:
                self._plans.clear()
            self._plans[key] = plan
        return plan

    def atoms_for(self, entry: Entry, permission: str | None, agent: str) -> tuple[Atom, ...] | None:
        """The comparisons that a decision on the verb for the agent depends on.

        Two calls of one agent on which these are equally true, false or unknown get the same verdict. Those on
        `agent.…` are left out: they are the same in all of the agent's calls at one revision. Policies of every mode
        and role count, for the verdict carries their shadow results and obligations.

        Returns:
            Each once, in the order of the policies' ids; None where there are more than 64, or a `cel:` expression is
            among them, so that only the whole arguments will do.
        """
        return self.plan(entry, permission, agent).atoms
