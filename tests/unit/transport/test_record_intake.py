"""Streams of records, in and out, do not outlive their key."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gatehold.records import now
from gatehold.serving import Refusal
from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.v1.audit_service_pb2 import TailAuditRecordsRequest
from gatehold.v1.decision_point_service_pb2 import AgentRecord, AuditStream, RecordAuditRequest
from pdp.audit.log import AuditLog
from pdp.fleet.seeding import open_tenant
from pdp.identity import Keyring, generate_key
from pdp.store.interface import Store
from pdp.store.model import StoredKey
from pdp.store.opening import open_store
from pdp.transport.audit_service import AuditServicer
from pdp.transport.authentication import Authenticator
from pdp.transport.record_audit import RecordIntake


class Caller:
    """The metadata of one call."""

    def __init__(self, key: str) -> None:
        self.key = key

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.key}"),)

    def peer(self) -> str:
        return "ipv4:127.0.0.1:50000"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/gatehold.db")
    open_tenant(opened, "t")
    yield opened
    opened.close()


@pytest.fixture
async def audit(store: Store) -> AsyncIterator[AuditLog]:
    log = AuditLog(store)
    await log.start()
    yield log
    await log.close()


def key_of(role: str) -> tuple[str, Keyring]:
    key, keyring = generate_key(), Keyring()
    keyring.replace([StoredKey(key.key_id, "t", key.digest, role, "dev", (), (), 0)])
    return key.text, keyring


async def test_a_key_revoked_in_mid_stream_ends_the_stream(audit: AuditLog) -> None:
    key, keyring = key_of("agent")
    sent: asyncio.Queue[RecordAuditRequest] = asyncio.Queue()

    async def requests() -> AsyncIterator[RecordAuditRequest]:
        while True:
            yield await sent.get()

    record = AuditRecord(kind=2, execution={"outcome": 1})
    sent.put_nowait(RecordAuditRequest(open=AuditStream(stream_id=str(uuid.uuid4()), protocol_version=1)))
    sent.put_nowait(RecordAuditRequest(agent_record=AgentRecord(sequence=1, record=record)))
    intake = RecordIntake(Authenticator(keyring), audit, lambda tenant, verb: None)
    responses = intake.responses(requests(), Caller(key))
    assert [(await anext(responses)).acknowledged_sequence for _ in range(2)] == [0, 1]
    keyring.replace([])
    sent.put_nowait(RecordAuditRequest(agent_record=AgentRecord(sequence=2, record=record)))
    with pytest.raises(Refusal) as refusal:
        await anext(responses)
    assert refusal.value.code.name == "UNAUTHENTICATED"


async def test_a_key_revoked_in_mid_tail_ends_the_tail(audit: AuditLog) -> None:
    key, keyring = key_of("auditor")
    for text in ("first", "second"):
        record = AuditRecord(record_id=text, record_time=now(), tenant="t", kind=7, task_activity={"note": text})
        await audit.record(record)
    tail = AuditServicer(Authenticator(keyring), audit).TailAuditRecords(
        TailAuditRecordsRequest(backlog=2),
        Caller(key),
    )
    assert (await anext(tail)).record.record_id == "first"
    keyring.replace([])
    with pytest.raises(Refusal) as refusal:
        await anext(tail)
    assert refusal.value.code.name == "UNAUTHENTICATED"
