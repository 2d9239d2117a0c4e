"""What the policies make of one call to a verb that is in the catalog."""

from dataclasses import replace

from gatehold.vocabulary import AgentMode
from pdp.model import Call, Verdict
from pdp.policy.combine import combine
from pdp.policy.entry import Entry
from pdp.policy.explain import trace
from pdp.policy.plan import Plan, Spoken
from pdp.policy.policy_set import PolicySet

_MAX_VERDICTS = 256  # kept for each plan
_MAX_SPOKEN = 64  # a verdict on which more policies had a say is made anew each time, to bound what keeping it takes


def decide(policies: PolicySet, entry: Entry, permission: str | None, call: Call, explain: bool = False) -> Verdict:
    """The verdict of the policies.

    Args:
        policies: the tenant's.
        entry: the verb's.
        permission: auto, approval or off where its bundle has a default permission.
        call: the call.
        explain: whether the verdict carries a trace.
    """
    plan = policies.plan(entry, permission, call.agent.id)
    spoken = plan.spoken(call)
    verdict = _combined(plan, call.agent.mode, spoken)
    return replace(verdict, trace=trace(plan, call, spoken)) if explain else verdict


def _combined(plan: Plan, mode: AgentMode, spoken: Spoken) -> Verdict:
    """`combine`, remembering: it depends on nothing but its arguments, and few of those differ from call to call."""
    key = (mode, spoken)
    verdict = plan.verdicts.get(key)
    if verdict is None:
        verdict = combine(plan, mode, spoken)
        if spoken.size <= _MAX_SPOKEN:
            if len(plan.verdicts) >= _MAX_VERDICTS:
                plan.verdicts.clear()
            plan.verdicts[key] = verdict
    return verdict
