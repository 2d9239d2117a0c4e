"""Agents and approvers of a decision point that is a process of its own, and may be gone."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from gatehold.v1 import approver_service_pb2 as people
from gatehold.v1 import decision_point_service_pb2 as calls
from gatehold.v1.approval_pb2 import Approval, ApprovalState
from gatehold.v1.approver_service_pb2_grpc import ApproverServiceStub
from gatehold.v1.audit_record_pb2 import OUTCOME_SUCCEEDED, RECORD_KIND_APPROVAL
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from pdp.identity import Role
from tests.keys import add_keys
from tests.stack import Stack, until

ONCE = "stripe:create_customer"  # MEDIUM, so that one person approves it where no policy speaks
AGAIN = "browser:browser_fill_form"  # and idempotent
TWO_OF_FINANCE = json.dumps(
    [{"id": "two", "verb": ONCE, "action": {"type": "require_approval", "groups": ["finance"], "count": 2}}]
)
APPROVERS: Mapping[str, Sequence[str]] = {"ann": ["finance"], "bob": ["finance"], "cleo": ["legal"]}
_GONE = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN})


class Desk:
    """Calls on approvals, by whom. A decision point that is not there is waited for, unless `patient` is False."""

    def __init__(self, stack: Stack, patient: bool = True) -> None:
        self._stack = stack
        self._patient = patient
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_reconnect_backoff_ms", 100)]
        self.channel = grpc.insecure_channel(stack.address, options=options)
        self._agent: Any = DecisionPointServiceStub(self.channel)
        self._people: Any = ApproverServiceStub(self.channel)

    def _call(self, stub: Any, method: str, request: Any, key: str) -> Any:
        secret = (self._stack.folder / "keys" / f"{key}.key").read_text().strip()
        metadata = [("authorization", f"Bearer {secret}")]

        def once() -> Any:
            try:
                how = {"metadata": metadata, "timeout": 10, "wait_for_ready": self._patient}
                return getattr(stub, method)(request, **how)
            except grpc.RpcError as error:
                if self._patient and error.code() in _GONE:  # type: ignore[attr-defined]
                    return None
                raise

        return until(once)

    def request(self, args: Mapping[str, object], verb: str = ONCE, **fields: Any) -> Approval:
        request = calls.RequestApprovalRequest(verb=verb, args_json=json.dumps(args), **fields)
        return self._call(self._agent, "RequestApproval", request, "agent").approval

    def get(self, approval: Approval) -> Approval:
        request = calls.GetApprovalRequest(approval_id=approval.approval_id)
        return self._call(self._agent, "GetApproval", request, "agent").approval

    def claim(self, approval: Approval, claim_id: str = "") -> calls.ClaimApprovalResponse:
        known = {"approval_id": approval.approval_id, "claim_id": claim_id or str(uuid.uuid4())}
        return self._call(self._agent, "ClaimApproval", calls.ClaimApprovalRequest(**known), "agent")

    def complete(self, claimed: calls.ClaimApprovalResponse) -> Approval:
        known = {"approval_id": claimed.approval.approval_id, "claim_id": claimed.approval.claim_id}
        request = calls.CompleteApprovalRequest(**known, outcome=OUTCOME_SUCCEEDED)
        return self._call(self._agent, "CompleteApproval", request, "agent").approval

    def cancel(self, approval: Approval) -> Approval:
        request = calls.CancelApprovalRequest(approval_id=approval.approval_id)
        return self._call(self._agent, "CancelApproval", request, "agent").approval

    def approve(self, approval: Approval, who: str = "ann", **fields: Any) -> Approval:
        known = {"approval_id": approval.approval_id, "args_digest": approval.args_digest, "etag": approval.etag}
        return self._call(self._people, "Approve", people.ApproveRequest(**known | fields), who).approval

    def deny(self, approval: Approval, who: str = "ann") -> Approval:
        known = {"approval_id": approval.approval_id, "args_digest": approval.args_digest, "etag": approval.etag}
        return self._call(self._people, "Deny", people.DenyRequest(**known, reason="no"), who).approval

    def resolve(self, approval: Approval, who: str = "ann") -> Approval:
        known = {"approval_id": approval.approval_id, "etag": approval.etag, "reason": "it is in the ledger"}
        request = people.ResolveRequest(**known, outcome=OUTCOME_SUCCEEDED)
        return self._call(self._people, "Resolve", request, who).approval

    def history(self, approval: Approval) -> list[str]:
        request = people.ApproverServiceGetApprovalRequest(approval_id=approval.approval_id)
        return [event.event for event in self._call(self._people, "GetApproval", request, "ann").history]

    def approved(self, args: Mapping[str, object], verb: str = ONCE) -> Approval:
        return self.approve(self.request(args, verb))


def open_desk(stack: Stack, policies: str = "", **how: Any) -> Desk:
    """Starts a decision point with several approvers."""
    add_keys(stack.folder, Role.APPROVER, APPROVERS)
    stack.start_pdp(**how)
    if policies:
        stack.apply_policies(policies)
    return Desk(stack)


def reason(error: BaseException) -> str:
    """The published reason of a refusal."""
    info = error_details_pb2.ErrorInfo()
    status = rpc_status.from_call(error)
    assert status is not None, error
    assert status.details[0].Unpack(info)
    return str(info.reason)


def state(approval: Approval) -> str:
    """Its state as people see it."""
    return ApprovalState.Name(approval.state).removeprefix("APPROVAL_STATE_").lower()


def recorded(stack: Stack) -> dict[str, list[str]]:
    """What the record tells of each approval, oldest first."""
    told: dict[str, list[str]] = {}
    for record in reversed(stack.records(kind=RECORD_KIND_APPROVAL)):
        told.setdefault(record.approval.approval_id, []).append(record.approval.event)
    return told
