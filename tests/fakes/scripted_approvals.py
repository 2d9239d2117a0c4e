"""Keeps approvals as far as one agent can tell from a decision point, and plays by script where a test says so."""

import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import grpc
from google.protobuf.duration_pb2 import Duration

from gatehold import digest
from gatehold.serving import Refusal
from gatehold.v1 import approval_pb2 as wire
from gatehold.v1 import decision_point_service_pb2 as service
from gatehold.v1.audit_record_pb2 import OUTCOME_FAILED, OUTCOME_INDETERMINATE, OUTCOME_SUCCEEDED
from gatehold.v1.error_reason_pb2 import ErrorReason

Script = Callable[[Any, grpc.ServicerContext, Callable[[], Any]], Any]
"""From a request, its context and what usually answers it, to a response (`WatchApproval`: several); or it aborts."""

PENDING, APPROVED, CLAIMED = wire.APPROVAL_STATE_PENDING, wire.APPROVAL_STATE_APPROVED, wire.APPROVAL_STATE_CLAIMED
DENIED, EXPIRED, CANCELLED = wire.APPROVAL_STATE_DENIED, wire.APPROVAL_STATE_EXPIRED, wire.APPROVAL_STATE_CANCELLED
SUCCEEDED, FAILED = wire.APPROVAL_STATE_SUCCEEDED, wire.APPROVAL_STATE_FAILED
INDETERMINATE = wire.APPROVAL_STATE_INDETERMINATE
ENDED = {DENIED, EXPIRED, CANCELLED, SUCCEEDED, FAILED}
OUTCOMES = {OUTCOME_SUCCEEDED: SUCCEEDED, OUTCOME_FAILED: FAILED, OUTCOME_INDETERMINATE: INDETERMINATE}
SECRET = "card"  # an argument of this name is sensitive


def refuse(context: grpc.ServicerContext, code: grpc.StatusCode, reason: str, message: str = "no") -> NoReturn:
    """Ends the call as a decision point would."""
    refusal = Refusal(code, ErrorReason.Value(f"ERROR_REASON_{reason}"), message)  # type: ignore[arg-type]
    context.set_trailing_metadata((("grpc-status-details-bin", refusal.details()),))
    context.abort(code, message)
    raise AssertionError("abort returned")


def digest_of(text: str) -> str:
    return digest.digest(digest.parse_object(text, "json"))


class ScriptedApprovals:
    """`scripts`, by method, come before what usually happens; `calls` are all that came."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.approvals: dict[str, wire.Approval] = {}
        self.scripts: dict[str, Script] = {}
        self.calls: list[tuple[str, Any]] = []
        self.obligations: list[Any] = []
        self.page_size = 1_000

    def handlers(self) -> dict[str, Any]:
        unary = (self.RequestApproval, self.ListApprovals, self.ClaimApproval, self.CompleteApproval)
        handlers: dict[str, Any] = {
            usual.__name__: grpc.unary_unary_rpc_method_handler(self._scripted(usual), _request(usual.__name__), _bytes)
            for usual in unary
        }
        watch = self._scripted(self.WatchApproval)
        handlers["WatchApproval"] = grpc.unary_stream_rpc_method_handler(watch, _request("WatchApproval"), _bytes)
        return handlers

    def _scripted(self, usual: Callable[[Any, grpc.ServicerContext], Any]) -> Callable[..., Any]:
        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            with self.changed:
                self.calls.append((usual.__name__, request))
                self.changed.notify_all()
            script = self.scripts.get(usual.__name__)
            return script(request, context, lambda: usual(request, context)) if script else usual(request, context)

        return answer

    def RequestApproval(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self.changed:
            for approval in self.approvals.values():
                same = (approval.verb, approval.args_json) == (request.verb, request.args_json)
                if same and approval.state in (PENDING, APPROVED):
                    return service.RequestApprovalResponse(approval=shown(approval))
            made = self.add(request.verb, request.args_json, context_json=request.context_json)
            made.tool_definition_digest = request.tool_definition_digest
            made.on_behalf_of, made.justification = request.on_behalf_of, request.justification
            return service.RequestApprovalResponse(approval=shown(made))

    def ListApprovals(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self.changed:
            found = [shown(a) for a in self.approvals.values() if a.state in request.states]
        start = int(request.page_token or 0)
        end = start + self.page_size
        return service.DecisionPointServiceListApprovalsResponse(
            approvals=found[start:end], next_page_token=str(end) if end < len(found) else ""
        )

    def WatchApproval(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        sent = ""
        while context.is_active():
            with self.changed:
                if request.approval_id not in self.approvals:
                    refuse(context, grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
                approval = shown(self.approvals[request.approval_id])
                if approval.etag == sent:
                    self.changed.wait(0.05)
                    continue
            sent = approval.etag
            yield service.WatchApprovalResponse(approval=approval)
            if approval.state in ENDED:
                return

    def ClaimApproval(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self.changed:
            approval = self.approvals[request.approval_id]
            again = approval.state == CLAIMED and approval.claim_id == request.claim_id
            if approval.state == CLAIMED and not again:
                refuse(context, grpc.StatusCode.ABORTED, "CLAIM_CONFLICT")
            if not (again or approval.state == APPROVED or approval.reclaimable):
                refuse(context, grpc.StatusCode.FAILED_PRECONDITION, "APPROVAL_STATE")
            for word in ("args", "context"):
                if getattr(request, f"{word}_digest") not in ("", getattr(approval, f"{word}_digest")):
                    refuse(context, grpc.StatusCode.FAILED_PRECONDITION, f"APPROVAL_{word.upper()}_CHANGED")
            if request.tool_definition_digest != approval.tool_definition_digest:
                refuse(context, grpc.StatusCode.FAILED_PRECONDITION, "APPROVAL_TOOL_CHANGED")
            self.move(approval, CLAIMED, claim_id=request.claim_id, reclaimable=False)
            approval.time_left.CopyFrom(Duration(seconds=300))
            return service.ClaimApprovalResponse(approval=approval, obligations=self.obligations)

    def CompleteApproval(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self.changed:
            approval = self.approvals[request.approval_id]
            if approval.claim_id != request.claim_id:
                refuse(context, grpc.StatusCode.ABORTED, "CLAIM_CONFLICT")
            self.move(approval, OUTCOMES[request.outcome], end_reason=request.error)
            return service.CompleteApprovalResponse(approval=approval)

    def add(self, verb: str, args_json: str = "{}", state: Any = PENDING, **fields: Any) -> wire.Approval:
        """A new approval, as if the agent had asked for it."""
        with self.changed:
            approval = wire.Approval(
                approval_id=str(uuid.uuid4()),
                verb=verb,
                args_json=args_json,
                args_digest=digest_of(args_json),
                reason="Refund exceeds $100 threshold",
                revision=1,
                **fields,
            )
            approval.context_digest = digest_of(approval.context_json)
            self.approvals[approval.approval_id] = self.move(approval, state)
            return approval

    def move(self, approval: wire.Approval, state: Any, **fields: Any) -> wire.Approval:
        """Changes an approval, as a person or time would."""
        with self.changed:
            approval.state, approval.etag = state, str(uuid.uuid4())
            for name, value in fields.items():
                setattr(approval, name, value)
            self.changed.notify_all()
            return approval

    def edit(self, approval: wire.Approval, args_json: str) -> wire.Approval:
        """Approves other arguments than the ones that were asked for."""
        return self.move(approval, APPROVED, args_json=args_json, args_digest=digest_of(args_json), edited=True)

    @property
    def only(self) -> wire.Approval:
        (approval,) = self.approvals.values()
        return approval

    def of(self, method: str) -> list[Any]:
        """The requests that came for one method."""
        return [request for called, request in list(self.calls) if called == method]

    def wait_for(self, method: str, count: int = 1) -> Any:
        """The `count`-th request for a method, once it has come."""
        self.wait_until(lambda: len(self.of(method)) >= count)
        return self.of(method)[count - 1]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, timeout=10)


def shown(approval: wire.Approval) -> wire.Approval:
    """A copy as everybody but the claimant sees it."""
    copy = wire.Approval()
    copy.CopyFrom(approval)
    args = digest.parse_object(copy.args_json, "args_json")
    if SECRET in args:
        copy.args_json = digest.canonical({**args, SECRET: "[redacted]"}).decode()
    return copy


def _request(method: str) -> Any:
    name = f"{'DecisionPointService' if method == 'ListApprovals' else ''}{method}Request"
    return getattr(service, name).FromString


def _bytes(response: Any) -> bytes:
    return response if isinstance(response, bytes) else response.SerializeToString()
