"""The one way out: no answer leaves that is not on the record."""

from typing import Protocol

from gatehold.records import decision_record, legible, stamp
from gatehold.v1.decision_pb2 import Decision, DecisionSource, RiskLevel
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, EvaluateResponse
from gatehold.v1.reason_code_pb2 import ReasonCode
from sidecar.guard.fail_closed import blocked
from sidecar.lease import Drain, Lease
from sidecar.model import Answer, Call, Caller, Clock, Decider
from sidecar.sessions import unverified
from sidecar.spool import Spool

_ATTEMPTS = 3
_QUICK_RISKS = frozenset({RiskLevel.RISK_LEVEL_LOW, RiskLevel.RISK_LEVEL_MEDIUM})  # every other is fsync'd first


class Observer(Protocol):
    """Who counts what was answered."""

    def decided(self, decision: Decision, source: DecisionSource) -> None:
        """Counts an answer that is leaving."""


class Guard:
    """Decides, records, checks once more, answers."""

    def __init__(
        self, decider: Decider, spool: Spool, lease: Lease, drain: Drain, observer: Observer, clock: Clock
    ) -> None:
        self._decider = decider
        self._spool = spool
        self._lease = lease
        self._drain = drain
        self._observer = observer
        self._clock = clock

    async def answer(self, call: Call) -> EvaluateResponse:
        """Returns the decision on a call, after its record is stored: for HIGH verbs fsync'd, for others committed.

        Raises:
            SpoolFull, SpoolFailed: it could not be recorded, so there is no answer.
            Refusal: the decision point refused the request, or could not tell whether the caller's session is one.
        """
        supersedes = ""
        for _ in range(_ATTEMPTS):
            answer = await self._decider.decide(call)
            if answer.usable_until_ns is None:
                return await self._record(call, answer, supersedes)
            with self._drain.leaving(answer.outcome.epoch, answer.outcome.revision):
                response = await self._record(call, answer, supersedes)
                # The lease may have ended, or moved on, while the disk was written.
                if until_ns := self._usable_until(answer):
                    response.valid_until_boottime_ns = until_ns
                    return response
            supersedes = response.decision_id
        reason = "Nobody could decide: the lease ended again and again while the answer was being recorded."
        return await self._record(call, blocked(ReasonCode.REASON_CODE_PDP_UNREACHABLE, reason), supersedes)

    async def block(
        self, caller: Caller, request: EvaluateRequest, reason_code: ReasonCode, reason: str
    ) -> EvaluateResponse:
        """Returns a recorded block for a request that is not evaluated; nothing unchecked of it is recorded."""
        shown = legible(request)
        return await self._record(Call(caller, shown, {}, {}, ""), blocked(reason_code, reason), "")

    async def _record(self, call: Call, answer: Answer, supersedes: str) -> EvaluateResponse:
        if not call.caller.known and not answer.session:
            raise unverified()  # a stranger leaves no records in the agent's name
        response = _response(call, answer)
        outcome = answer.outcome
        record = decision_record(
            _acting(call.request, answer),
            response,
            tenant="",  # the decision point knows it from the credential
            agent=call.agent,
            session=answer.session,
            args=call.args,
            context=call.context,
            sensitive=outcome.sensitive_args,
            shadow=outcome.shadow,
            supersedes=supersedes,
        )
        spool_id = self._spool.identity.spool_id
        durable = outcome.risk_level not in _QUICK_RISKS
        await self._spool.append(lambda sequence: stamp(record, spool_id, sequence), durable=durable)
        self._observer.decided(outcome.decision, answer.source)
        return response

    def _usable_until(self, answer: Answer) -> int:
        """CLOCK_BOOTTIME until which a cached answer may be used; 0 when it may not any more."""
        now_ns = self._clock()
        held = self._lease.live(now_ns)
        if held is None or answer.usable_until_ns is None:
            return 0
        if (held.epoch, held.revision) != (answer.outcome.epoch, answer.outcome.revision):
            return 0
        until_ns = min(held.deadline_ns, answer.usable_until_ns)
        return until_ns if now_ns < until_ns else 0


def _acting(request: EvaluateRequest, answer: Answer) -> EvaluateRequest:
    """The request as one for whom the session is, where it does not say itself."""
    if request.on_behalf_of or not answer.on_behalf_of:
        return request
    acting = EvaluateRequest()
    acting.CopyFrom(request)
    acting.on_behalf_of = answer.on_behalf_of
    return acting


def _response(call: Call, answer: Answer) -> EvaluateResponse:
    outcome = answer.outcome
    return EvaluateResponse(
        decision=outcome.decision,
        risk_level=outcome.risk_level,
        reason=outcome.reason,
        reason_code=outcome.reason_code,
        policy_matched=outcome.policy_matched,
        decision_id=answer.decision_id,
        revision=outcome.revision,
        source=answer.source,
        obligations=outcome.obligations,
        args_digest=call.args_digest,
        trace=answer.trace,
    )
