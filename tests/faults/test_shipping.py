"""19. Batches that come twice, late, early, or changed: one record for each place, whatever comes."""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from gatehold.chain import FIRST, link
from gatehold.records import decision_record, stamp
from gatehold.v1.audit_record_pb2 import RecordKind
from gatehold.v1.decision_point_service_pb2 import (
    AuditStream,
    EvaluateRequest,
    EvaluateResponse,
    RecordAuditRequest,
    Spool,
    SpoolBatch,
    SpooledRecord,
)
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from tests.faults.checks import READ
from tests.stack import Stack, status


class ScriptedSidecar:
    """Ships one spool by hand, with a sidecar's credential."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.spool_id = str(uuid.uuid4())

    def chain(self, count: int) -> list[SpooledRecord]:
        """Sound records from the first on."""
        records, previous_hash = [], FIRST
        for sequence in range(1, count + 1):
            record = stamp(self._decision(), self.spool_id, sequence)
            records.append(SpooledRecord(sequence=sequence, previous_hash=previous_hash, record=record))
            previous_hash = link(previous_hash, record)
        return records

    def _decision(self) -> Any:
        response = EvaluateResponse(decision_id=str(uuid.uuid4()), revision=1)
        return decision_record(
            EvaluateRequest(verb=READ),
            response,
            tenant="",
            agent="dev",
            session="",
            args={},
            context={},
            sensitive=(),
            shadow=(),
        )

    def ship(self, *batches: Sequence[SpooledRecord]) -> tuple[list[int], grpc.StatusCode]:
        """Sends batches on one stream; returns the acknowledgements and the status it ended with."""
        connection = self._stack.connection("sidecar")
        metadata = (*connection.metadata, ("gatehold-agent", "dev"))
        acknowledged: list[int] = []
        with connection.channel as channel:
            stub: Any = DecisionPointServiceStub(channel)
            try:
                for response in stub.RecordAudit(self._messages(batches), metadata=metadata, timeout=30):
                    acknowledged.append(response.acknowledged_sequence)  # noqa: PERF401 (an error comes in between)
            except grpc.RpcError as error:
                return acknowledged, status(error)
        return acknowledged, grpc.StatusCode.OK

    def _messages(self, batches: Sequence[Sequence[SpooledRecord]]) -> Iterator[RecordAuditRequest]:
        yield RecordAuditRequest(open=AuditStream(spool=Spool(spool_id=self.spool_id), protocol_version=1))
        for batch in batches:
            yield RecordAuditRequest(spool_batch=SpoolBatch(records=batch))

    def rows(self) -> list[tuple[int, bytes]]:
        """What is on the record of the spool, by sequence: each place once."""
        found = self._stack.records(kind=RecordKind.RECORD_KIND_DECISION)
        stored = [record for record in found if record.spool_id == self.spool_id]
        assert max(Counter(record.sequence for record in stored).values(), default=0) <= 1
        return sorted((record.sequence, record.SerializeToString(deterministic=True)) for record in stored)

    def alarms(self) -> list[str]:
        found = self._stack.records(kind=RecordKind.RECORD_KIND_ALARM)
        return [record.alarm.type for record in found if record.alarm.spool_id == self.spool_id]


@pytest.fixture
def sidecar(stack: Stack) -> ScriptedSidecar:
    stack.start_pdp()
    return ScriptedSidecar(stack)


def sequences(sidecar: ScriptedSidecar) -> list[int]:
    return [sequence for sequence, _ in sidecar.rows()]


def test_19_batches_that_come_again(sidecar: ScriptedSidecar) -> None:
    chain = sidecar.chain(8)
    assert sidecar.ship(chain[:4], chain[:4], chain[2:6]) == ([0, 4, 4, 6], grpc.StatusCode.OK)
    assert sidecar.ship(chain, chain[7:]) == ([6, 8, 8], grpc.StatusCode.OK)
    assert sequences(sidecar) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert sidecar.alarms() == []


def test_19_batches_that_overtake_each_other(sidecar: ScriptedSidecar) -> None:
    chain = sidecar.chain(8)
    assert sidecar.ship(chain[:4], chain[6:], chain[4:6]) == ([0, 4], grpc.StatusCode.OUT_OF_RANGE)
    assert sidecar.ship([chain[5], chain[4]]) == ([4], grpc.StatusCode.OUT_OF_RANGE)
    assert sequences(sidecar) == [1, 2, 3, 4]
    assert set(sidecar.alarms()) != set()
    assert sidecar.ship(chain[4:6], chain[6:]) == ([4, 6, 8], grpc.StatusCode.OK)
    assert sequences(sidecar) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_19_a_repeated_record_with_other_bytes(sidecar: ScriptedSidecar) -> None:
    chain, other = sidecar.chain(4), sidecar.chain(4)
    assert sidecar.ship(chain) == ([0, 4], grpc.StatusCode.OK)
    before = sidecar.rows()
    assert sidecar.ship(other[1:2]) == ([4], grpc.StatusCode.INVALID_ARGUMENT)
    assert sidecar.rows() == before
    assert len(sidecar.alarms()) == 1


def test_19_one_spool_on_many_streams_at_once(sidecar: ScriptedSidecar) -> None:
    chain = sidecar.chain(200)
    batches = [chain[start : start + 20] for start in range(0, 200, 20)]
    with ThreadPoolExecutor(4) as streams:
        ends = [stream.result() for stream in [streams.submit(sidecar.ship, *batches) for _ in range(4)]]
    assert {code for _, code in ends} == {grpc.StatusCode.OK}
    assert {acknowledged[-1] for acknowledged, _ in ends} == {200}
    assert sequences(sidecar) == list(range(1, 201))
    assert sidecar.alarms() == []
