"""One call decided at the wire's edge: parsed request in, response and record out."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gatehold import vocabulary
from gatehold.digest import digest
from gatehold.invalid import InvalidInput
from gatehold.records import decision_record
from gatehold.serving import ReadCall
from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.v1.decision_pb2 import Decision, DecisionSource, RiskLevel
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, EvaluateResponse
from gatehold.v1.reason_code_pb2 import ReasonCode
from gatehold.verb import parse_verb
from pdp.configuration import Configuration
from pdp.evaluate import evaluate
from pdp.model import Call
from pdp.transport.answers import Answers, random_uuid
from pdp.transport.translate import shadow_results

CurrentConfiguration = Callable[[str], Configuration]
"""From a tenant to the configuration that decides now. Raises `pdp.store.errors.NoSuchTenant`."""


class Speaker(NamedTuple):
    """In whose name a call is made, and whether it comes through a sidecar, which then writes the record itself."""

    tenant: str
    agent: str
    is_sidecar: bool


class Decided(NamedTuple):
    """An answer, and the record that must be stored before it leaves: None where a sidecar stores it."""

    response: EvaluateResponse
    record: AuditRecord | None


class Decisions:
    """Decides calls at whatever revision is current when each one comes.

    Args:
        current: the configuration of a tenant.
        decided: told of every decision.
    """

    def __init__(self, current: CurrentConfiguration, decided: Callable[[vocabulary.Decision], None]) -> None:
        self._current = current
        self._decided = decided
        self._answers: dict[str, Answers] = {}

    def decide(self, speaker: Speaker, request: EvaluateRequest, read: ReadCall) -> Decided:
        """Decides one call that `read_call` has checked."""
        configuration = self._current(speaker.tenant)
        answers = self._answers.get(speaker.tenant)
        if answers is None or answers.configuration is not configuration:
            answers = self._answers[speaker.tenant] = Answers(configuration)
        verb = request.verb
        call = Call(configuration.agent(speaker.agent), verb, *read, request.tool_definition_digest)
        verdict = evaluate(configuration, call, request.explain)
        self._decided(verdict.decision)
        response = answers.response(verdict, verb, speaker.agent, digest(read.args), speaker.is_sidecar)
        if speaker.is_sidecar:
            return Decided(response, None)
        record = decision_record(
            request,
            response,
            tenant=speaker.tenant,
            agent=speaker.agent,
            session="",
            args=read.args,
            context=read.context,
            sensitive=self.sensitive_args(speaker.tenant, verb),
            shadow=shadow_results(verdict.shadow),
        )
        return Decided(response, record)

    def refuse(self, speaker: Speaker, request: EvaluateRequest, code: ReasonCode, reason: str) -> Decided:
        """Blocks a call that is not evaluated. Nothing of a request that may be malformed but its verb is recorded."""
        self._decided(vocabulary.Decision.BLOCK)
        response = EvaluateResponse(
            decision=Decision.DECISION_BLOCK,
            risk_level=RiskLevel.RISK_LEVEL_HIGH,
            reason=reason,
            reason_code=code,
            decision_id=random_uuid(),
            source=DecisionSource.DECISION_SOURCE_FAIL_CLOSED,
        )
        if speaker.is_sidecar:
            return Decided(response, None)
        shown = EvaluateRequest(verb=_verb_or_empty(request.verb), intent=request.intent)
        record = decision_record(
            shown,
            response,
            tenant=speaker.tenant,
            agent=speaker.agent,
            session="",
            args={},
            context={},
            sensitive=None,
            shadow=(),
        )
        return Decided(response, record)

    def sensitive_args(self, tenant: str, verb: str) -> Sequence[str] | None:
        """Paths of the arguments that no record may hold; None for a verb that is not in the catalog."""
        entry = self._current(tenant).catalog.get(verb)
        return entry.sensitive_args if entry else None


def _verb_or_empty(verb: str) -> str:
    try:
        parse_verb(verb)
    except InvalidInput:
        return ""
    return verb
