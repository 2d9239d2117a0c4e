"""A stream of records does not outlive its key."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatehold.serving import Refusal
from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.v1.decision_point_service_pb2 import AgentRecord, AuditStream, RecordAuditRequest
from pdp.audit.log import AuditLog
from pdp.fleet.seeding import open_tenant
from pdp.identity import Keyring, generate_key
from pdp.store.model import StoredKey
from pdp.store.opening import open_store
from pdp.transport.authentication import Authenticator
from pdp.transport.record_audit import RecordIntake


class Caller:
    """The metadata of one call."""

    def __init__(self, key: str) -> None:
        self.key = key

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.key}"),)


async def test_a_key_revoked_in_mid_stream_ends_the_stream(tmp_path: Path) -> None:
    store = await asyncio.to_thread(open_store, f"sqlite:///{tmp_path}/gatehold.db")
    open_tenant(store, "t")
    audit = AuditLog(store)
    await audit.start()
    key, keyring = generate_key(), Keyring()
    keyring.replace([StoredKey(key.key_id, "t", key.digest, "agent", "dev", (), (), 0)])
    sent: asyncio.Queue[RecordAuditRequest] = asyncio.Queue()

    async def requests() -> AsyncIterator[RecordAuditRequest]:
        while True:
            yield await sent.get()

    record = AuditRecord(kind=2, execution={"outcome": 1})
    sent.put_nowait(RecordAuditRequest(open=AuditStream(stream_id=str(uuid.uuid4()), protocol_version=1)))
    sent.put_nowait(RecordAuditRequest(agent_record=AgentRecord(sequence=1, record=record)))
    intake = RecordIntake(Authenticator(keyring), audit, lambda tenant, verb: None)
    responses = intake.responses(requests(), Caller(key.text))
    assert [(await anext(responses)).acknowledged_sequence for _ in range(2)] == [0, 1]
    keyring.replace([])
    sent.put_nowait(RecordAuditRequest(agent_record=AgentRecord(sequence=2, record=record)))
    with pytest.raises(Refusal) as refusal:
        await anext(responses)
    assert refusal.value.code.name == "UNAUTHENTICATED"
    await audit.close()
    store.close()
