"""What an agent itself puts on the record, through the sidecar."""

import uuid
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest

from gatehold.v1.audit_record_pb2 import AlarmDetail, AuditRecord, ExecutionDetail, Outcome, RecordKind
from gatehold.v1.decision_point_service_pb2 import AgentRecord, AuditStream, RecordAuditRequest, Spool, SpoolBatch
from tests.fakes.running_sidecar import running, settings, spooled

if TYPE_CHECKING:
    from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceAsyncStub

NOBODY = "127.0.0.1:1"  # these records need no decision point
STREAM = str(uuid.uuid4())
RAN = AuditRecord(
    kind=RecordKind.RECORD_KIND_TOOL_EXECUTION,
    tenant="forged",
    agent="forged",
    verb="stripe:create_refund",
    args_json='{"card": "4111"}',
    execution=ExecutionDetail(decision_id="d1", outcome=Outcome.OUTCOME_SUCCEEDED),
)


def opening(**fields: object) -> RecordAuditRequest:
    return RecordAuditRequest(open=AuditStream(**{"stream_id": STREAM, "protocol_version": 1, **fields}))  # type: ignore[arg-type]


def entry(sequence: int, record: AuditRecord = RAN) -> RecordAuditRequest:
    return RecordAuditRequest(agent_record=AgentRecord(sequence=sequence, record=record))


async def acknowledged(
    agent: "DecisionPointServiceAsyncStub", messages: Iterable[RecordAuditRequest]
) -> tuple[list[int], grpc.StatusCode]:
    """Sends the messages; returns what was acknowledged and how the stream ended."""
    call = agent.RecordAudit(iter(list(messages)))
    try:
        return [response.acknowledged_sequence async for response in call], await call.code()
    except grpc.aio.AioRpcError as error:
        return [], error.code()


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator["DecisionPointServiceAsyncStub"]:
    async with running(settings(tmp_path, NOBODY)) as agent:
        yield agent


async def test_records_are_acknowledged_stamped_and_marked_as_the_agents_word(tmp_path: Path) -> None:
    async with running(settings(tmp_path, NOBODY)) as agent:
        sequences, code = await acknowledged(agent, [opening(), entry(1), entry(2)])
    assert (sequences, code) == ([0, 1, 2], grpc.StatusCode.OK)
    records = await spooled(tmp_path)
    assert [(record.tenant, record.agent, record.agent_asserted) for record in records] == [("", "dev", True)] * 2
    assert [record.execution.decision_id for record in records] == ["d1", "d1"]
    assert all("4111" not in record.args_json for record in records)


async def test_a_stream_goes_on_where_it_was_even_after_a_restart(tmp_path: Path) -> None:
    async with running(settings(tmp_path, NOBODY)) as agent:
        await acknowledged(agent, [opening(), entry(1), entry(2)])
        assert (await acknowledged(agent, [opening(), entry(2), entry(3)]))[0] == [2, 2, 3]
    async with running(settings(tmp_path, NOBODY)) as agent:
        assert (await acknowledged(agent, [opening(), entry(4)]))[0] == [3, 4]
    assert len(await spooled(tmp_path)) == 4


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([opening(), entry(2)], grpc.StatusCode.OUT_OF_RANGE),
        ([opening(), entry(0)], grpc.StatusCode.INVALID_ARGUMENT),
        ([entry(1)], grpc.StatusCode.INVALID_ARGUMENT),
        ([opening(), opening()], grpc.StatusCode.INVALID_ARGUMENT),
        ([opening(stream_id="mine")], grpc.StatusCode.INVALID_ARGUMENT),
        ([opening(protocol_version=0)], grpc.StatusCode.FAILED_PRECONDITION),
        ([opening(protocol_version=2)], grpc.StatusCode.FAILED_PRECONDITION),
        ([opening(stream_id=None, spool=Spool(spool_id=STREAM))], grpc.StatusCode.PERMISSION_DENIED),
        ([opening(), RecordAuditRequest(spool_batch=SpoolBatch())], grpc.StatusCode.INVALID_ARGUMENT),
        ([opening(), entry(1, AuditRecord())], grpc.StatusCode.INVALID_ARGUMENT),
        (
            [opening(), entry(1, AuditRecord(kind=RecordKind.RECORD_KIND_ALARM, alarm=AlarmDetail(type="gap")))],
            grpc.StatusCode.INVALID_ARGUMENT,
        ),
        (
            [opening(), entry(1, AuditRecord(kind=RecordKind.RECORD_KIND_DECISION))],
            grpc.StatusCode.INVALID_ARGUMENT,
        ),
    ],
)
async def test_what_is_out_of_place_ends_the_stream(
    agent: "DecisionPointServiceAsyncStub", messages: list[RecordAuditRequest], code: grpc.StatusCode
) -> None:
    assert (await acknowledged(agent, messages))[1] is code


async def test_too_many_streams_at_once_are_refused(agent: "DecisionPointServiceAsyncStub") -> None:
    calls = []
    for _ in range(16):
        call = agent.RecordAudit()
        await call.write(opening())
        await call.read()
        calls.append(call)
    assert (await acknowledged(agent, [opening()]))[1] is grpc.StatusCode.RESOURCE_EXHAUSTED
    for call in calls:
        call.cancel()
