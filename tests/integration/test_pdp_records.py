"""Records on their way in and out of a decision point."""

import asyncio
import uuid

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from gatehold import chain
from gatehold.v1.audit_record_pb2 import AuditRecord, RecordKind
from gatehold.v1.audit_service_pb2 import AuditFilter, ListAuditRecordsRequest, TailAuditRecordsRequest
from gatehold.v1.decision_point_service_pb2 import (
    AgentRecord,
    AuditStream,
    RecordAuditRequest,
    Spool,
    SpoolBatch,
    SpooledRecord,
)
from tests.integration.pdp_harness import READ, REFUND, Pdp, outcome, running

EXECUTION = AuditRecord(kind=2, verb=REFUND, args_json='{"amount": 5}', execution={"decision_id": "d", "outcome": 1})


@pytest.fixture
async def pdp(tmp_path):
    async with running(tmp_path / "data") as running_pdp:
        yield running_pdp


class Stream:
    """One RecordAudit stream, a message and its acknowledgement at a time."""

    def __init__(self, pdp: Pdp, role: str, *agents: str) -> None:
        self.call = pdp.decisions.RecordAudit(metadata=pdp.metadata(role, *agents), timeout=30)

    async def send(self, **message: object) -> int:
        await self.call.write(RecordAuditRequest(**message))
        answer = await self.call.read()
        if answer is grpc.aio.EOF:
            raise AssertionError(await self.call.code())
        return answer.acknowledged_sequence

    async def open(self, version: int = 1, **stream: object) -> int:
        return await self.send(open=AuditStream(protocol_version=version, **stream))

    async def own(self, sequence: int, record: AuditRecord = EXECUTION) -> int:
        return await self.send(agent_record=AgentRecord(sequence=sequence, record=record))


def spooled(count: int, spool_id: str, agent: str = "dev") -> list[SpooledRecord]:
    records, previous = [], chain.FIRST
    for sequence in range(1, count + 1):
        record = AuditRecord(
            record_id=str(uuid.uuid4()), spool_id=spool_id, sequence=sequence, kind=1, agent=agent, verb=READ
        )
        record.record_time.GetCurrentTime()
        record.decision.decision = 1
        body = record.SerializeToString()
        records.append(SpooledRecord(sequence=sequence, previous_hash=previous, record=body))
        previous = chain.link(previous, body)
    return records


async def test_an_agents_records_are_stamped_and_stored_once(pdp: Pdp) -> None:
    stream_id = str(uuid.uuid4())
    stream = Stream(pdp, "agent")
    assert await stream.open(stream_id=stream_id) == 0
    assert [await stream.own(sequence) for sequence in (1, 2, 2, 1)] == [1, 2, 2, 2]
    again = Stream(pdp, "agent")
    assert await again.open(stream_id=stream_id) == 2
    records = await pdp.records(kind=RecordKind.RECORD_KIND_TOOL_EXECUTION)
    assert len(records) == 2
    assert all(r.agent_asserted and r.agent == "dev" and r.tenant == "default" and r.record_id for r in records)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await again.own(4)
    assert outcome(error.value) == ("OUT_OF_RANGE", "SEQUENCE_GAP")


async def test_a_sidecars_spool_is_taken_in_once(pdp: Pdp) -> None:
    spool_id = str(uuid.uuid4())
    records = spooled(3, spool_id)
    stream = Stream(pdp, "sidecar", "dev")
    assert await stream.open(spool=Spool(spool_id=spool_id)) == 0
    assert await stream.send(spool_batch=SpoolBatch(records=records[:2])) == 2
    assert await stream.send(spool_batch=SpoolBatch(records=records)) == 3
    assert len(await pdp.records(verb=READ)) == 3


async def test_a_spool_of_another_agent_is_refused(pdp: Pdp) -> None:
    spool_id = str(uuid.uuid4())
    await Stream(pdp, "sidecar", "dev").open(spool=Spool(spool_id=spool_id))
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await Stream(pdp, "sidecar", "other").open(spool=Spool(spool_id=spool_id))
    assert outcome(error.value) == ("PERMISSION_DENIED", "NOT_PERMITTED")


@pytest.mark.parametrize(
    ("role", "opening", "expected"),
    [
        ("agent", {"stream_id": "not a uuid"}, ("INVALID_ARGUMENT", "INVALID_FIELD")),
        ("agent", {}, ("INVALID_ARGUMENT", "INVALID_FIELD")),
        ("agent", {"stream_id": str(uuid.uuid4()), "version": 2}, ("FAILED_PRECONDITION", "PROTOCOL_VERSION")),
        ("agent", {"stream_id": str(uuid.uuid4()), "version": 0}, ("FAILED_PRECONDITION", "PROTOCOL_VERSION")),
        ("agent", {"spool": {"spool_id": str(uuid.uuid4())}}, ("PERMISSION_DENIED", "NOT_PERMITTED")),
        ("sidecar", {"stream_id": str(uuid.uuid4())}, ("PERMISSION_DENIED", "NOT_PERMITTED")),
        ("sidecar", {"spool": {"spool_id": "x"}}, ("INVALID_ARGUMENT", "INVALID_FIELD")),
        (
            "sidecar",
            {"spool": {"spool_id": str(uuid.uuid4()), "predecessor_last_sequence": 2**63}},
            ("INVALID_ARGUMENT", "INVALID_FIELD"),
        ),
    ],
)
async def test_a_stream_that_may_not_open(pdp: Pdp, role: str, opening: dict, expected: tuple[str, str]) -> None:
    agents = ["dev"] if role == "sidecar" else []
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await Stream(pdp, role, *agents).open(**opening)
    assert outcome(error.value) == expected


async def test_messages_of_the_other_kind_end_a_stream(pdp: Pdp) -> None:
    unopened = Stream(pdp, "agent")
    with pytest.raises(grpc.aio.AioRpcError, match="open: must be the first message"):
        await unopened.own(1)
    mixed = Stream(pdp, "agent")
    await mixed.open(stream_id=str(uuid.uuid4()))
    with pytest.raises(grpc.aio.AioRpcError, match="must be an agent_record"):
        await mixed.send(spool_batch=SpoolBatch())
    spool = Stream(pdp, "sidecar", "dev")
    spool_id = str(uuid.uuid4())
    await spool.open(spool=Spool(spool_id=spool_id))
    with pytest.raises(grpc.aio.AioRpcError, match=r"spool_batch\.records\[1\]\.previous_hash"):
        broken = spooled(2, spool_id)
        broken[1].previous_hash = b"short"
        await spool.send(spool_batch=SpoolBatch(records=broken))


async def test_the_record_is_listed_by_page_newest_first_and_by_filter(pdp: Pdp) -> None:
    for amount in range(5):
        await pdp.evaluate(REFUND, f'{{"amount": {amount}}}')
    await pdp.evaluate(READ)
    seen, token = [], ""
    while True:
        request = ListAuditRecordsRequest(filter=AuditFilter(verb=REFUND), page_size=2, page_token=token)
        page = await pdp.audit.ListAuditRecords(request, metadata=pdp.metadata("administrator"), timeout=10)
        seen += [record.args_json for record in page.records]
        token = page.next_page_token
        if not token:
            break
    assert seen == [f'{{"amount":{amount}}}' for amount in (4, 3, 2, 1, 0)]
    assert len(await pdp.records(agent="dev", decision=1, kind=1)) == 6
    assert not await pdp.records(agent="nobody")
    assert not await pdp.records(until=Timestamp(seconds=1))
    with pytest.raises(grpc.aio.AioRpcError, match=r"filter\.since"):
        await pdp.records(since=Timestamp(seconds=1, nanos=-1))


async def test_a_tail_gives_the_backlog_and_then_what_comes(pdp: Pdp) -> None:
    await pdp.evaluate(READ, request_id="1")
    await pdp.evaluate(READ, request_id="2")
    request = TailAuditRecordsRequest(filter=AuditFilter(verb=READ), backlog=1)
    tail = pdp.audit.TailAuditRecords(request, metadata=pdp.metadata("auditor"), timeout=30)
    assert (await tail.read()).record.request_id == "2"
    asking = asyncio.create_task(pdp.evaluate(READ, request_id="3"))
    assert (await tail.read()).record.request_id == "3"
    await asking
    with pytest.raises(grpc.aio.AioRpcError, match="backlog"):
        too_much = TailAuditRecordsRequest(backlog=1_001)
        await pdp.audit.TailAuditRecords(too_much, metadata=pdp.metadata("auditor"), timeout=10).read()
