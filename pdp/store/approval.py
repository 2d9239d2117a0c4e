"""An approval as it is stored and as it changes: plain and frozen, free of any database.

Times are microseconds on the database's clock (`ApprovalStore.now_us`), which no wall clock moves.
"""

from dataclasses import dataclass, field

from gatehold.vocabulary import ApprovalState, RiskLevel
from pdp.model import Candidate


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's vote.

    Attributes:
        approver: the person.
        approve: False denies.
        groups: those that the person belonged to at that moment.
        reason: empty where none was given; a denial always has one.
        args_digest: of the arguments that the person saw.
    """

    approver: str
    approve: bool
    groups: tuple[str, ...]
    reason: str
    args_digest: str
    time_us: int


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one policy asks of the people who approve, and why.

    Attributes:
        policy: its id.
        groups: of which `count` distinct members must approve; empty means any approver.
        count: how many distinct approvers, at least 1.
        justification_required: the requester must say why.
        separation: the person the agent acts for may not approve.
        reason: why it asks, in one sentence.
        conditions: the comparisons that made it ask, in words with their result.
    """

    policy: str
    groups: tuple[str, ...] = ()
    count: int = 1
    justification_required: bool = False
    separation: bool = False
    reason: str = ""
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FrozenCall:
    """The arguments that may run, and what was decided of them.

    Attributes:
        args_digest, context_digest: hex SHA-256 of the canonical forms.
        shown_args, shown_context: canonical JSON with sensitive values replaced, for everybody who reads.
        risk_level: of the verb.
        revision: of the configuration that decided.
        reason: why policy asks, in one sentence.
        policy_matched: id of the policy that decided.
        requirements: all of which must be met.
        decide_within_us: how long people have, from when it was frozen.
        trace: how the decision came about.
        sealed: arguments and context whole, encrypted; None once they are erased.
    """

    args_digest: str
    context_digest: str
    shown_args: str
    shown_context: str
    risk_level: RiskLevel
    revision: int
    reason: str
    policy_matched: str
    requirements: tuple[Requirement, ...]
    decide_within_us: int
    trace: tuple[Candidate, ...] = ()
    sealed: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Approval:
    """A frozen call that waits for people, or what became of it.

    Attributes:
        approval_id: random UUID.
        version: counts its changes from 1; its etag.
        agent, on_behalf_of, session, verb, tool_definition_digest: of the call, never changed.
        call_digest: of the call as it was requested: the same, asked for again while this one is open, is this one.
        request_id, request_digest: idempotency key and what it stands for; empty where none was given.
        justification: the requester's words; empty where it gave none.
        call: what may run. An edit replaces it.
        edited: whether one has.
        votes: on the present arguments.
        decide_by_us: from this moment on nobody can decide.
        claim_by_us: from this moment on nobody can claim for the first time; 0 until approved.
        claim_id: of the latest claim; empty before the first.
        claim_until_us: from this moment on that claim has lapsed; 0 unless claimed.
        end_us: when it ended, or when its claim lapsed; 0 until then.
        end_reason: why it ended; empty where nobody said.
        position: its place in order of request; 0 before it is stored.
    """

    tenant: str
    approval_id: str
    version: int
    state: ApprovalState
    agent: str
    on_behalf_of: str
    session: str
    verb: str
    tool_definition_digest: str
    call_digest: str
    request_id: str
    request_digest: str
    justification: str
    call: FrozenCall
    request_us: int
    decide_by_us: int
    edited: bool = False
    votes: tuple[Vote, ...] = ()
    claim_by_us: int = 0
    claim_id: str = ""
    claim_until_us: int = 0
    end_us: int = 0
    end_reason: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an approval.

    Attributes:
        event: a word of `ApprovalEvent.event` in the contract.
        actor: the principal; empty where time did it.
        state: the one after it.
        reason: as given; empty where none was.
        args_digest: of the arguments it is about.
        previous_args_digest: of those before an edit; else empty.
        claim_id: of the claim it is about; else empty.
        revision: of the configuration that it was decided under; 0 where none was asked.
    """

    event: str
    time_us: int
    actor: str
    state: ApprovalState
    reason: str = ""
    args_digest: str = ""
    previous_args_digest: str = ""
    claim_id: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell the tenant's webhook, if it has one.

    Attributes:
        message_id: the same at every attempt.
        body: JSON text.
    """

    message_id: str
    body: str


@dataclass(frozen=True, slots=True)
class ApprovalChange:
    """An approval as it is to be, with all that belongs to the change.

    Attributes:
        approval: the new one, its version one above the stored one's; 1 for a new one.
        due_us: when it next changes by itself, or its arguments are to be erased; 0 for never.
        before_us: the change is only good on the database's clock before this moment; 0 for always.
        events: what happened, in order.
        messages: for the webhook.
    """

    approval: Approval
    due_us: int
    before_us: int = 0
    events: tuple[Event, ...] = ()
    messages: tuple[Message, ...] = ()
