"""What a gate may answer that no healthy one does, each one step away from a sound allow."""

import time
from collections.abc import Callable
from typing import Any

from gatehold.clock import boottime_ns
from gatehold.v1.decision_pb2 import DECISION_SOURCE_FAIL_CLOSED, Obligation
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, EvaluateResponse
from tests.fakes.scripted_gate import Script, allow

SLOW_SECONDS = 5.0


def _with(**fields: Any) -> Script:
    def answer(request: EvaluateRequest, _: object) -> EvaluateResponse:
        response = allow(request)
        for name, value in fields.items():
            setattr(response, name, value)
        return response

    return answer


def _late(request: EvaluateRequest, _: object) -> EvaluateResponse:
    response = allow(request)
    response.valid_until_boottime_ns = boottime_ns() - 1_000_000_000
    return response


def _slow(request: EvaluateRequest, _: object) -> EvaluateResponse:
    time.sleep(SLOW_SECONDS)
    return allow(request)


def _obliging(*obligations: Obligation) -> Script:
    def answer(request: EvaluateRequest, _: object) -> EvaluateResponse:
        response = allow(request)
        response.obligations.extend(obligations)
        return response

    return answer


GATES: dict[str, Callable[..., EvaluateResponse | bytes]] = {
    "sound": allow,
    "slow": _slow,
    "garbage": lambda *_: b"\xff\xff\xff",
    "empty": lambda *_: b"",
    "unknown_decision": _with(decision=99),
    "no_decision": _with(decision=0),
    "unknown_reason": _with(reason_code=999),
    "no_source": _with(source=0),
    "fail_closed_allow": _with(source=DECISION_SOURCE_FAIL_CLOSED),
    "no_revision": _with(revision=0),
    "no_decision_id": _with(decision_id=""),
    "other_arguments": _with(args_digest="ab" * 32),
    "too_late": _late,
    "unknown_obligation": _obliging(Obligation(id="q", type="quarantine", properties_json='{"for": "1h"}')),
    "nameless_obligation": _obliging(Obligation(id="q", type="")),
}
