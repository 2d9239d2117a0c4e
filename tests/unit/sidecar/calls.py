"""Calls, answers and a clock that the sidecar's unit tests share."""

from typing import Any

from google.protobuf.duration_pb2 import Duration

from gatehold.v1.condition_pb2 import Atom
from gatehold.v1.decision_pb2 import Decision, DecisionSource, RiskLevel
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from gatehold.v1.reason_code_pb2 import ReasonCode
from gatehold.v1.reuse_pb2 import Reuse, ReuseMode
from sidecar.guard import read
from sidecar.lease import Lease
from sidecar.lease.state import SECOND_NS
from sidecar.model import Answer, Call, Caller, Outcome

OVER_100 = Atom(field="args.amount", operator="greater", value_json="100")
EPOCH = 5
LOW, MEDIUM, HIGH = RiskLevel.RISK_LEVEL_LOW, RiskLevel.RISK_LEVEL_MEDIUM, RiskLevel.RISK_LEVEL_HIGH
ALLOW, BLOCK = Decision.DECISION_ALLOW, Decision.DECISION_BLOCK


class Clock:
    """CLOCK_BOOTTIME that moves when it is told to."""

    def __init__(self) -> None:
        self.now_ns = 1_000 * SECOND_NS

    def __call__(self) -> int:
        return self.now_ns

    def advance(self, seconds: float) -> None:
        self.now_ns += int(seconds * SECOND_NS)


def call(args: str = '{"amount": 250}', agent: str = "dev", token: str = "", **fields: Any) -> Call:
    """A checked call, of `p:refund` by agent `dev` in no session unless said otherwise."""
    return read(Caller(agent, token), EvaluateRequest(**{"verb": "p:refund", "args_json": args, **fields}))


def leased(clock: Clock, revision: int = 1, seconds: int = 60, epoch: int = EPOCH) -> Lease:
    """A lease granted just now."""
    lease = Lease("mine")
    grant(lease, clock, revision, seconds, epoch)
    return lease


def grant(lease: Lease, clock: Clock, revision: int, seconds: int = 60, epoch: int = EPOCH) -> None:
    """Renews the lease now."""
    assert lease.grant("mine", lease.request(clock()), epoch, revision, seconds * SECOND_NS)


def reuse(mode: ReuseMode = ReuseMode.REUSE_MODE_ATOMS, **fields: Any) -> Reuse:
    """A permission to reuse for every amount on the same side of 100, for as long as the sidecar lets any live."""
    defaults: dict[str, Any] = {"evaluator_version": 1, "max_age": Duration(seconds=3600)}
    if mode == ReuseMode.REUSE_MODE_ATOMS:
        defaults["atoms"] = [OVER_100]
    return Reuse(mode=mode, **{**defaults, **fields})


def answer(reuse: Reuse | None, reason: str = "", **fields: Any) -> Answer:
    """What the decision point answered: a LOW allow under revision 1 unless said otherwise."""
    defaults: dict[str, Any] = {
        "decision": ALLOW,
        "risk_level": LOW,
        "reason": reason,
        "reason_code": ReasonCode.REASON_CODE_POLICY,
        "revision": 1,
        "epoch": EPOCH,
        "sensitive_args": (),
    }
    outcome = Outcome(**{**defaults, **fields})
    return Answer(outcome, DecisionSource.DECISION_SOURCE_POLICY, "decision-1", reuse=reuse)
