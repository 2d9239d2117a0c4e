"""Decisions at the wire's edge: request in, response and record out."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gatehold import vocabulary
from gatehold.invalid import InvalidInput
from gatehold.records import decision_record
from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.v1.decision_pb2 import Decision, DecisionSource, RiskLevel
from gatehold.v1.decision_point_service_pb2 import (
    EvaluateRequest,
    EvaluateResponse,
    ListPermittedVerbsRequest,
    ListPermittedVerbsResponse,
)
from gatehold.v1.reason_code_pb2 import ReasonCode
from gatehold.verb import parse_verb
from pdp.configuration import Configuration
from pdp.session_scope import SessionScope
from pdp.transport.permitted_verbs import PermittedVerbs
from pdp.transport.random_uuid import random_uuid
from pdp.transport.settled import Settlements
from pdp.transport.translate import shadow_results

CurrentConfiguration = Callable[[str], Configuration]
"""From a tenant to the configuration that decides now. Raises `pdp.store.errors.NoSuchTenant`."""


class Speaker(NamedTuple):
    """In whose name a call is made, and whether it comes through a sidecar, which then writes the record itself.

    Attributes:
        session: that it is made in; None where it is in none.
    """

    tenant: str
    agent: str
    is_sidecar: bool
    session: SessionScope | None = None

    @property
    def session_id(self) -> str:
        """Empty where there is none."""
        return self.session.session_id if self.session else ""


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
        self._tenants: dict[str, _AtRevision] = {}

    def decide(self, speaker: Speaker, request: EvaluateRequest) -> Decided:
        """Decides one call.

        Raises:
            InvalidInput: the first field of the request that is outside the contract.
        """
        if speaker.session is not None:
            request = _acting(request, speaker.session)
        settlements = self._at(speaker.tenant).settlements
        settled = settlements.settle(speaker.agent, request, speaker.is_sidecar, speaker.session)
        self._decided(settled.verdict.decision)
        response = EvaluateResponse()
        response.CopyFrom(settled.response)
        response.decision_id = random_uuid()
        if speaker.is_sidecar:
            return Decided(response, None)
        record = decision_record(
            request,
            response,
            tenant=speaker.tenant,
            agent=speaker.agent,
            session=speaker.session_id,
            args=settled.read.args,
            context=settled.read.context,
            sensitive=self.sensitive_args(speaker.tenant, request.verb),
            shadow=shadow_results(settled.verdict.shadow),
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
            session=speaker.session_id,
            args={},
            context={},
            sensitive=None,
            shadow=(),
        )
        return Decided(response, record)

    def permitted(self, speaker: Speaker, request: ListPermittedVerbsRequest) -> ListPermittedVerbsResponse:
        """One page of the verbs that the agent's model may be shown. Raises InvalidInput for a page that is not one."""
        return self._at(speaker.tenant).permitted.response(speaker.agent, request, speaker.session)

    def sensitive_args(self, tenant: str, verb: str) -> Sequence[str] | None:
        """Paths of the arguments that no record may hold; None for a verb that is not in the catalog."""
        entry = self._current(tenant).catalog.get(verb)
        return entry.sensitive_args if entry else None

    def _at(self, tenant: str) -> "_AtRevision":
        configuration = self._current(tenant)
        known = self._tenants.get(tenant)
        if known is None or known.configuration is not configuration:
            known = _AtRevision(configuration, Settlements(configuration), PermittedVerbs(configuration))
            self._tenants[tenant] = known
        return known


class _AtRevision(NamedTuple):
    """What is kept for one tenant as long as its configuration lasts."""

    configuration: Configuration
    settlements: Settlements
    permitted: PermittedVerbs


def _acting(request: EvaluateRequest, session: SessionScope) -> EvaluateRequest:
    """The request as one for whom the session is, where it does not say."""
    acting = EvaluateRequest()
    acting.CopyFrom(request)
    acting.on_behalf_of = session.acts_for(request.on_behalf_of)
    return acting


def _verb_or_empty(verb: str) -> str:
    try:
        parse_verb(verb)
    except InvalidInput:
        return ""
    return verb
