"""A real gRPC server that plays the part of the decision point that people who approve, and administrators, call."""

import queue
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any, NoReturn

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from gatehold import digest
from gatehold.serving import Refusal
from gatehold.v1 import approver_service_pb2 as wire
from gatehold.v1 import webhook_pb2, webhook_service_pb2
from gatehold.v1.approval_pb2 import (
    APPROVAL_STATE_APPROVED,
    APPROVAL_STATE_CANCELLED,
    APPROVAL_STATE_DENIED,
    APPROVAL_STATE_PENDING,
    APPROVAL_STATE_SUCCEEDED,
    Approval,
    ApprovalRequirement,
    Vote,
)
from gatehold.v1.approver_service_pb2_grpc import ApproverServiceServicer, add_ApproverServiceServicer_to_server
from gatehold.v1.error_reason_pb2 import ErrorReason
from gatehold.v1.webhook_service_pb2_grpc import WebhookServiceServicer, add_WebhookServiceServicer_to_server

KEY = "gh_0123456789abcdef_" + "k" * 43
NOW = 1_900_000_000  # the server's clock, years ahead of this machine's
Context = grpc.ServicerContext


def pending(approval_id: str = "", /, **fields: Any) -> Approval:
    """A refund of 250 that waits for one person, requested 3 min 20 s ago, with 26 min 40 s left."""
    made: dict[str, Any] = {
        "approval_id": approval_id or str(uuid.uuid4()),
        "state": APPROVAL_STATE_PENDING,
        "etag": "v1",
        "agent": "dev",
        "on_behalf_of": "ann",
        "verb": "stripe:create_refund",
        "risk_level": 3,
        "args_json": '{"amount":250}',
        "context_json": '{"ticket":"T-1"}',
        "reason": "Refund exceeds $100 threshold",
        "policy_matched": "large-refund-gate",
        "revision": 3,
        "requirements": [
            ApprovalRequirement(
                policy="large-refund-gate",
                reason="Refund exceeds $100 threshold",
                conditions=["args.amount greater 100 is true"],
                count=1,
            )
        ],
        "request_time": Timestamp(seconds=NOW - 200),
        "decide_by_time": Timestamp(seconds=NOW + 1_600),
        "time_left": Duration(seconds=1_600),
    }
    made.update(fields)
    made.setdefault("args_digest", digest.digest(digest.parse_object(made["args_json"], "args_json")))
    return Approval(**made)


class ScriptedApprover(ApproverServiceServicer, WebhookServiceServicer):
    """Keeps approvals and does what it is asked.

    Attributes:
        approvals: by id, in the order of listing.
        read: what GetApproval tells beside the approval, by id.
        votes: every request that would change something.
        refusals: by method and approval id ("" for every one): what to refuse with.
        webhook: the one there is; None for none.
    """

    def __init__(self) -> None:
        self.approvals: dict[str, Approval] = {}
        self.read: dict[str, dict[str, Any]] = {}
        self.votes: list[Any] = []
        self.listed: list[wire.ListApprovalsRequest] = []
        self.refusals: dict[tuple[str, str], Refusal] = {}
        self.webhook: webhook_pb2.Webhook | None = None
        self.port = 0
        self.watching = threading.Semaphore(0)
        self._watches: list[queue.Queue[Approval | None]] = []
        self._server: grpc.Server | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listens; after `stop`, on the same port again."""
        self._server = grpc.server(futures.ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
        add_ApproverServiceServicer_to_server(self, self._server)
        add_WebhookServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        self._server.start()

    def stop(self) -> None:
        """Goes away at once."""
        for watch in self._watches:
            watch.put(None)
        self._watches.clear()
        if self._server is not None:
            self._server.stop(None).wait()
            self._server = None

    def add(self, *approvals: Approval) -> None:
        """Keeps approvals; those who watch hear of them."""
        for approval in approvals:
            self.approvals[approval.approval_id] = approval
            for watch in self._watches:
                watch.put(approval)

    def ListApprovals(self, request: wire.ListApprovalsRequest, context: Context) -> wire.ListApprovalsResponse:
        self._admit("ListApprovals", "", context)
        self.listed.append(request)
        states = list(request.states) or [APPROVAL_STATE_PENDING]
        found = [one for one in self.approvals.values() if one.state in states and request.agent in ("", one.agent)]
        return wire.ListApprovalsResponse(approvals=found[: request.page_size])

    def GetApproval(
        self, request: wire.ApproverServiceGetApprovalRequest, context: Context
    ) -> wire.ApproverServiceGetApprovalResponse:
        self._admit("GetApproval", request.approval_id, context)
        approval = self._found(request.approval_id, context)
        return wire.ApproverServiceGetApprovalResponse(approval=approval, **self.read.get(approval.approval_id, {}))

    def WatchApprovals(
        self, request: wire.WatchApprovalsRequest, context: Context
    ) -> Iterator[wire.WatchApprovalsResponse]:
        self._admit("WatchApprovals", "", context)
        mine: queue.Queue[Approval | None] = queue.Queue()
        for approval in self.approvals.values():
            if approval.state == APPROVAL_STATE_PENDING:
                mine.put(approval)
        self._watches.append(mine)
        self.watching.release()
        while (approval := mine.get()) is not None:
            yield wire.WatchApprovalsResponse(approval=approval)

    def Approve(self, request: wire.ApproveRequest, context: Context) -> wire.ApproveResponse:
        def vote(approval: Approval) -> None:
            if request.edited_args_json:
                approval.args_json, approval.edited = request.edited_args_json, True
            approval.votes.append(Vote(approver="eve", approve=True, reason=request.reason))
            if all(one.count <= len(approval.votes) for one in approval.requirements):
                approval.state = APPROVAL_STATE_APPROVED
                approval.claim_by_time.seconds, approval.time_left.seconds = NOW + 600, 600

        return wire.ApproveResponse(approval=self._change("Approve", request, context, vote))

    def Deny(self, request: wire.DenyRequest, context: Context) -> wire.DenyResponse:
        return wire.DenyResponse(approval=self._change("Deny", request, context, _ended(APPROVAL_STATE_DENIED)))

    def Cancel(self, request: wire.CancelRequest, context: Context) -> wire.CancelResponse:
        return wire.CancelResponse(approval=self._change("Cancel", request, context, _ended(APPROVAL_STATE_CANCELLED)))

    def Resolve(self, request: wire.ResolveRequest, context: Context) -> wire.ResolveResponse:
        done = self._change("Resolve", request, context, _ended(APPROVAL_STATE_SUCCEEDED))
        return wire.ResolveResponse(approval=done)

    def SetWebhook(
        self, request: webhook_service_pb2.SetWebhookRequest, context: Context
    ) -> webhook_service_pb2.SetWebhookResponse:
        self._admit("SetWebhook", "", context)
        self.votes.append(request)
        self.webhook = webhook_pb2.Webhook(url=request.url, create_time=Timestamp(seconds=NOW))
        return webhook_service_pb2.SetWebhookResponse(webhook=self.webhook, secret="whsec_c2VjcmV0")

    def GetWebhook(
        self, request: webhook_service_pb2.GetWebhookRequest, context: Context
    ) -> webhook_service_pb2.GetWebhookResponse:
        self._admit("GetWebhook", "", context)
        if self.webhook is None:
            refuse(context, not_found("there is no webhook"))
        return webhook_service_pb2.GetWebhookResponse(webhook=self.webhook)

    def DeleteWebhook(
        self, request: webhook_service_pb2.DeleteWebhookRequest, context: Context
    ) -> webhook_service_pb2.DeleteWebhookResponse:
        self._admit("DeleteWebhook", "", context)
        self.votes.append(request)
        self.webhook = None
        return webhook_service_pb2.DeleteWebhookResponse()

    def _change(self, method: str, request: Any, context: Context, change: Callable[[Approval], None]) -> Approval:
        self._admit(method, request.approval_id, context)
        approval = self._found(request.approval_id, context)
        if request.etag != approval.etag:
            refuse(context, Refusal(grpc.StatusCode.ABORTED, ErrorReason.ERROR_REASON_STALE_REVISION, "it has changed"))
        self.votes.append(request)
        change(approval)
        approval.etag = "v2"
        return approval

    def _admit(self, method: str, approval_id: str, context: Context) -> None:
        shown = dict(context.invocation_metadata() or ()).get("authorization")
        assert shown == f"Bearer {KEY}"
        refusal = self.refusals.get((method, approval_id)) or self.refusals.get((method, ""))
        if refusal is not None:
            refuse(context, refusal)

    def _found(self, approval_id: str, context: Context) -> Approval:
        if approval_id not in self.approvals:
            refuse(context, not_found("there is no such approval"))
        return self.approvals[approval_id]


def _ended(state: Any) -> Callable[[Approval], None]:
    def change(approval: Approval) -> None:
        approval.state = state
        approval.ClearField("time_left")

    return change


def not_found(message: str) -> Refusal:
    return Refusal(grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_NOT_FOUND, message)


def refuse(context: Context, refusal: Refusal) -> NoReturn:
    """Ends the call as a decision point would."""
    context.set_trailing_metadata((("grpc-status-details-bin", refusal.details()),))
    context.abort(refusal.code, refusal.message)
    raise AssertionError("abort returned")
