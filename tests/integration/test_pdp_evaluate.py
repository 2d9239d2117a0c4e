"""What a decision point answers, to whom, and what it puts on record before it does."""

import grpc
import pytest

from gatehold.v1.audit_service_pb2 import ListAuditRecordsRequest
from gatehold.v1.decision_pb2 import Decision, DecisionSource
from gatehold.v1.decision_point_service_pb2 import (
    BatchEvaluateRequest,
    EvaluateRequest,
    ListPermittedVerbsRequest,
)
from gatehold.v1.fleet_service_pb2 import ListSidecarsRequest
from gatehold.v1.policy_pb2 import SourceDocument
from gatehold.v1.policy_service_pb2 import ApplyPoliciesRequest, ListPoliciesRequest
from gatehold.v1.reason_code_pb2 import ReasonCode
from pdp.store.errors import Unavailable
from pdp.store.sql import SqlStore
from tests.integration.pdp_harness import READ, REFUND, REFUNDS, Pdp, outcome, running

ALLOW, ASK, BLOCK = Decision.DECISION_ALLOW, Decision.DECISION_REQUIRE_APPROVAL, Decision.DECISION_BLOCK


@pytest.fixture
async def pdp(tmp_path):
    async with running(tmp_path / "data") as running_pdp:
        yield running_pdp


async def test_an_agent_is_answered_and_the_record_is_there(pdp: Pdp) -> None:
    small = await pdp.evaluate(REFUND, '{"amount": 99}', on_behalf_of="ann", request_id="r-1")
    large = await pdp.evaluate(REFUND, '{"amount": 101}')
    wrong = await pdp.evaluate(REFUND, '{"amount": "250"}')
    unknown = await pdp.evaluate("acme:launch", '{"target": "moon"}')
    answers = [small, large, wrong, unknown]
    assert [answer.decision for answer in answers] == [ALLOW, ASK, BLOCK, BLOCK]
    assert all(answer.source == DecisionSource.DECISION_SOURCE_POLICY and answer.revision == 2 for answer in answers)
    assert not any(answer.HasField("reuse") or answer.HasField("trace") for answer in answers)
    assert len({answer.decision_id for answer in answers}) == len(answers)

    records = {record.decision.decision_id: record for record in await pdp.records(kind=1)}
    assert set(records) == {answer.decision_id for answer in answers}
    record = records[small.decision_id]
    assert (record.tenant, record.agent, record.verb) == ("default", "dev", REFUND)
    assert (record.args_json, record.on_behalf_of, record.request_id) == ('{"amount":99}', "ann", "r-1")
    assert (record.args_digest, record.decision.decision) == (small.args_digest, ALLOW)
    assert "moon" not in records[unknown.decision_id].args_json


async def test_explain_shows_every_candidate_and_the_next_answer_does_not(pdp: Pdp) -> None:
    for explain in [False, True, False]:
        answer = await pdp.evaluate(REFUND, '{"amount": 101}', explain=explain)
        assert answer.HasField("trace") is explain
    explained = await pdp.evaluate(REFUND, '{"amount": 101}', explain=True)
    assert "large-refund-gate" in {candidate.policy for candidate in explained.trace.candidates}


async def test_a_sidecar_gets_what_it_may_reuse_and_writes_the_record_itself(pdp: Pdp) -> None:
    answer = await pdp.evaluate(REFUND, '{"amount": 101}', role="sidecar")
    assert {(atom.field, atom.operator, atom.value_json) for atom in answer.reuse.atoms} == {
        ("args.amount", "less_or_equal", "100"),
        ("args.amount", "greater", "100"),
    }
    assert not await pdp.records(kind=1)


async def test_the_same_call_again_is_decided_at_the_new_revision(pdp: Pdp) -> None:
    before = await pdp.evaluate(REFUND, '{"amount": 99}', role="sidecar")
    block = REFUNDS.replace("type: allow", "type: block")
    request = ApplyPoliciesRequest(documents=[SourceDocument(name="p.yaml", content=block)])
    await pdp.policies.ApplyPolicies(request, metadata=pdp.metadata("administrator"))
    after = await pdp.evaluate(REFUND, '{"amount": 99}', role="sidecar")
    assert (before.decision, after.decision, after.revision) == (ALLOW, BLOCK, before.revision + 1)


async def test_a_repeated_call_is_still_checked(pdp: Pdp) -> None:
    await pdp.evaluate(REFUND, '{"amount": 99}')
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await pdp.evaluate(REFUND, '{"amount": 99}', request_id="a\0b")
    assert outcome(error.value) == ("INVALID_ARGUMENT", "INVALID_FIELD")
    assert (await pdp.evaluate(REFUND, '{"amount": 99}')).decision == ALLOW


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (lambda pdp: [], ("UNAUTHENTICATED", "CREDENTIAL_INVALID")),
        (lambda pdp: [("authorization", "Bearer nonsense")], ("UNAUTHENTICATED", "CREDENTIAL_INVALID")),
        (lambda pdp: pdp.metadata("agent") * 2, ("UNAUTHENTICATED", "CREDENTIAL_INVALID")),
        (lambda pdp: pdp.metadata("administrator"), ("PERMISSION_DENIED", "NOT_PERMITTED")),
        (lambda pdp: pdp.metadata("auditor"), ("PERMISSION_DENIED", "NOT_PERMITTED")),
        (lambda pdp: pdp.metadata("approver"), ("PERMISSION_DENIED", "NOT_PERMITTED")),
        (lambda pdp: pdp.metadata("agent", "other"), ("PERMISSION_DENIED", "NOT_PERMITTED")),
        (lambda pdp: pdp.metadata("sidecar"), ("INVALID_ARGUMENT", "INVALID_FIELD")),
        (lambda pdp: pdp.metadata("sidecar", "a", "b"), ("INVALID_ARGUMENT", "INVALID_FIELD")),
        (lambda pdp: pdp.metadata("sidecar", "a" * 257), ("INVALID_ARGUMENT", "INVALID_FIELD")),
    ],
)
async def test_who_may_not_ask(pdp: Pdp, metadata, expected: tuple[str, str]) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await pdp.decisions.Evaluate(EvaluateRequest(verb=READ), metadata=metadata(pdp), timeout=10)
    assert outcome(error.value) == expected
    assert (await pdp.evaluate(READ)).decision == ALLOW


@pytest.mark.parametrize(
    ("service", "method", "request_message"),
    [
        ("audit", "ListAuditRecords", ListAuditRecordsRequest()),
        ("fleet", "ListSidecars", ListSidecarsRequest()),
        ("policies", "ListPolicies", ListPoliciesRequest()),
    ],
)
@pytest.mark.parametrize("role", ["agent", "sidecar", "approver"])
async def test_services_of_others_are_closed(pdp: Pdp, service: str, method: str, request_message, role: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await getattr(getattr(pdp, service), method)(request_message, metadata=pdp.metadata(role), timeout=10)
    assert outcome(error.value) == ("PERMISSION_DENIED", "NOT_PERMITTED")


async def batch(pdp: Pdp, *items: EvaluateRequest, mode: int = 0, role: str = "agent"):
    request = BatchEvaluateRequest(requests=items, mode=mode)
    agents = ["dev"] if role == "sidecar" else []
    answer = await pdp.decisions.BatchEvaluate(request, metadata=pdp.metadata(role, *agents), timeout=30)
    return answer.responses


def refund(amount: str) -> EvaluateRequest:
    return EvaluateRequest(verb=REFUND, args_json=f'{{"amount": {amount}}}')


async def test_a_bad_item_blocks_that_item_alone(pdp: Pdp) -> None:
    strange = EvaluateRequest.FromString(refund("99").SerializeToString() + b"\xf8\x3f\x01")
    bad = EvaluateRequest(verb="Not A Verb", on_behalf_of="a\0b")
    answers = await batch(pdp, refund("99"), refund("NaN"), bad, strange, refund("101"))
    assert [answer.decision for answer in answers] == [ALLOW, BLOCK, BLOCK, BLOCK, ASK]
    assert [answer.reason_code == ReasonCode.REASON_CODE_INVALID_ITEM for answer in answers] == [0, 1, 1, 1, 0]
    assert "args_json.amount" in answers[1].reason and "verb" in answers[2].reason and "1023" in answers[3].reason
    records = await pdp.records(kind=1)
    assert {record.decision.decision_id for record in records} == {answer.decision_id for answer in answers}
    assert not any("\0" in str(record) or "Not A Verb" in record.verb for record in records)


async def test_a_batch_stops_on_its_first_block_when_asked_to(pdp: Pdp) -> None:
    items = [refund("99"), refund('"x"'), refund("99"), refund("NaN")]
    answers = await batch(pdp, *items, mode=2)
    assert [answer.decision for answer in answers] == [ALLOW, BLOCK, BLOCK, BLOCK]
    assert [answer.reason_code for answer in answers][2:] == [
        ReasonCode.REASON_CODE_STOPPED_EARLY,
        ReasonCode.REASON_CODE_INVALID_ITEM,
    ]
    assert [answer.decision for answer in await batch(pdp, *items, mode=1)] == [ALLOW, BLOCK, ALLOW, BLOCK]


@pytest.mark.parametrize("count", [0, 1_001])
async def test_a_batch_has_1_to_1000_items(pdp: Pdp, count: int) -> None:
    with pytest.raises(grpc.aio.AioRpcError, match="requests: must be 1 to 1000 items") as error:
        await batch(pdp, *[refund("1")] * count)
    assert outcome(error.value) == ("INVALID_ARGUMENT", "INVALID_FIELD")
    assert len(await batch(pdp, *[refund("1")] * 1_000)) == 1_000


async def test_permitted_verbs_leave_out_what_nothing_gets_past(pdp: Pdp) -> None:
    seen, token = {}, ""
    while True:
        request = ListPermittedVerbsRequest(page_size=50, page_token=token)
        page = await pdp.decisions.ListPermittedVerbs(request, metadata=pdp.metadata("sidecar", "dev"), timeout=10)
        assert len(page.verbs) <= 50 and page.revision == 2
        seen |= {verb.entry.verb: verb.executable for verb in page.verbs}
        token = page.next_page_token
        if not token:
            break
    assert seen[READ] and seen[REFUND]
    assert "shell:execute_command" not in seen
    assert list(seen) == sorted(seen)


async def test_nothing_is_decided_while_nothing_can_be_recorded(pdp: Pdp, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(SqlStore, "append", fail)
    monkeypatch.setattr(SqlStore, "probe", fail)
    for role in ["agent", "sidecar", "sidecar", "agent"]:  # the first of them shuts the gate for the others
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await pdp.evaluate(READ, role=role)
        assert outcome(error.value) == ("UNAVAILABLE", "STORAGE_FAILED")
    monkeypatch.undo()
    while True:
        try:
            assert (await pdp.evaluate(READ)).decision == ALLOW
        except grpc.aio.AioRpcError as error:
            assert outcome(error) == ("UNAVAILABLE", "STORAGE_FAILED")
        else:
            break
