"""One approval as the SDK hands it out."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from gatehold import digest
from gatehold.v1 import approval_pb2, decision_pb2
from gatehold.vocabulary import ApprovalState, RiskLevel


@dataclass(frozen=True, slots=True)
class Approval:
    """A frozen call that waits for people, or what became of it.

    Attributes:
        id: random UUID. While the call runs, also its idempotency key: one approved call has one id, however often it
            has to be tried.
        state: where it stands.
        verb: the call's verb.
        args: the arguments that are approved; with `edited`, not the ones that were asked for. Sensitive ones read
            `[redacted]` until the call is claimed. Kept out of `repr`.
        args_digest: hex SHA-256 of the canonical arguments.
        reason: why policy asks a person, in one sentence.
        end_reason: of a denial, a cancellation or a failed run; empty otherwise.
        edited: an approver replaced the arguments.
        reclaimable: nobody knows how the last run ended, and the call may be run again all the same.
        on_behalf_of: whom the agent acts for; empty for nobody.
        justification: the agent's words; empty where it gave none.
        risk_level: of the verb.
        policy_matched: id of the policy that asks.
        revision: of the configuration that asked.
        decide_by: until when people may decide, in UTC.
        claim_by: until when an approved call may be claimed, in UTC; None until it is approved.
    """

    id: str
    state: ApprovalState
    verb: str
    args: Mapping[str, object] = field(repr=False)
    args_digest: str
    reason: str
    end_reason: str = ""
    edited: bool = False
    reclaimable: bool = False
    on_behalf_of: str = ""
    justification: str = ""
    risk_level: RiskLevel = RiskLevel.HIGH
    policy_matched: str = ""
    revision: int = 0
    decide_by: datetime | None = None
    claim_by: datetime | None = None

    @property
    def why(self) -> str:
        """The last word on it: why it ended, or, before that, why policy asks."""
        return self.end_reason or self.reason


running: ContextVar[Approval | None] = ContextVar("gatehold_approval", default=None)


def current_approval() -> Approval | None:
    """Returns the approval that the guarded function around this call runs under; None where it needed none.

    Its `id` is the idempotency key to hand to the tool's own API. A thread that the function starts does not see it.
    """
    return running.get()


def read_approval(message: approval_pb2.Approval) -> Approval:
    """Returns it in plain types. Raises ValueError for one without an id, or in a state that is not known here."""
    if not message.approval_id or not message.args_digest:
        raise ValueError("an approval lacks its id or digest")
    state = approval_pb2.ApprovalState.Name(message.state).removeprefix("APPROVAL_STATE_").lower()
    risk = decision_pb2.RiskLevel.Name(message.risk_level).removeprefix("RISK_LEVEL_")
    return Approval(
        id=message.approval_id,
        state=ApprovalState(state),
        verb=message.verb,
        args=digest.parse_object(message.args_json, "args_json"),
        args_digest=message.args_digest,
        reason=message.reason,
        end_reason=message.end_reason,
        edited=message.edited,
        reclaimable=message.reclaimable,
        on_behalf_of=message.on_behalf_of,
        justification=message.justification,
        risk_level=RiskLevel.HIGH if risk == "UNSPECIFIED" else RiskLevel(risk),
        policy_matched=message.policy_matched,
        revision=message.revision,
        decide_by=_moment(message.decide_by_time) if message.HasField("decide_by_time") else None,
        claim_by=_moment(message.claim_by_time) if message.HasField("claim_by_time") else None,
    )


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)
