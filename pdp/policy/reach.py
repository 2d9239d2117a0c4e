"""Whether some arguments could get a verb past the policies."""

from typing import NamedTuple

from gatehold.conditions import All, Any, Atom, Condition, Not, Test
from gatehold.vocabulary import Decision
from pdp.model import Agent
from pdp.policy.cel import CelExpression
from pdp.policy.model import Policy
from pdp.policy.narrowness import overrides
from pdp.policy.plan import Plan
from pdp.policy.satisfiable import can_all_hold


class Reach(NamedTuple):
    """What a condition or policy can be over all arguments and contexts, for one agent."""

    true: bool
    false: bool


_ALWAYS = Reach(true=True, false=False)
_EITHER = Reach(true=True, false=True)


def can_pass(plan: Plan, agent: Agent) -> bool:
    """Whether some arguments and context could get the verb a decision other than block, the agent's mode aside.

    It takes every comparison to be free to come out either way, whatever the others are and whatever the verb's schema
    asks; only those on `agent.…` are settled, and conditions of one policy that contradict each other can not all hold.
    So it may be wrong, but only where it says True: a verb that could pass is never hidden.

    Under that assumption it is exact. The best a call can do is to make false each blocking policy that can be false,
    and true each other policy that can be true, since those only override. What blocks even then, nothing gets past.
    """
    if any(_blocks(policy) and not _reach(policy, agent).false for policy in plan.mandatory.policies):
        return False
    contest, policies = plan.contest, plan.ordinary.policies
    opening = {
        contest.scopes[contest.scope_of[at]]
        for at, policy in enumerate(policies)
        if not _blocks(policy) and _reach(policy, agent).true
    }
    blocking = {
        contest.scopes[contest.scope_of[at]]
        for at, policy in enumerate(policies)
        if _blocks(policy) and not _reach(policy, agent).false
    }
    if not all(any(overrides(p, q) for p in opening) for q in blocking):
        return False
    default = contest.default
    if default.action.type.decision is not Decision.BLOCK:
        return True
    return any(scope.reaches_high_default or not default.high_default for scope in opening)


def _blocks(policy: Policy) -> bool:
    return policy.action.type.decision is Decision.BLOCK


def _reach(policy: Policy, agent: Agent) -> Reach:
    if not policy.conditions:
        return _ALWAYS
    reach = _of_condition(All(policy.conditions), agent)
    return reach if can_all_hold(policy.conditions) else Reach(true=False, false=reach.false)


def _of_condition(condition: Condition, agent: Agent) -> Reach:
    match condition:
        case Test(atom):
            return _of_atom(atom, agent)
        case Not(part):
            reach = _of_condition(part, agent)
            return Reach(true=reach.false, false=reach.true)
        case All(parts):
            reaches = [_of_condition(part, agent) for part in parts]
            return Reach(all(reach.true for reach in reaches), any(reach.false for reach in reaches))
        case Any(parts):
            reaches = [_of_condition(part, agent) for part in parts]
            return Reach(any(reach.true for reach in reaches), all(reach.false for reach in reaches))


def _of_atom(atom: Atom | CelExpression, agent: Agent) -> Reach:
    if isinstance(atom, CelExpression) or atom.root != "agent":
        return _EITHER
    truth = atom.truth({"agent": agent.attributes})
    return Reach(true=truth is True, false=truth is False)
