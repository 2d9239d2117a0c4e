"""Error statuses of the decision point as sentences that say what to do."""

from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from gatehold.redaction import printable

_SHOW = "`gatehold approvals show ID` tells what became of it"
_AGAIN = "look at it again with `gatehold approvals show ID`, then decide"
_HINTS = {
    "CREDENTIAL_INVALID": "name a key of this decision point with --key-file, or its directory with --data-dir",
    "NOT_PERMITTED": "name a key of another role with --key-file",
    "STALE_REVISION": "look at what there is now, then decide",
    "APPROVAL_STATE": _SHOW,
    "APPROVAL_ARGS_CHANGED": _AGAIN,
    "APPROVAL_POLICY_BLOCKS": "nothing was changed; edit it otherwise, or deny it",
    "APPROVAL_REQUIREMENT_UNMET": "nothing was changed; edit it otherwise, or deny it",
    "SELF_APPROVAL": "another approver has to decide",
    "NOT_ELIGIBLE": "one of their members has to decide",
    "TOO_MANY_CALLS": "end one of the others, then try again",
}
_UNREACHED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def explain(error: grpc.RpcError, address: str) -> str:
    """Returns one sentence, with nothing in it that could move the terminal.

    Args:
        address: of the decision point that was called.
    """
    call: Any = error  # every error that gRPC raises is one
    code, details, reason = call.code(), printable(call.details() or ""), _reason(call)
    if code in _UNREACHED and not reason:
        return f"nothing answers at {address}: is `gatehold dev` running? ({details})"
    hint = _HINTS.get(reason, "")
    return f"{details} ({code.name}){f': {hint}' if hint else ''}"


def _reason(error: Any) -> str:
    """The `reason` of the ErrorInfo that came along; empty where none did."""
    try:
        status = rpc_status.from_call(error)
        for detail in status.details if status else ():
            info = error_details_pb2.ErrorInfo()
            if detail.Unpack(info):
                return str(info.reason)
    except Exception:  # details that cannot be read must not hide the status
        return ""
    return ""
