"""Random bytes on the request path of decision point and sidecar: no crash, no allow, no INTERNAL.

Real processes; every policy blocks, so any allow is wrong. Requests start from sound ones and are damaged: as bytes, as
JSON and as text. GATEHOLD_FUZZ_SECONDS says for how long, for each of the two; GATEHOLD_FUZZ_SEED repeats a run.
"""

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold.v1.approver_service_pb2 import ApproveRequest, ListApprovalsRequest
from gatehold.v1.audit_record_pb2 import AuditRecord, TaskActivityDetail
from gatehold.v1.audit_service_pb2 import ListAuditRecordsRequest
from gatehold.v1.decision_pb2 import DECISION_ALLOW
from gatehold.v1.decision_point_service_pb2 import (
    AgentRecord,
    AuditStream,
    BatchEvaluateRequest,
    BatchEvaluateResponse,
    ClaimApprovalRequest,
    CompleteApprovalRequest,
    EvaluateRequest,
    EvaluateResponse,
    ListPermittedVerbsRequest,
    RecordAuditRequest,
    RequestApprovalRequest,
    WatchApprovalRequest,
)
from gatehold.v1.fleet_service_pb2 import HoldLeaseRequest, LeaseRequest
from gatehold.v1.key_service_pb2 import CreateKeyRequest, SetAllowListRequest
from gatehold.v1.policy_service_pb2 import ListPoliciesRequest, ValidatePoliciesRequest
from gatehold.v1.session_pb2 import Session
from gatehold.v1.session_service_pb2 import CreateSessionRequest
from tests.stack import Stack

pytestmark = pytest.mark.timeout(0)  # it may be told to go on for long
SECONDS = float(os.environ.get("GATEHOLD_FUZZ_SECONDS", "10"))
SEED = int(os.environ.get("GATEHOLD_FUZZ_SEED", str(time.time_ns())))
UUID = "6f1c5c0e-0c51-4b7e-9a57-2f6f3f1d9f10"
NOTHING_PASSES = """
- id: nothing-passes
  verbMatchers: [{type: any}]
  action: block
  mandatory: true
"""
CALL = {"verb": "stripe:create_refund", "args_json": '{"amount": 250, "to": ["ann", {"n": 1.5e3}]}'}
CALL |= {"context_json": '{"ticket": "é\\u0000"}', "on_behalf_of": "ann", "tool_definition_digest": "ab" * 32}
NUMBERS = ("1e999", "-0", "9007199254740993", "1" * 400, "NaN", "Infinity", "0x1", "01", "1.", "true")
TEXTS = ("\ud800", "\u202e", "\x00", "\ufeff", "é", "e\u0301", "{" * 40, "[" * 2_000, '"', "\\", "\\u12", "💥" * 50)

DECISIONS = "DecisionPointService"
Seed = tuple[str, str, str, bytes]
"""Role, service, method and a sound request."""


def agent_seeds() -> list[Seed]:
    evaluate = EvaluateRequest(**CALL, explain=True)
    record = AuditRecord(kind="RECORD_KIND_TASK_ACTIVITY", task_activity=TaskActivityDetail(task_id="t", note="n"))
    claim = ClaimApprovalRequest(approval_id=UUID, claim_id=UUID, args_digest="ab" * 32)
    requests: list[tuple[str, Any]] = [
        ("Evaluate", evaluate),
        ("BatchEvaluate", BatchEvaluateRequest(requests=[evaluate, EvaluateRequest(**CALL)])),
        ("ListPermittedVerbs", ListPermittedVerbsRequest(page_size=5, page_token="WyJhIl0=")),
        ("RequestApproval", RequestApprovalRequest(**CALL, justification="why")),
        ("WatchApproval", WatchApprovalRequest(approval_id=UUID)),
        ("ClaimApproval", claim),
        ("CompleteApproval", CompleteApprovalRequest(approval_id=UUID, claim_id=UUID, outcome="OUTCOME_FAILED")),
        ("RecordAudit", RecordAuditRequest(open=AuditStream(stream_id=UUID, protocol_version=1))),
        ("RecordAudit", RecordAuditRequest(agent_record=AgentRecord(sequence=1, record=record))),
    ]
    return [("agent", DECISIONS, method, request.SerializeToString()) for method, request in requests]


def other_seeds() -> list[Seed]:
    session = Session(verbs=["stripe:*"], ceilings_json='[{"field": "args.a", "operator": "less", "value": 1}]')
    lease = LeaseRequest(nonce=UUID, seq=1, protocol_version=1, spool_id=UUID)
    approve = ApproveRequest(approval_id=UUID, args_digest="ab" * 32, etag="v1", edited_args_json='{"a": 1}')
    documents = {"documents": [{"name": "a.yaml", "content": NOTHING_PASSES}]}
    requests: list[tuple[str, str, str, Any]] = [
        ("agent", "SessionService", "CreateSession", CreateSessionRequest(session=session)),
        ("sidecar", "FleetService", "HoldLease", HoldLeaseRequest(lease_request=lease)),
        ("approver", "ApproverService", "ListApprovals", ListApprovalsRequest(page_size=3, page_token="WzFd")),
        ("approver", "ApproverService", "Approve", approve),
        ("administrator", "PolicyService", "ValidatePolicies", ValidatePoliciesRequest(**documents)),
        ("administrator", "PolicyService", "ListPolicies", ListPoliciesRequest(page_token="WyJhIl0=")),
        ("administrator", "KeyService", "SetAllowList", SetAllowListRequest(networks=["10.0.0.0/8"])),
        ("administrator", "KeyService", "CreateKey", CreateKeyRequest(role="ROLE_AUDITOR", principal="x")),
        ("auditor", "AuditService", "ListAuditRecords", ListAuditRecordsRequest(page_size=2)),
    ]
    return [(role, service, method, request.SerializeToString()) for role, service, method, request in requests]


class Damage:
    """Makes unsound requests out of sound ones."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def of(self, seed: bytes) -> bytes:
        data = seed
        for _ in range(self._chance.randint(1, 4)):
            data = self._chance.choice((self._flip, self._cut, self._splice, self._insert, self._text, self._json))(
                data
            )
        return data[: 2 * 1024 * 1024]

    def _at(self, data: bytes) -> int:
        return self._chance.randrange(len(data) + 1)

    def _flip(self, data: bytes) -> bytes:
        changed = bytearray(data or b"\x0a")
        changed[self._chance.randrange(len(changed))] = self._chance.randrange(256)
        return bytes(changed)

    def _cut(self, data: bytes) -> bytes:
        first, last = sorted((self._at(data), self._at(data)))
        return data[:first] + data[last:]

    def _splice(self, data: bytes) -> bytes:
        first, last = sorted((self._at(data), self._at(data)))
        return data[:last] + data[first:]

    def _insert(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + self._chance.randbytes(self._chance.choice((1, 2, 8, 64))) + data[at:]

    def _text(self, data: bytes) -> bytes:
        at, text = self._at(data), self._chance.choice(TEXTS + NUMBERS)
        return data[:at] + text.encode("utf-8", "surrogatepass") + data[at:]

    def _json(self, data: bytes) -> bytes:
        """A sound message with arguments that are not."""
        request = EvaluateRequest(verb=self._chance.choice((CALL["verb"], "a:b", "", "Stripe:x", "stripe:créate")))
        request.args_json = self._chance.choice(
            (
                "[" * self._chance.randint(1, 200),
                '{"a":' * self._chance.randint(1, 30) + "1" + "}" * self._chance.randint(1, 30),
                f'{{"amount": {self._chance.choice(NUMBERS)}}}',
                '{"a": 1, "a": 2}',
                json.dumps({self._chance.choice(("a", "\u202e", "")): list(range(self._chance.randint(0, 1_200)))}),
            )
        )
        return request.SerializeToString()


@pytest.fixture(scope="module")
def blocking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("fuzz")) as stack:
        stack.start_pdp()
        stack.apply_policies(NOTHING_PASSES)
        stack.start_sidecar()
        yield stack


def run(channel: grpc.Channel, seeds: list[Seed], metadata: Callable[[str], Any], alive: Callable[[], bool]) -> int:
    chance, end, sent = random.Random(SEED), time.monotonic() + SECONDS, 0
    damage = Damage(chance)
    while time.monotonic() < end:
        role, service, method, seed = chance.choice(seeds)
        data = damage.of(seed)
        where = f"GATEHOLD_FUZZ_SEED={SEED}, request {sent}: {service}.{method} {data[:200].hex()}"
        code, response = send(channel, f"/gatehold.v1.{service}/{method}", data, metadata(role), chance)
        assert code not in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN), where
        assert not allows(method, response), where
        sent += 1
    assert alive(), f"GATEHOLD_FUZZ_SEED={SEED}"
    return sent


def send(channel: grpc.Channel, path: str, data: bytes, metadata: Any, chance: random.Random) -> tuple[Any, bytes]:
    try:
        if path.endswith(("RecordAudit", "HoldLease")):
            messages = [data] * chance.randint(1, 3)
            return None, b"".join(channel.stream_stream(path)(iter(messages), metadata=metadata, timeout=10))
        if path.endswith("WatchApproval"):
            return None, b"".join(channel.unary_stream(path)(data, metadata=metadata, timeout=1))
        return None, channel.unary_unary(path)(data, metadata=metadata, timeout=10)
    except grpc.RpcError as error:
        return error.code(), b""


def allows(method: str, response: bytes) -> bool:
    if method == "Evaluate":
        return EvaluateResponse.FromString(response).decision == DECISION_ALLOW
    if method == "BatchEvaluate":
        return any(one.decision == DECISION_ALLOW for one in BatchEvaluateResponse.FromString(response).responses)
    return False


def test_random_bytes_at_the_decision_point(blocking: Stack) -> None:
    pdp = blocking.pdp
    assert pdp is not None

    def metadata(role: str) -> Any:
        agents = [("gatehold-agent", "dev")] if role == "sidecar" else []
        return [*blocking.connection(role).metadata, *agents]

    with grpc.insecure_channel(blocking.address) as channel:
        assert run(channel, agent_seeds() + other_seeds(), metadata, lambda: not pdp.ended) > 100
    assert failures(blocking.folder / "pdp.log") == []


def test_random_bytes_at_the_sidecar(blocking: Stack) -> None:
    sidecar = blocking.sidecars["dev"]
    with grpc.insecure_channel(blocking.target()) as channel:
        assert run(channel, agent_seeds(), lambda _: [], lambda: not sidecar.ended) > 100
    assert failures(blocking.folder / "sidecar-dev.log") == []


def failures(log: Path) -> list[str]:
    return [line for line in log.read_text().splitlines() if '"call_failed"' in line or "Traceback" in line]
