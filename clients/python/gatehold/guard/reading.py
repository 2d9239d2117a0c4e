"""Reads a response into an answer, and into a block wherever anything about it is not as it must be."""

import json
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

import grpc
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from gatehold.clock import boottime_ns
from gatehold.guard.answer import Answer, Obligation
from gatehold.guard.steps import Reply
from gatehold.v1 import decision_pb2, reason_code_pb2, trace_pb2
from gatehold.v1.decision_point_service_pb2 import EvaluateResponse
from gatehold.vocabulary import Decision, DecisionSource, ReasonCode, RiskLevel

E = TypeVar("E", bound=StrEnum)

_REFUSED = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.UNIMPLEMENTED,
}


class _Garbage(ValueError):
    """The response is not what a healthy gate sends."""


def from_reply(reply: Reply, args_digest: str, known_obligations: Collection[str]) -> Answer:
    """Returns the answer to an Evaluate, however it went.

    Args:
        args_digest: of the arguments that were sent.
        known_obligations: types of obligation that the caller can meet.
    """
    if reply.code is not grpc.StatusCode.OK:
        return refusal(reply, args_digest)
    return from_response(reply.message, args_digest, known_obligations)


def refusal(reply: Reply, args_digest: str) -> Answer:
    """Returns the block that an error status stands for."""
    if reply.code in _REFUSED:
        reason = f"The gate refused the request: {reply.details or reply.code.name}"
        return Answer.fail_closed(ReasonCode.REFUSED, reason, args_digest)
    return Answer.fail_closed(
        ReasonCode.SIDECAR_UNREACHABLE, f"The gate could not be asked ({reply.problem})", args_digest
    )


def from_response(response: EvaluateResponse, args_digest: str, known_obligations: Collection[str]) -> Answer:
    """Returns the answer, or a block where the response is garbage, too late or asks for something unknown.

    Args:
        response: as received.
        args_digest: of the arguments that were sent; an answer about others is garbage.
        known_obligations: types of obligation that the caller can meet.
    """
    try:
        answer = _read(response, args_digest)
    except Exception as error:  # whatever is wrong with it, it is no permission
        return Answer.fail_closed(ReasonCode.INVALID_RESPONSE, f"The gate's answer is unusable: {error}", args_digest)
    unknown = [o.type for o in answer.obligations if o.type not in known_obligations]
    if answer.decision is not Decision.BLOCK and unknown:
        return Answer.fail_closed(
            ReasonCode.UNKNOWN_OBLIGATION,
            f"The call carries an obligation nobody here knows: {unknown[0]}",
            args_digest,
        )
    return answer


def _read(response: EvaluateResponse, args_digest: str) -> Answer:
    if response.valid_until_boottime_ns and boottime_ns() >= response.valid_until_boottime_ns:
        raise _Garbage("it came too late")
    decision = _word(decision_pb2.Decision, response.decision, Decision)
    source = _word(decision_pb2.DecisionSource, response.source, DecisionSource)
    if decision is not Decision.BLOCK and (source is DecisionSource.FAIL_CLOSED or response.revision < 1):
        raise _Garbage("it permits what nobody decided")
    if not response.decision_id or response.args_digest != args_digest:
        raise _Garbage("it is not about this call")
    return Answer(
        decision=decision,
        reason=response.reason,
        reason_code=_word(reason_code_pb2.ReasonCode, response.reason_code, ReasonCode),
        risk_level=_word(decision_pb2.RiskLevel, response.risk_level, RiskLevel),
        policy_matched=response.policy_matched,
        decision_id=response.decision_id,
        revision=response.revision,
        source=source,
        obligations=read_obligations(response.obligations),
        args_digest=args_digest,
        trace=tuple(_candidate(c) for c in response.trace.candidates),
    )


def _word(wire: EnumTypeWrapper, number: int, words: type[E]) -> E:
    """Raises for a number this SDK does not know, and for the zero that means nothing was said."""
    prefix = _prefix(wire)
    name = wire.Name(number).removeprefix(prefix)
    return next(word for word in words if word.name == name)


def _prefix(wire: EnumTypeWrapper) -> str:
    return wire.keys()[0].removesuffix("UNSPECIFIED")


def read_obligations(obligations: Iterable[decision_pb2.Obligation]) -> tuple[Obligation, ...]:
    """Returns them in plain types. Raises ValueError for one that lacks a part."""
    return tuple(_obligation(obligation) for obligation in obligations)


def _obligation(obligation: decision_pb2.Obligation) -> Obligation:
    properties = json.loads(obligation.properties_json or "{}")
    if not obligation.id or not obligation.type or not isinstance(properties, dict):
        raise _Garbage("an obligation lacks its id, type or properties")
    return Obligation(obligation.id, obligation.type, properties)


def _candidate(candidate: trace_pb2.Candidate) -> Mapping[str, object]:
    return {
        "policy": candidate.policy,
        "action": candidate.action,
        "result": _truth(candidate.result),
        "role": _lower(trace_pb2.CandidateRole, candidate.role),
        "overridden_by": candidate.overridden_by,
        "comparisons": [{"text": c.text, "result": _truth(c.result)} for c in candidate.comparisons],
    }


def _truth(number: int) -> str:
    return _lower(trace_pb2.Truth, number)


def _lower(wire: EnumTypeWrapper, number: int) -> str:
    return wire.Name(number).removeprefix(_prefix(wire)).lower()
