"""Sessions, whole: minted at a real decision point, used through real sidecars and straight at the decision point."""

import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from gatehold import Blocked, Guard
from gatehold.v1 import decision_point_service_pb2 as wire
from gatehold.v1.approval_pb2 import ApprovalState
from gatehold.v1.approver_service_pb2 import ApproveRequest
from gatehold.v1.approver_service_pb2_grpc import ApproverServiceStub
from gatehold.v1.audit_record_pb2 import (
    OUTCOME_SUCCEEDED,
    RECORD_KIND_DECISION,
    RECORD_KIND_TOOL_EXECUTION,
    AuditRecord,
    ExecutionDetail,
)
from gatehold.v1.decision_pb2 import (
    DECISION_ALLOW,
    DECISION_BLOCK,
    DECISION_REQUIRE_APPROVAL,
    DECISION_SOURCE_CACHE,
    DECISION_SOURCE_POLICY,
)
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from gatehold.v1.fleet_service_pb2 import ListSidecarsRequest
from gatehold.v1.key_pb2 import ROLE_AGENT
from gatehold.v1.key_service_pb2 import CreateKeyRequest, RevokeKeyRequest
from gatehold.v1.reason_code_pb2 import REASON_CODE_POLICY, REASON_CODE_SESSION_SCOPE
from gatehold.v1.session_pb2 import Session
from gatehold.v1.session_service_pb2 import CreateSessionRequest, RevokeSessionRequest
from gatehold.vocabulary import Decision
from tests.stack import Stack, until

READ, LIST = "filesystem:read_text_file", "filesystem:list_directory"
REFUND = "stripe:create_refund"
POLICIES = """\
- id: small-refunds
  verb: stripe:create_refund
  conditions: [{field: args.amount, operator: less_or_equal, value: 100}]
  action: allow
- id: large-refunds
  verb: stripe:create_refund
  conditions: [{field: args.amount, operator: greater, value: 100}]
  action: require_approval
"""
IN_DOCS = '[{"field": "args.path", "operator": "starts_with", "value": "docs/"}]'
UP_TO_50 = '[{"field": "args.amount", "operator": "less_or_equal", "value": 50}]'
UP_TO_500 = '[{"field": "args.amount", "operator": "less_or_equal", "value": 500}]'
SCOPE = (DECISION_BLOCK, REASON_CODE_SESSION_SCOPE)
PENDING, CLAIMED = ApprovalState.APPROVAL_STATE_PENDING, ApprovalState.APPROVAL_STATE_CLAIMED


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A decision point with agents `dev`, `boxed` behind a sidecar that requires sessions, and `remote` on TCP."""
    folder = tmp_path_factory.mktemp("stack")
    (folder / "policies.yaml").write_text(POLICIES)
    with Stack(folder, "--policies", str(folder / "policies.yaml")) as stack:
        stack.start_pdp()
        stack.start_sidecar("dev")
        stack.start_sidecar("boxed", "--require-session")
        stack.start_sidecar("remote", "--require-session", "--listen", free_address())
        until(lambda: leased(stack))
        yield stack


def free_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def leased(stack: Stack) -> bool:
    listed = stack.call("fleet", "ListSidecars", ListSidecarsRequest()).sidecars
    return sum(sidecar.lease_live for sidecar in listed) == 3


@dataclass
class Runtime:
    """A runtime that the agent does not trust: all it has is an address and a token."""

    target: str
    token: str
    session_id: str = ""

    def call(self, method: str, request: Any, *agents: str) -> Any:
        metadata = [("authorization", f"Bearer {self.token}")] if self.token else []
        metadata += [("gatehold-agent", agent) for agent in agents]
        with grpc.insecure_channel(self.target) as channel:
            answer = getattr(DecisionPointServiceStub(channel), method)(request, metadata=metadata, timeout=10)
            return list(answer) if isinstance(answer, Iterator) else answer

    def asks(self, verb: str = READ, args: str = '{"path": "docs/a"}', **fields: Any) -> Any:
        return self.call("Evaluate", wire.EvaluateRequest(verb=verb, args_json=args, **fields))

    def decides(self, verb: str = READ, args: str = '{"path": "docs/a"}', **fields: Any) -> tuple[int, int]:
        answer = self.asks(verb, args, **fields)
        return answer.decision, answer.reason_code


def minted(stack: Stack, role: str = "agent", seconds: int = 600, **session: Any) -> Any:
    request = CreateSessionRequest(session=Session(**session), ttl=Duration(seconds=seconds))
    return stack.call("sessions", "CreateSession", request, role=role)


def runtime(stack: Stack, through: str, **session: Any) -> Runtime:
    """One of agent `dev` with a session of its own, at its sidecar or at the decision point."""
    made = minted(stack, **session)
    target = stack.target("dev") if through == "sidecar" else stack.address
    return Runtime(target, made.token, made.session.session_id)


@pytest.fixture(params=["sidecar", "decision point"])
def through(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def refused(call: Any, *args: Any, **fields: Any) -> tuple[str, str]:
    with pytest.raises(grpc.RpcError) as error:
        call(*args, **fields)
    status, info = rpc_status.from_call(error.value), error_details_pb2.ErrorInfo()
    assert status is not None and status.details[0].Unpack(info)
    return error.value.code().name, info.reason


def recorded(stack: Stack, session_id: str, kind: int = RECORD_KIND_DECISION) -> list[Any]:
    """The session's records, oldest first, once there are any."""
    return until(lambda: [one for one in reversed(stack.records(kind=kind)) if one.session == session_id])


def test_it_narrows_by_verb_and_bundle(stack: Stack, through: str) -> None:
    by_verb = runtime(stack, through, verbs=["filesystem:read_text_*"])
    assert by_verb.decides()[0] == DECISION_ALLOW
    assert by_verb.decides(LIST) == SCOPE
    by_bundle = runtime(stack, through, bundles=["filesystem-read"])
    assert by_bundle.decides()[0] == by_bundle.decides(LIST)[0] == DECISION_ALLOW
    assert by_bundle.decides(REFUND, '{"amount": 1}') == SCOPE
    assert runtime(stack, through).decides(REFUND, '{"amount": 1}')[0] == DECISION_ALLOW


def test_it_narrows_by_ceiling_and_unknown_is_over_it(stack: Stack, through: str) -> None:
    capped = runtime(stack, through, ceilings_json=UP_TO_50)
    assert capped.decides(REFUND, '{"amount": 50}') == (DECISION_ALLOW, REASON_CODE_POLICY)
    for args in ('{"amount": 51}', '{"amount": "50"}', '{"amount": null}', "{}"):
        assert capped.decides(REFUND, args) == SCOPE


def test_a_session_never_gets_more_than_its_agent(stack: Stack, through: str) -> None:
    capped = runtime(stack, through, verbs=[REFUND], ceilings_json=UP_TO_500)
    assert capped.decides(REFUND, '{"amount": 250}')[0] == DECISION_REQUIRE_APPROVAL


def test_a_batch_is_narrowed_item_by_item(stack: Stack, through: str) -> None:
    capped = runtime(stack, through, ceilings_json=IN_DOCS)
    items = [wire.EvaluateRequest(verb=READ, args_json=f'{{"path": "{path}"}}') for path in ("docs/a", "etc/b")]
    items.append(wire.EvaluateRequest(verb="no verb"))
    answers = capped.call("BatchEvaluate", wire.BatchEvaluateRequest(requests=items)).responses
    assert [answer.decision for answer in answers] == [DECISION_ALLOW, DECISION_BLOCK, DECISION_BLOCK]


def test_whom_it_acts_for_is_filled_in_and_nobody_else_let_through(stack: Stack, through: str) -> None:
    anns = runtime(stack, through, on_behalf_of="ann")
    assert anns.decides()[0] == anns.decides(on_behalf_of="ann")[0] == DECISION_ALLOW
    assert anns.decides(on_behalf_of="bob") == SCOPE
    until(lambda: len(recorded(stack, anns.session_id)) == 3)
    told = [(record.on_behalf_of, record.decision.decision) for record in recorded(stack, anns.session_id)]
    assert told == [("ann", DECISION_ALLOW), ("ann", DECISION_ALLOW), ("bob", DECISION_BLOCK)]


def test_it_works_from_its_address_alone(stack: Stack, through: str) -> None:
    assert runtime(stack, through, bound_address="127.0.0.1").decides()[0] == DECISION_ALLOW
    elsewhere = runtime(stack, through, bound_address="10.0.0.1")
    assert refused(elsewhere.asks) == ("PERMISSION_DENIED", "ADDRESS_NOT_ALLOWED")


def test_it_ends_by_its_time(stack: Stack, through: str) -> None:
    made = minted(stack, seconds=1)
    short = Runtime(stack.target("dev") if through == "sidecar" else stack.address, made.token)

    def over() -> bool:
        try:
            return not short.asks()
        except grpc.RpcError as error:
            assert error.code() is grpc.StatusCode.UNAUTHENTICATED
            return True

    until(over)
    assert refused(short.asks) == ("UNAUTHENTICATED", "CREDENTIAL_INVALID")


def test_it_is_revoked_at_once_whatever_is_cached_for_its_agent(stack: Stack) -> None:
    whole = Runtime(stack.target("dev"), "")
    narrow = runtime(stack, "sidecar", verbs=[READ])
    args = '{"path": "docs/revoked"}'
    until(lambda: whole.asks(args=args).source == DECISION_SOURCE_CACHE)
    for _ in range(3):
        assert narrow.asks(args=args).source == DECISION_SOURCE_POLICY
    stack.call("sessions", "RevokeSession", RevokeSessionRequest(session_id=narrow.session_id), role="agent")
    assert refused(narrow.asks, args=args) == ("UNAUTHENTICATED", "CREDENTIAL_INVALID")
    assert whole.asks(args=args).decision == DECISION_ALLOW


def test_a_decision_made_outside_it_does_not_lift_its_ceiling(stack: Stack) -> None:
    whole, args = Runtime(stack.target("dev"), ""), '{"path": "etc/secret"}'
    until(lambda: whole.asks(args=args).source == DECISION_SOURCE_CACHE)
    capped = runtime(stack, "sidecar", ceilings_json=IN_DOCS)
    assert capped.decides(args=args) == SCOPE
    assert whole.asks(args=args).source == DECISION_SOURCE_CACHE  # nor does its block reach outside
    assert whole.asks(args=args).decision == DECISION_ALLOW


def test_it_ends_with_the_key_that_it_was_made_with(stack: Stack, through: str) -> None:
    key = stack.call("keys", "CreateKey", CreateKeyRequest(role=ROLE_AGENT, principal="dev"))
    path = stack.folder / "keys" / f"{key.key.key_id}.key"
    path.write_text(key.secret)
    made = minted(stack, role=key.key.key_id)
    stolen = Runtime(stack.target("dev") if through == "sidecar" else stack.address, made.token)
    assert stolen.decides()[0] == DECISION_ALLOW
    stack.call("keys", "RevokeKey", RevokeKeyRequest(key_id=key.key.key_id))
    assert refused(stolen.asks) == ("UNAUTHENTICATED", "CREDENTIAL_INVALID")


def test_one_of_another_agent_is_refused(stack: Stack) -> None:
    other = minted(stack, role="administrator", agent="other")
    assert refused(Runtime(stack.target("dev"), other.token).asks) == ("PERMISSION_DENIED", "NOT_PERMITTED")
    direct, request = Runtime(stack.address, other.token), wire.EvaluateRequest(verb=READ)
    assert refused(direct.call, "Evaluate", request, "dev") == ("PERMISSION_DENIED", "NOT_PERMITTED")


def test_an_unknown_token_is_refused(stack: Stack, through: str) -> None:
    target = stack.target("dev") if through == "sidecar" else stack.address
    for token in ("ghs_0123456789abcdef_" + "A" * 43, "ghs_1"):
        assert refused(Runtime(target, token).asks) == ("UNAUTHENTICATED", "CREDENTIAL_INVALID")


def test_its_list_of_verbs_is_narrowed(stack: Stack, through: str) -> None:
    narrow = runtime(stack, through, verbs=["filesystem:read_*"], bundles=["filesystem-write"])
    page = wire.ListPermittedVerbsRequest()
    whole = {one.entry.verb for one in Runtime(stack.target("dev"), "").call("ListPermittedVerbs", page).verbs}
    for _ in range(2):
        verbs = {one.entry.verb: one.entry.bundle for one in narrow.call("ListPermittedVerbs", page).verbs}
        assert verbs.keys() < whole and READ in verbs and LIST not in verbs
        assert all(
            verb.startswith("filesystem:read_") or bundle == "filesystem-write" for verb, bundle in verbs.items()
        )
    assert {one.entry.verb for one in Runtime(stack.target("dev"), "").call("ListPermittedVerbs", page).verbs} == whole


def approval_of(asker: Runtime, amount: int = 250) -> Any:
    request = wire.RequestApprovalRequest(
        verb=REFUND, args_json=f'{{"amount": {amount}}}', request_id=str(uuid.uuid4())
    )
    return asker.call("RequestApproval", request).approval


def approve(stack: Stack, approval: Any) -> None:
    connection = stack.connection("approver")
    seen = {"approval_id": approval.approval_id, "args_digest": approval.args_digest, "etag": approval.etag}
    with connection.channel:
        ApproverServiceStub(connection.channel).Approve(
            ApproveRequest(**seen), metadata=connection.metadata, timeout=10
        )


def test_an_approval_that_it_asks_for_is_seen_and_run_in_it_alone(stack: Stack, through: str) -> None:
    asker, other = runtime(stack, through, ceilings_json=UP_TO_500), runtime(stack, through)
    approval = approval_of(asker, 250 if through == "sidecar" else 251)
    assert (approval.state, approval.session) == (PENDING, asker.session_id)
    get = wire.GetApprovalRequest(approval_id=approval.approval_id)
    listing = wire.DecisionPointServiceListApprovalsRequest()
    claim = wire.ClaimApprovalRequest(approval_id=approval.approval_id, claim_id=str(uuid.uuid4()))
    cancel = wire.CancelApprovalRequest(approval_id=approval.approval_id)
    assert asker.call("GetApproval", get).approval.approval_id == approval.approval_id
    for method, request in (("GetApproval", get), ("ClaimApproval", claim), ("CancelApproval", cancel)):
        assert refused(other.call, method, request) == ("NOT_FOUND", "NOT_FOUND")
    assert [one.approval_id for one in asker.call("ListApprovals", listing).approvals] == [approval.approval_id]
    assert not other.call("ListApprovals", listing).approvals
    watch = wire.WatchApprovalRequest(approval_id=approval.approval_id)
    assert refused(other.call, "WatchApproval", watch) == ("NOT_FOUND", "NOT_FOUND")
    approve(stack, approval)
    assert asker.call("ClaimApproval", claim).approval.state == CLAIMED


def test_its_list_of_approvals_has_no_empty_page_before_the_end(stack: Stack, through: str) -> None:
    other, asker = runtime(stack, through, ceilings_json=UP_TO_500), runtime(stack, through, ceilings_json=UP_TO_500)
    amount = 300 if through == "sidecar" else 310
    approval_of(other, amount)
    mine = approval_of(asker, amount + 1)
    first = asker.call("ListApprovals", wire.DecisionPointServiceListApprovalsRequest(page_size=1))
    assert [one.approval_id for one in first.approvals] == [mine.approval_id]


def test_it_asks_for_nothing_over_its_ceiling(stack: Stack, through: str) -> None:
    capped = runtime(stack, through, ceilings_json=UP_TO_500)
    assert refused(approval_of, capped, 501) == ("FAILED_PRECONDITION", "APPROVAL_NOT_REQUIRED")


def test_it_mints_revokes_and_approves_nothing(stack: Stack) -> None:
    narrow = runtime(stack, "decision point")
    approval = approval_of(narrow, 333)
    path = stack.folder / "keys" / "runtime.key"
    path.write_text(narrow.token)
    for service, method, request in (
        ("sessions", "CreateSession", CreateSessionRequest(session=Session())),
        ("sessions", "RevokeSession", RevokeSessionRequest(session_id=narrow.session_id)),
        ("keys", "CreateKey", CreateKeyRequest(role=ROLE_AGENT, principal="dev")),
        ("fleet", "ListSidecars", ListSidecarsRequest()),
    ):
        assert refused(stack.call, service, method, request, role="runtime") == ("PERMISSION_DENIED", "NOT_PERMITTED")
    connection = stack.connection("runtime")
    seen = {"approval_id": approval.approval_id, "args_digest": approval.args_digest, "etag": approval.etag}
    stub: Any = ApproverServiceStub(connection.channel)
    told = refused(stub.Approve, ApproveRequest(**seen), metadata=connection.metadata, timeout=10)
    assert told == ("PERMISSION_DENIED", "NOT_PERMITTED")


def test_no_session_is_passed_on_but_by_a_sidecar(stack: Stack) -> None:
    token = minted(stack).token
    connection = stack.connection("agent")
    metadata = [*connection.metadata, ("gatehold-session", f"Bearer {token}")]
    stub: Any = DecisionPointServiceStub(connection.channel)
    with connection.channel:
        told = refused(stub.Evaluate, wire.EvaluateRequest(verb=READ), metadata=metadata, timeout=10)
    assert told == ("INVALID_ARGUMENT", "INVALID_FIELD")


def test_a_sidecar_that_requires_sessions_lets_nothing_else_in(stack: Stack) -> None:
    token = minted(stack, role="administrator", agent="boxed").token
    assert refused(Runtime(stack.target("boxed"), "").asks) == ("UNAUTHENTICATED", "CREDENTIAL_INVALID")
    key = (stack.folder / "keys" / "agent.key").read_text().strip()
    assert refused(Runtime(stack.target("boxed"), key).asks) == ("UNAUTHENTICATED", "CREDENTIAL_INVALID")
    assert Runtime(stack.target("boxed"), token).decides()[0] == DECISION_ALLOW


def test_over_tcp_a_session_alone_lets_in(stack: Stack) -> None:
    address = stack.sidecars["remote"].ready_line.removeprefix("ready ")
    made = minted(stack, role="administrator", agent="remote", verbs=[READ])
    assert Runtime(address, made.token).decides()[0] == DECISION_ALLOW
    assert Runtime(address, made.token).decides(LIST) == SCOPE
    forged = made.token[:-1] + ("A" if made.token[-1] != "A" else "B")
    for token in ("", forged):
        assert refused(Runtime(address, token).asks) == ("UNAUTHENTICATED", "CREDENTIAL_INVALID")
    assert refused(Runtime(address, minted(stack).token).asks) == ("PERMISSION_DENIED", "NOT_PERMITTED")


def ran(call: Any) -> AuditRecord:
    execution = ExecutionDetail(outcome=OUTCOME_SUCCEEDED, decision_id=call.decision_id)
    return AuditRecord(kind=RECORD_KIND_TOOL_EXECUTION, verb=READ, execution=execution)


def test_its_own_records_name_it(stack: Stack, through: str) -> None:
    narrow = runtime(stack, through, on_behalf_of="ann")
    answer = narrow.asks()
    stream = wire.RecordAuditRequest(open=wire.AuditStream(stream_id=str(uuid.uuid4()), protocol_version=1))
    record = wire.RecordAuditRequest(agent_record=wire.AgentRecord(sequence=1, record=ran(answer)))
    assert [one.acknowledged_sequence for one in narrow.call("RecordAudit", iter([stream, record]))] == [0, 1]
    (told,) = recorded(stack, narrow.session_id, RECORD_KIND_TOOL_EXECUTION)
    assert (told.agent, told.agent_asserted, told.execution.decision_id) == ("dev", True, answer.decision_id)
    (decision,) = recorded(stack, narrow.session_id)
    assert (decision.on_behalf_of, decision.decision.decision_id) == ("ann", answer.decision_id)


def test_the_sdk_works_in_one_with_a_token_file_alone(stack: Stack, through: str, tmp_path: Path) -> None:
    narrow = runtime(stack, through, verbs=[READ], ceilings_json=IN_DOCS)
    (tmp_path / "token").write_text(narrow.token)
    with Guard(narrow.target, token_file=str(tmp_path / "token")) as guard:
        read = guard.protect(READ, lambda path: f"read {path}")
        assert read(path="docs/a") == "read docs/a"
        with pytest.raises(Blocked) as blocked:
            read(path="etc/b")
        assert blocked.value.answer.reason_code == "session_scope"
        assert guard.evaluate(LIST, {"path": "docs"}).decision is Decision.BLOCK
    assert len(recorded(stack, narrow.session_id, RECORD_KIND_TOOL_EXECUTION)) == 1


def test_its_token_is_in_no_log_and_in_no_record(stack: Stack) -> None:
    narrow = runtime(stack, "sidecar")
    narrow.asks()
    secret = narrow.token.rpartition("_")[2]
    recorded(stack, narrow.session_id)
    logs = [path.read_bytes() for path in stack.folder.glob("*.log")]
    files = [path.read_bytes() for path in stack.folder.rglob("*.db*")]
    assert len(logs) >= 2 and files
    assert not any(secret.encode() in content for content in (*logs, *files))
