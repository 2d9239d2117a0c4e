"""From a call to what may run once people have approved it."""

from collections.abc import Mapping
from dataclasses import dataclass

from gatehold.digest import MAX_BYTES, canonical, digest, parse_object
from gatehold.invalid import InvalidInput
from gatehold.records import json_text
from gatehold.redaction import redact, redact_all
from gatehold.vocabulary import Decision
from pdp.configuration import Configuration
from pdp.evaluate import evaluate
from pdp.model import ApprovalRequirement, Call, Candidate, Verdict
from pdp.policy.built_in import built_ins
from pdp.sealing import Sealer
from pdp.session_scope import SessionScope
from pdp.store.approval import FrozenCall, Requirement

_MOST_TRACED = 200  # candidates that are kept of a trace; those that speak to the call come first
_TRUTHS = {True: "true", False: "false", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Frozen:
    """Arguments and context, whole."""

    args: Mapping[str, object]
    context: Mapping[str, object]

    @property
    def text(self) -> bytes:
        """Canonical JSON of each on a line of its own: RFC 8785 writes no line breaks."""
        return canonical(self.args) + b"\n" + canonical(self.context)


@dataclass(frozen=True, slots=True)
class Decided:
    """What policy makes of a call now, and what it asks of people where it asks for approval."""

    verdict: Verdict
    requirements: tuple[Requirement, ...]


def decide(configuration: Configuration, call: Call, session: SessionScope | None = None) -> Decided:
    """Decides a call, with why each policy asks for approval.

    Args:
        session: that it is made in; None where it is in none.
    """
    verdict = evaluate(configuration, call, explain=True, session=session)
    asked = [_requirement(configuration, one, verdict) for one in verdict.approvals]
    return Decided(verdict, tuple(asked))


def freeze(
    configuration: Configuration,
    call: Call,
    decided: Decided,
    sealer: Sealer,
    *belongs_to: str,
    field: str = "args_json",
) -> FrozenCall:
    """The call as it is kept.

    Args:
        belongs_to: what its sealed arguments are of: tenant and approval id.
        field: what errors call the arguments.

    Raises:
        InvalidInput: whoever claims it would get more than the bounds of a call let through.
    """
    text, verdict = Frozen(call.args, call.context).text, decided.verdict
    if len(text) > MAX_BYTES:  # 1e15 takes four characters as it came, and sixteen in canonical form
        raise InvalidInput(field, f"with the context is longer than {MAX_BYTES} bytes in canonical form (RFC 8785)")
    entry = configuration.catalog.get(call.verb)
    return FrozenCall(
        args_digest=digest(call.args),
        context_digest=digest(call.context),
        shown_args=json_text(redact(call.args, entry.sensitive_args) if entry else redact_all(call.args)),
        shown_context=json_text(call.context if entry else redact_all(call.context)),
        risk_level=verdict.risk_level,
        revision=configuration.revision,
        reason=verdict.reason,
        policy_matched=verdict.policy_matched,
        requirements=decided.requirements or (_editors_own(verdict),),
        decide_within_us=_decide_within_us(verdict),
        trace=_kept(verdict.trace or ()),
        sealed=sealer.seal(text, *belongs_to),
    )


def thaw(sealed: bytes, sealer: Sealer, *belongs_to: str) -> Frozen:
    """Arguments and context whole again. Raises `pdp.sealing.CannotOpen`."""
    args, context = sealer.open(sealed, *belongs_to).decode().split("\n")
    return Frozen(parse_object(args, "args"), parse_object(context, "context"))


def _requirement(configuration: Configuration, asked: ApprovalRequirement, verdict: Verdict) -> Requirement:
    return Requirement(
        policy=asked.policy,
        groups=asked.groups,
        count=asked.count,
        justification_required=asked.justification_required,
        separation=asked.separation,
        reason=_reason(configuration, asked.policy, verdict),
        conditions=tuple(_conditions(verdict.trace or (), asked.policy)),
    )


def _editors_own(verdict: Verdict) -> Requirement:
    """What is asked for a call that policy allows since an approver edited it: that one person wants it so."""
    return Requirement(verdict.policy_matched, reason="Policy allows the call as edited; one person approves it.")


def _reason(configuration: Configuration, policy: str, verdict: Verdict) -> str:
    if policy == verdict.policy_matched:
        return verdict.reason
    if own := configuration.policies.policies.get(policy):
        truths = {one.policy: one.result for one in verdict.trace or ()}
        return own.account(truths.get(policy, True))[0]
    return next((one.action.reason for one in built_ins() if one.id == policy), "")


def _conditions(trace: tuple[Candidate, ...], policy: str) -> list[str]:
    spoke = next((one for one in trace if one.policy == policy), None)
    return [f"{one.text} is {_TRUTHS[one.result]}" for one in spoke.comparisons] if spoke else []


def _decide_within_us(verdict: Verdict) -> int:
    terms = [asked.decide_by for asked in verdict.approvals] or [ApprovalRequirement("").decide_by]
    return int(min(terms).total_seconds() * 1_000_000)


def _kept(trace: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    speaking = sorted(trace, key=lambda one: (one.result is False, bool(one.overridden_by)))
    return tuple(speaking[:_MOST_TRACED])


def blocks(verdict: Verdict) -> bool:
    """Whether nobody's approval helps."""
    return verdict.decision not in (Decision.ALLOW, Decision.REQUIRE_APPROVAL)
