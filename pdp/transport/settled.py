"""Calls of one tenant decided at one revision, and those that come again word for word."""

from typing import NamedTuple

from gatehold.digest import digest
from gatehold.serving import ReadCall, read_call, require_identifiers
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, EvaluateResponse
from gatehold.vocabulary import ReasonCode
from pdp.configuration import Configuration
from pdp.evaluate import evaluate
from pdp.model import Call, Verdict
from pdp.session_scope import SessionScope
from pdp.transport.answers import Answers

_KEPT = 1_024
_LONGEST = 4_096  # characters of arguments and context that are kept
_LARGEST = 16_384  # bytes of a response that is kept
_NOT_KEPT = frozenset({ReasonCode.EVALUATION_ERROR, ReasonCode.CONDITION_UNKNOWN})  # might come out better next time

_Key = tuple[str, bool, str, str, str, str]


class Settled(NamedTuple):
    """A call with its verdict.

    Attributes:
        read: its arguments and context.
        response: complete but for its decision_id. It is shared: copy it.
    """

    read: ReadCall
    verdict: Verdict
    response: EvaluateResponse


class Settlements:
    """Decides calls. Agents ask for the same call twice as a rule: before they propose it, and before they make it.

    A verdict depends on nothing but the configuration and what is in the key, so the second one is the first.

    Args:
        configuration: what decides.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._answers = Answers(configuration)
        self._settled: dict[_Key, Settled] = {}

    def settle(
        self, agent: str, request: EvaluateRequest, to_sidecar: bool, session: SessionScope | None = None
    ) -> Settled:
        """Decides one call.

        Args:
            agent: id of the agent in whose name it is made.
            request: as it came.
            to_sidecar: whether the response says what may be reused and recorded.
            session: that it is made in; None where it is in none.

        Raises:
            InvalidInput: the first field of the request that is outside the contract.
        """
        if session is not None:
            return self._decide_in(session, agent, request, to_sidecar)
        verb, args_json, context_json = request.verb, request.args_json, request.context_json
        key = (agent, to_sidecar, verb, args_json, context_json, request.tool_definition_digest)
        settled = self._settled.get(key)
        if settled is None or request.explain:
            settled = self._decide(agent, request, to_sidecar)
            if _is_kept(settled, len(args_json) + len(context_json)):
                if len(self._settled) >= _KEPT:
                    self._settled.clear()
                self._settled[key] = settled
        else:
            require_identifiers(request)
        return settled

    def _decide_in(self, session: SessionScope, agent: str, request: EvaluateRequest, to_sidecar: bool) -> Settled:
        read = read_call(request)
        call = self._call(agent, request, read)
        verdict = evaluate(self._configuration, call, request.explain, session)
        response = self._answers.in_session(verdict, request.verb, agent, to_sidecar, session)
        response.args_digest = digest(read.args)
        return Settled(read, verdict, response)

    def _decide(self, agent: str, request: EvaluateRequest, to_sidecar: bool) -> Settled:
        read = read_call(request)
        verdict = evaluate(self._configuration, self._call(agent, request, read), request.explain)
        response = EvaluateResponse()
        response.CopyFrom(self._answers.response(verdict, request.verb, agent, to_sidecar))
        response.args_digest = digest(read.args)
        return Settled(read, verdict, response)

    def _call(self, agent: str, request: EvaluateRequest, read: ReadCall) -> Call:
        known = self._configuration.agent(agent)
        return Call(known, request.verb, *read, request.tool_definition_digest, request.on_behalf_of)


def _is_kept(settled: Settled, length: int) -> bool:
    verdict = settled.verdict
    comes_again = verdict.trace is None and verdict.reason_code not in _NOT_KEPT
    return comes_again and length <= _LONGEST and settled.response.ByteSize() <= _LARGEST
