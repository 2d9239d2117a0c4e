"""The status that each error of the room of approvals ends a call with."""

from collections.abc import Mapping

import grpc

from gatehold.serving import Refusal
from gatehold.v1.error_reason_pb2 import ErrorReason
from pdp.approvals import errors

_PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
_DENIED = grpc.StatusCode.PERMISSION_DENIED

_STATUSES: dict[type[errors.ApprovalError], tuple[grpc.StatusCode, ErrorReason]] = {
    errors.NoSuchApproval: (grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_NOT_FOUND),
    errors.WrongState: (_PRECONDITION, ErrorReason.ERROR_REASON_APPROVAL_STATE),
    errors.StaleEtag: (grpc.StatusCode.ABORTED, ErrorReason.ERROR_REASON_STALE_REVISION),
    errors.ClaimConflict: (grpc.StatusCode.ABORTED, ErrorReason.ERROR_REASON_CLAIM_CONFLICT),
    errors.NotRequired: (_PRECONDITION, ErrorReason.ERROR_REASON_APPROVAL_NOT_REQUIRED),
    errors.TooManyPending: (_EXHAUSTED, ErrorReason.ERROR_REASON_TOO_MANY_APPROVALS),
    errors.TooManyWatches: (_EXHAUSTED, ErrorReason.ERROR_REASON_TOO_MANY_CALLS),
    errors.SelfApproval: (_DENIED, ErrorReason.ERROR_REASON_SELF_APPROVAL),
    errors.NotEligible: (_DENIED, ErrorReason.ERROR_REASON_NOT_ELIGIBLE),
    errors.ArgsChanged: (_PRECONDITION, ErrorReason.ERROR_REASON_APPROVAL_ARGS_CHANGED),
    errors.ContextChanged: (_PRECONDITION, ErrorReason.ERROR_REASON_APPROVAL_CONTEXT_CHANGED),
    errors.ToolChanged: (_PRECONDITION, ErrorReason.ERROR_REASON_APPROVAL_TOOL_CHANGED),
    errors.PolicyBlocks: (_PRECONDITION, ErrorReason.ERROR_REASON_APPROVAL_POLICY_BLOCKS),
    errors.RequirementUnmet: (_PRECONDITION, ErrorReason.ERROR_REASON_APPROVAL_REQUIREMENT_UNMET),
}


def approval_refusal(error: errors.ApprovalError) -> Refusal:
    """The refusal that answers `error`."""
    code, reason = _STATUSES[type(error)]
    return Refusal(code, reason, str(error), _metadata(error))


def _metadata(error: errors.ApprovalError) -> Mapping[str, str]:
    match error:
        case errors.WrongState():
            return {"state": error.state.value}
        case errors.NotRequired():
            return {"decision": error.decision.value}
        case errors.TooManyPending():
            return {"limit": str(error.limit)}
        case errors.RequirementUnmet():
            return {"policy": error.policy}
    return {}
