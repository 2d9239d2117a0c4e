"""From what is true of a call to its verdict.

Restrictiveness: allow < notify < require_approval < block = off. An unknown policy restricts as a true one does, and
relaxes as a false one does.

1. Candidates are the ordinary policies that are true or unknown, and the built-in default for the verb.
2. A true policy overrides those that it is narrower than (`pdp.policy.narrowness`).
3. The most restrictive candidate that nothing overrides wins; among equals the smaller id.
4. Floors, which nothing relaxes, are the mandatory policies that are true or unknown, and the built-in floors. A floor
   takes the winner's place where it is more restrictive.
5. The obligations of all true or unknown notify policies accumulate. The approval requirements of every candidate that
   nothing overrides and of every mandatory policy all apply.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from gatehold.vocabulary import AgentMode, Decision
from pdp.model import ApprovalRequirement, Obligation, ShadowResult, Verdict
from pdp.policy.built_in import BuiltIn
from pdp.policy.model import Policy
from pdp.policy.panel import Panel, Truths
from pdp.policy.plan import Plan, Spoken

Voice = tuple[Policy | BuiltIn, bool | None]  # with its truth


def combine(plan: Plan, mode: AgentMode, spoken: Spoken) -> Verdict:
    """The verdict on a call, without a trace.

    Args:
        plan: for the call's verb and agent.
        mode: the agent's.
        spoken: which policies are true of the call.

    Raises:
        ValueError: nothing decides, which can not be: a default is overridden only by what then stands itself.
    """
    standing = plan.contest.standing(spoken.ordinary)
    default = (plan.contest.default,) if plan.contest.default_stands(spoken.ordinary) else ()
    winner = _strictest(plan.ordinary, standing, spoken.ordinary, default)
    floor = _strictest(plan.mandatory, spoken.mandatory.all, spoken.mandatory, plan.floors[mode])
    decider, truth = _stricter(winner, floor)
    decision = decider.action.type.decision
    asks = decision is Decision.REQUIRE_APPROVAL
    reason, code = decider.account(truth)
    return Verdict(
        decision=decision,
        risk_level=plan.entry.risk_level,
        reason=reason,
        reason_code=code,
        policy_matched=decider.id,
        obligations=_obligations(plan, spoken),
        approvals=_approvals(plan, standing, default, spoken.mandatory.all, decider) if asks else (),
        shadow=_shadow(plan.shadow, spoken.shadow),
    )


def _strictest(panel: Panel, positions: Sequence[int], truths: Truths, built_in: Iterable[BuiltIn]) -> Voice | None:
    voices: list[Voice] = [(policy, True) for policy in built_in]
    if positions:
        first = min(positions)  # a panel has the most restrictive first, among equals the smaller id
        voices.append((panel.policies[first], None if first in truths.unknown else True))
    return min(voices, key=lambda voice: (-voice[0].action.type.restrictiveness, voice[0].id), default=None)


def _stricter(winner: Voice | None, floor: Voice | None) -> Voice:
    if winner is None:
        raise ValueError("no candidate stands")
    if floor and floor[0].action.type.restrictiveness > winner[0].action.type.restrictiveness:
        return floor
    return winner


def _obligations(plan: Plan, spoken: Spoken) -> tuple[Obligation, ...]:
    owed = [
        *plan.ordinary.obligations_of(spoken.ordinary.all),
        *plan.mandatory.obligations_of(spoken.mandatory.all),
    ]
    return tuple(sorted(owed, key=attrgetter("id")))


def _approvals(
    plan: Plan, standing: Sequence[int], default: Sequence[BuiltIn], mandatory: Sequence[int], decider: Policy | BuiltIn
) -> tuple[ApprovalRequirement, ...]:
    asked = [
        *plan.ordinary.requirements_of(standing),
        *filter(None, (built_in.requirement() for built_in in default)),
        *plan.mandatory.requirements_of(mandatory),
    ]
    # A built-in floor asks for any approval at all, so it adds nothing to one that is asked for anyway.
    if not asked:
        asked.append(ApprovalRequirement(decider.id))
    return tuple(sorted(asked, key=attrgetter("policy")))


def _shadow(panel: Panel, truths: Truths) -> tuple[ShadowResult, ...]:
    policies = sorted((panel.policies[at] for at in truths.all), key=attrgetter("id"))
    return tuple(ShadowResult(policy.id, policy.action.type.decision) for policy in policies)
