"""Every input about approvals that must be refused, put to the decision point and, where agents call, to a sidecar.

Each gets its status and a message that names the field, nothing changes, and the server serves the next call.
"""

from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from gatehold.v1 import approver_service_pb2 as people
from gatehold.v1 import decision_point_service_pb2 as calls
from gatehold.v1.approval_pb2 import ApprovalState
from tests.contract.conftest import Endpoint
from tests.stack import Stack

AGENTS = "/gatehold.v1.DecisionPointService/"
PEOPLE = "/gatehold.v1.ApproverService/"
ASKS = "stripe:create_customer"  # MEDIUM, and no policy speaks to it
ID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
UNKNOWN_FIELD = b"\x9a\x06\x01x"  # number 99
LONG = "é" * 2_049  # 4,098 bytes
BAD_IDS = {
    "empty": "",
    "no UUID": "approval",
    "upper case": ID.upper(),
    "without hyphens": ID.replace("-", ""),
    "in braces": "{" + ID + "}",
    "a URN": f"urn:uuid:{ID}",
    "trailing newline": f"{ID}\n",
    "full width": ID.replace("1", "１"),
}


def request(**fields: Any) -> calls.RequestApprovalRequest:
    return calls.RequestApprovalRequest(**{"verb": ASKS, "args_json": '{"name":"ann"}'} | fields)


def claim(**fields: Any) -> calls.ClaimApprovalRequest:
    return calls.ClaimApprovalRequest(**{"approval_id": ID, "claim_id": ID} | fields)


def complete(**fields: Any) -> calls.CompleteApprovalRequest:
    return calls.CompleteApprovalRequest(**{"approval_id": ID, "claim_id": ID, "outcome": 1} | fields)


def listing(**fields: Any) -> calls.DecisionPointServiceListApprovalsRequest:
    return calls.DecisionPointServiceListApprovalsRequest(**fields)


def approve(**fields: Any) -> people.ApproveRequest:
    return people.ApproveRequest(**{"approval_id": ID, "args_digest": "a", "etag": "v1"} | fields)


def deny(**fields: Any) -> people.DenyRequest:
    return people.DenyRequest(**{"approval_id": ID, "args_digest": "a", "etag": "v1", "reason": "r"} | fields)


def take_back(**fields: Any) -> people.CancelRequest:
    return people.CancelRequest(**{"approval_id": ID, "etag": "v1", "reason": "r"} | fields)


def resolve(**fields: Any) -> people.ResolveRequest:
    return people.ResolveRequest(**{"approval_id": ID, "etag": "v1", "reason": "r", "outcome": 1} | fields)


def with_unknown_field(message: Message) -> bytes:
    return message.SerializeToString() + UNKNOWN_FIELD


Case = tuple[str, str, Message | bytes, str]
OF_AGENTS: list[Case] = [
    ("1 undecodable", "RequestApproval", b"\xff\xff\xff\xff", "RequestApprovalRequest"),
    ("1 truncated", "ClaimApproval", claim().SerializeToString()[:-3], "ClaimApprovalRequest"),
    ("2 bad UTF-8", "CancelApproval", b"\x0a\x02\xc3\x28", "CancelApprovalRequest"),
    ("4 duplicate keys", "RequestApproval", request(args_json='{"a":1,"a":2}'), "args_json"),
    ("5 NaN in context", "RequestApproval", request(context_json='{"a":NaN}'), "context_json"),
    ("7 beyond 2^53-1", "RequestApproval", request(args_json='{"a":9007199254740992}'), "args_json.a"),
    ("12 a list", "RequestApproval", request(args_json="[]"), "args_json"),
    ("13 homoglyph", "RequestApproval", request(verb="stripe:cr\u0435ate_customer"), "verb"),
    ("14 empty verb", "RequestApproval", request(verb=""), "verb"),
    ("15 NUL", "RequestApproval", request(on_behalf_of="ann\0"), "on_behalf_of"),
    ("15 ANSI", "RequestApproval", request(request_id="\x1b[2J"), "request_id"),
    ("15 bidi", "RequestApproval", request(tool_definition_digest="ab\u202e"), "tool_definition_digest"),
    ("17 long request_id", "RequestApproval", request(request_id="a" * 129), "request_id"),
    ("17 long on_behalf_of", "RequestApproval", request(on_behalf_of="a" * 257), "on_behalf_of"),
    ("17 long justification", "RequestApproval", request(justification=LONG), "justification"),
    ("17 long arguments", "RequestApproval", request(args_json='{"n":"' + "a" * 256 * 1024 + '"}'), "args_json"),
    (
        "17 long in canonical form",
        "RequestApproval",
        request(args_json='{"n":[' + ",".join(["[" + ",".join(["1e15"] * 1_000) + "]"] * 40) + "]}"),
        "args_json",
    ),
    ("17 long reason", "CancelApproval", calls.CancelApprovalRequest(approval_id=ID, reason=LONG), "reason"),
    ("17 long error", "CompleteApproval", complete(error=LONG), "error"),
    ("18 in a request", "RequestApproval", with_unknown_field(request()), "99"),
    ("18 in a claim", "ClaimApproval", with_unknown_field(claim()), "99"),
    ("18 in a completion", "CompleteApproval", with_unknown_field(complete()), "99"),
    ("18 in a list", "ListApprovals", with_unknown_field(listing()), "99"),
    ("18 in a watch", "WatchApproval", with_unknown_field(calls.WatchApprovalRequest(approval_id=ID)), "99"),
    ("19 an outcome", "CompleteApproval", complete(outcome=99), "outcome"),
    ("19 a state", "ListApprovals", listing(states=[1, 99]), "states"),
    ("no outcome", "CompleteApproval", complete(outcome=0), "outcome"),
    ("a run that took less than nothing", "CompleteApproval", complete(duration={"seconds": -1}), "duration"),
    ("a length that is none", "CompleteApproval", complete(duration={"nanos": 1_000_000_000}), "duration"),
    ("page_size below 0", "ListApprovals", listing(page_size=-1), "page_size"),
    ("page_size over 1,000", "ListApprovals", listing(page_size=1_001), "page_size"),
    ("a page_token of nobody", "ListApprovals", listing(page_token="bm9uZQ=="), "page_token"),
    ("a page_token below 0", "ListApprovals", listing(page_token="Wy0xXQ=="), "page_token"),
    ("a page_token over 2^63", "ListApprovals", listing(page_token="WzFlMzBd"), "page_token"),
    *[
        (f"{method} with an approval_id: {name}", method, make(approval_id=bad), "approval_id")
        for name, bad in BAD_IDS.items()
        for method, make in (
            ("GetApproval", calls.GetApprovalRequest),
            ("WatchApproval", calls.WatchApprovalRequest),
            ("CancelApproval", calls.CancelApprovalRequest),
            ("ClaimApproval", claim),
            ("CompleteApproval", complete),
        )
        if name == "upper case" or method == "ClaimApproval"
    ],
    *[(f"claim_id: {name}", "ClaimApproval", claim(claim_id=bad), "claim_id") for name, bad in BAD_IDS.items()],
    ("a completion's claim_id", "CompleteApproval", complete(claim_id=""), "claim_id"),
]
OF_PEOPLE: list[Case] = [
    ("1 undecodable", "Approve", b"\xff\xff\xff\xff", "ApproveRequest"),
    ("2 bad UTF-8", "Deny", b"\x0a\x02\xc3\x28", "DenyRequest"),
    ("17 long reason of an approval", "Approve", approve(reason=LONG), "reason"),
    ("17 long reason of a denial", "Deny", deny(reason=LONG), "reason"),
    ("17 long reason of a cancellation", "Cancel", take_back(reason=LONG), "reason"),
    ("17 long reason of a resolution", "Resolve", resolve(reason=LONG), "reason"),
    ("17 long edit", "Approve", approve(edited_args_json='{"n":"' + "a" * 256 * 1024 + '"}'), "edited_args_json"),
    ("3 a deep edit", "Approve", approve(edited_args_json='{"a":' * 17 + "1" + "}" * 17), "edited_args_json"),
    ("4 duplicate keys in an edit", "Approve", approve(edited_args_json='{"a":1,"a":1}'), "edited_args_json"),
    ("12 a list for an edit", "Approve", approve(edited_args_json="[]"), "edited_args_json"),
    ("18 in an approval", "Approve", with_unknown_field(approve()), "99"),
    ("18 in a denial", "Deny", with_unknown_field(deny()), "99"),
    ("18 in a cancellation", "Cancel", with_unknown_field(take_back()), "99"),
    ("18 in a resolution", "Resolve", with_unknown_field(resolve()), "99"),
    ("18 in a watch", "WatchApprovals", with_unknown_field(people.WatchApprovalsRequest()), "99"),
    ("19 a state", "ListApprovals", people.ListApprovalsRequest(states=[99]), "states"),
    ("19 an outcome", "Resolve", resolve(outcome=99), "outcome"),
    ("an outcome that is none", "Resolve", resolve(outcome=0), "outcome"),
    ("an outcome that says nothing", "Resolve", resolve(outcome=3), "outcome"),
    ("no reason for a denial", "Deny", deny(reason=" "), "reason"),
    ("no reason for a cancellation", "Cancel", take_back(reason=""), "reason"),
    ("no reason for a resolution", "Resolve", resolve(reason=""), "reason"),
    ("an approval without etag", "Approve", approve(etag=""), "etag"),
    ("a denial without etag", "Deny", deny(etag=""), "etag"),
    ("a cancellation without etag", "Cancel", take_back(etag=""), "etag"),
    ("a resolution without etag", "Resolve", resolve(etag=""), "etag"),
    ("an approval of nothing seen", "Approve", approve(args_digest=""), "args_digest"),
    ("a denial of nothing seen", "Deny", deny(args_digest=""), "args_digest"),
    ("page_size below 0", "ListApprovals", people.ListApprovalsRequest(page_size=-1), "page_size"),
    ("a page_token of nobody", "ListApprovals", people.ListApprovalsRequest(page_token="x"), "page_token"),
    *[
        (f"{method} with a bad approval_id", method, make(approval_id=ID.upper()), "approval_id")
        for method, make in (
            ("GetApproval", people.ApproverServiceGetApprovalRequest),
            ("Approve", approve),
            ("Deny", deny),
            ("Cancel", take_back),
            ("Resolve", resolve),
        )
    ],
]


def refused(address: str, method: str, message: Message | bytes, metadata: Any) -> tuple[grpc.StatusCode, str, Any]:
    """Makes a call that must be refused. Returns status, message and ErrorInfo."""
    data = message if isinstance(message, bytes) else message.SerializeToString()
    options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(address, options=options) as channel, pytest.raises(grpc.RpcError) as raised:
        if "Watch" in method:
            for response in channel.unary_stream(method)(data, timeout=10, metadata=metadata, wait_for_ready=True):
                raise AssertionError(response)
        channel.unary_unary(method)(data, timeout=10, metadata=metadata, wait_for_ready=True)
    error: Any = raised.value
    info = error_details_pb2.ErrorInfo()
    for one in getattr(rpc_status.from_call(error), "details", ()):
        one.Unpack(info)
        break
    return error.code(), error.details(), info


def require_invalid(outcome: tuple[grpc.StatusCode, str, Any], field: str) -> None:
    code, text, info = outcome
    assert code is grpc.StatusCode.INVALID_ARGUMENT, text
    assert field in text
    assert info.domain == "gatehold.dev" and info.reason in ("INVALID_FIELD", "MALFORMED_MESSAGE")
    assert len(text) < 500, "a refusal does not repeat what it refuses"


def waiting(stack: Stack) -> list[Any]:
    """All approvals there are, as an auditor sees them."""
    connection = stack.connection("auditor")
    with connection.channel as channel:
        call = channel.unary_unary(
            f"{PEOPLE}ListApprovals",
            people.ListApprovalsRequest.SerializeToString,
            people.ListApprovalsResponse.FromString,
        )
        every = people.ListApprovalsRequest(states=ApprovalState.values()[1:], page_size=1_000)
        return list(call(every, metadata=connection.metadata, timeout=10).approvals)


@pytest.mark.parametrize(("method", "message", "field"), [c[1:] for c in OF_AGENTS], ids=[c[0] for c in OF_AGENTS])
def test_agents(stack: Stack, endpoint: Endpoint, method: str, message: Message | bytes, field: str) -> None:
    require_invalid(refused(endpoint.address, AGENTS + method, message, endpoint.metadata), field)


@pytest.mark.parametrize(("method", "message", "field"), [c[1:] for c in OF_PEOPLE], ids=[c[0] for c in OF_PEOPLE])
def test_people(stack: Stack, method: str, message: Message | bytes, field: str) -> None:
    metadata = stack.connection("approver").metadata
    require_invalid(refused(stack.address, PEOPLE + method, message, metadata), field)


def test_an_id_of_nothing_is_not_found(stack: Stack, endpoint: Endpoint) -> None:
    for method, message in (
        ("GetApproval", calls.GetApprovalRequest(approval_id=ID)),
        ("WatchApproval", calls.WatchApprovalRequest(approval_id=ID)),
        ("CancelApproval", calls.CancelApprovalRequest(approval_id=ID)),
        ("ClaimApproval", claim()),
        ("CompleteApproval", complete()),
    ):
        code, text, info = refused(endpoint.address, AGENTS + method, message, endpoint.metadata)
        assert (code, info.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND"), text


def test_33_a_message_over_1_mib(endpoint: Endpoint) -> None:
    message = request(justification="x" * 1024 * 1024)
    code, text, info = refused(endpoint.address, f"{AGENTS}RequestApproval", message, endpoint.metadata)
    assert (code, info.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_LARGE"), text


def test_nothing_of_all_that_became_an_approval_and_all_is_well(stack: Stack, endpoint: Endpoint) -> None:
    before = waiting(stack)
    assert not [one for one in before if one.verb == ASKS]
    assert endpoint.healthy()
