"""What passes between the sidecar's rooms: a call that was read, and an answer that has not left yet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from gatehold.digest import digest
from gatehold.v1.decision_pb2 import Decision, DecisionSource, Obligation, RiskLevel, ShadowResult
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from gatehold.v1.reason_code_pb2 import ReasonCode
from gatehold.v1.reuse_pb2 import Reuse
from gatehold.v1.trace_pb2 import Trace

Clock: TypeAlias = Callable[[], int]
"""Nanoseconds on CLOCK_BOOTTIME."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call.

    Attributes:
        agent: the agent that this sidecar speaks for.
        token: of the session that the call is made in; empty where it is in none. A secret, kept out of `repr`.
        known: whether it is the agent for sure, and not for all that is known a stranger with a token of no session.
    """

    agent: str
    token: str = field(default="", repr=False)
    known: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """One checked request of one agent.

    Attributes:
        caller: who makes it.
        request: as it came.
        args: parsed from `request.args_json`.
        context: parsed from `request.context_json`.
        args_digest: hex SHA-256 of the canonical arguments.
    """

    caller: Caller
    request: EvaluateRequest
    args: dict[str, object]
    context: dict[str, object]
    args_digest: str

    @property
    def agent(self) -> str:
        """The agent in whose name it is made."""
        return self.caller.agent

    @property
    def context_digest(self) -> str:
        """Hex SHA-256 of the canonical context."""
        return digest(self.context)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Outcome:
    """What was decided: the part of an answer that another call may share.

    Attributes:
        revision: of the configuration that decided; 0 where nobody could.
        epoch: of the store that counts the revision; 0 where it is not known, so that nothing is reused.
        sensitive_args: paths that must not stand in the record. None where the verb's are not known.
        shadow: what policies in shadow mode would have decided.
    """

    decision: Decision
    risk_level: RiskLevel
    reason: str
    reason_code: ReasonCode
    policy_matched: str = ""
    obligations: tuple[Obligation, ...] = ()
    revision: int = 0
    epoch: int = 0
    sensitive_args: tuple[str, ...] | None = None
    shadow: tuple[ShadowResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome as it applies to one call.

    Attributes:
        decision_id: random UUID, this call's own.
        reuse: what the decision point permits to make of it; None on anything but its own answer.
        usable_until_ns: CLOCK_BOOTTIME from which a cached outcome is too old; None on anything not from the cache.
        trace: present where the call asked to explain.
        session: id of the session that it was decided in; empty where it was in none, or nobody decided.
        on_behalf_of: whom that session acts for; empty where it does not say.
    """

    outcome: Outcome
    source: DecisionSource
    decision_id: str
    reuse: Reuse | None = None
    usable_until_ns: int | None = None
    trace: Trace | None = None
    session: str = ""
    on_behalf_of: str = ""


class Decider(Protocol):
    """The one interface of everything that decides; wrappers are stacked on it in `sidecar.wiring`."""

    async def decide(self, call: Call) -> Answer:
        """Answers the call, or raises. An exception never means anything but "could not decide"."""
