"""From a verdict to the response, without what differs from call to call."""

from collections.abc import Sequence
from typing import NamedTuple

from google.protobuf.duration_pb2 import Duration

from gatehold.conditions import EVALUATOR_VERSION, Atom
from gatehold.v1 import condition_pb2
from gatehold.v1.decision_pb2 import DecisionSource
from gatehold.v1.decision_point_service_pb2 import EvaluateResponse
from gatehold.v1.reuse_pb2 import Reuse, ReuseMode
from gatehold.vocabulary import Decision, ReasonCode, RiskLevel
from pdp.configuration import Configuration
from pdp.model import Verdict
from pdp.session_scope import SessionScope
from pdp.transport.translate import DECISIONS, REASON_CODES, RISK_LEVELS, obligation, shadow_results, trace

MAX_AGES = {RiskLevel.LOW: 300, RiskLevel.MEDIUM: 60, RiskLevel.HIGH: 60}
"""Seconds for which a decision may be reused."""

_EVERY_ARGUMENT = ("[*]",)  # of a verb that nobody knows, nobody knows which arguments are harmless
_KEPT = 4_096
_MOST_SAID = 64  # obligations and shadow results of a response that is kept, to bound what keeping takes


class _Made(NamedTuple):
    verdict: Verdict  # held, so that its id stays its own
    response: EvaluateResponse


class Answers:
    """The responses of one tenant at one revision.

    Args:
        configuration: what decides.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        # By identity, because policies hand out the same verdict again; the rest is what a template depends on besides.
        self._made: dict[tuple[int, str, str, bool], _Made] = {}

    def response(self, verdict: Verdict, verb: str, agent: str, to_sidecar: bool) -> EvaluateResponse:
        """The response to every call that gets the verdict. It is shared: copy it.

        Args:
            verdict: at this revision.
            verb: the call's.
            agent: id of the call's agent.
            to_sidecar: whether it says what may be reused and recorded.
        """
        key = (id(verdict), verb, agent, to_sidecar)
        made = self._made.get(key)
        if made is None:
            made = _Made(verdict, self._response(verdict, verb, agent, to_sidecar))
            if not _comes_again(verdict):
                return made.response
            if len(self._made) >= _KEPT:
                self._made.clear()
            self._made[key] = made
        return made.response

    def in_session(
        self, verdict: Verdict, verb: str, agent: str, to_sidecar: bool, session: SessionScope
    ) -> EvaluateResponse:
        """The response to a call in a session, which is never reused: what the session permits is not in any key."""
        response = self._response(verdict, verb, agent, to_sidecar, reusable=False)
        if to_sidecar:
            response.reuse.session = session.session_id
            response.reuse.on_behalf_of = session.on_behalf_of
        return response

    def _response(
        self, verdict: Verdict, verb: str, agent: str, to_sidecar: bool, reusable: bool = True
    ) -> EvaluateResponse:
        return EvaluateResponse(
            decision=DECISIONS[verdict.decision],
            risk_level=RISK_LEVELS[verdict.risk_level],
            reason=verdict.reason,
            reason_code=REASON_CODES[verdict.reason_code],
            policy_matched=verdict.policy_matched,
            revision=self.configuration.revision,
            source=DecisionSource.DECISION_SOURCE_POLICY,
            obligations=[obligation(asked) for asked in verdict.obligations],
            trace=None if verdict.trace is None else trace(verdict.trace),
            reuse=self._reuse(verdict, verb, agent, reusable) if to_sidecar else None,
        )

    def _reuse(self, verdict: Verdict, verb: str, agent: str, reusable: bool) -> Reuse:
        """What the sidecar may make of the verdict beside passing it on.

        An allow on a HIGH verb is asked anew each time, an explanation is of one call, and what failed this time may
        not fail the next.
        """
        entry = self.configuration.catalog.get(verb)
        reuse = Reuse(
            mode=ReuseMode.REUSE_MODE_NONE,
            sensitive_args=entry.sensitive_args if entry else _EVERY_ARGUMENT,
            shadow=shadow_results(verdict.shadow),
        )
        if (
            not reusable
            or verdict.trace is not None
            or verdict.reason_code is ReasonCode.EVALUATION_ERROR
            or (verdict.decision is Decision.ALLOW and verdict.risk_level is RiskLevel.HIGH)
        ):
            return reuse
        atoms = self._atoms(verb, agent)
        reuse.mode = ReuseMode.REUSE_MODE_EXACT if atoms is None else ReuseMode.REUSE_MODE_ATOMS
        reuse.atoms.extend(map(_atom, atoms or ()))
        reuse.evaluator_version = EVALUATOR_VERSION
        reuse.epoch = self.configuration.epoch
        reuse.max_age.CopyFrom(Duration(seconds=MAX_AGES[verdict.risk_level]))
        return reuse

    def _atoms(self, verb: str, agent: str) -> Sequence[Atom] | None:
        """What the verb's decisions depend on; None where only the whole arguments will do, as by a schema."""
        catalog = self.configuration.catalog
        entry = catalog.get(verb)
        if entry is None:
            return ()
        if entry.args_schema is not None:
            return None
        return self.configuration.policies.atoms_for(entry, catalog.bundle_default(entry), agent)


def _comes_again(verdict: Verdict) -> bool:
    """Whether the policies may hand out this very verdict again. Those without a policy are made anew for each call."""
    few = len(verdict.obligations) + len(verdict.shadow) <= _MOST_SAID
    return verdict.trace is None and verdict.policy_matched != "" and few


def _atom(atom: Atom) -> condition_pb2.Atom:
    field, operator, value_json = atom.wire()
    return condition_pb2.Atom(field=field, operator=operator, value_json=value_json)
