"""Sidecars' spools, from the stream to the file."""

import asyncio
from dataclasses import replace

import pytest

from gatehold.digest import MAX_BYTES
from gatehold.invalid import InvalidInput
from gatehold.records import json_text
from gatehold.v1.audit_record_pb2 import AuditRecord, ChangeDetail, RecordKind
from gatehold.vocabulary import RecordKind as Kind
from pdp.audit.errors import BrokenChain, ConflictingDuplicate, ForeignSpool, SequenceGap
from pdp.audit.log import AuditLog
from pdp.audit.model import Shipper
from pdp.store.interface import Store
from pdp.store.model import LogEntry, RecordFilter
from tests.unit.audit.conftest import SHIPPER, Listing, SidecarSpool, decision

ALARMS = RecordFilter(kind=Kind.ALARM)
DECISIONS = RecordFilter(kind=Kind.DECISION)


def alarms(listed: Listing) -> list[tuple[str, str, int, int]]:
    details = [AuditRecord.FromString(entry.body).alarm for entry in listed(ALARMS)]
    return [(one.type, one.spool_id, one.first_sequence, one.last_sequence) for one in details]


def sequences(listed: Listing, spool_id: str) -> list[int]:
    return [entry.sequence for entry in listed(DECISIONS) if entry.spool_id == spool_id]


async def test_records_come_once_in_order_and_whole(audit: AuditLog, listed: Listing) -> None:
    spool = SidecarSpool("s-1")
    batch = spool.make(3)
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    assert intake.acknowledged == 0
    assert await intake.append(batch) == 3
    assert await intake.append(batch[1:] + spool.make(2)) == 5
    found = listed()
    assert [(entry.sequence, entry.tenant, entry.agent) for entry in found] == [(n, "acme", "dev") for n in range(1, 6)]
    assert [entry.body for entry in found[:3]] == [spooled.body for spooled in batch]


async def test_a_stream_that_opens_again_goes_on_where_the_record_ends(audit: AuditLog, listed: Listing) -> None:
    spool = SidecarSpool("s-1")
    batch = spool.make(3)
    await (await audit.open_spool(SHIPPER, "s-1", None, 0)).append(batch)
    again = await audit.open_spool(SHIPPER, "s-1", None, 0)
    assert again.acknowledged == 3
    assert await again.append(batch) == 3
    assert sequences(listed, "s-1") == [1, 2, 3]
    assert await audit.committed_sequence("acme", "s-1") == 3


async def test_two_streams_of_one_spool_store_each_record_once(audit: AuditLog, listed: Listing) -> None:
    batch = SidecarSpool("s-1").make(20)
    intakes = [await audit.open_spool(SHIPPER, "s-1", None, 0) for _ in range(4)]
    assert await asyncio.gather(*(intake.append(batch) for intake in intakes)) == [20] * 4
    assert sequences(listed, "s-1") == list(range(1, 21))
    assert alarms(listed) == []


async def test_a_gap_is_refused_and_put_on_the_record_once(audit: AuditLog, listed: Listing) -> None:
    batch = SidecarSpool("s-1").make(5)
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    for _ in range(2):
        with pytest.raises(SequenceGap) as gap:
            await intake.append([batch[0], batch[3]])
        assert (gap.value.acknowledged, gap.value.sequence) == (1, 4)
    assert sequences(listed, "s-1") == [1]
    assert alarms(listed) == [("gap", "s-1", 2, 3)]
    assert await intake.append(batch) == 5


async def test_a_broken_chain_is_refused_and_put_on_the_record(audit: AuditLog, listed: Listing) -> None:
    batch = SidecarSpool("s-1").make(2)
    forged = SidecarSpool("s-1").make(2)
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    await intake.append(batch[:1])
    with pytest.raises(BrokenChain):
        await intake.append(forged[1:])
    assert sequences(listed, "s-1") == [1]
    assert alarms(listed) == [("broken_chain", "s-1", 2, 2)]


async def test_a_duplicate_with_other_bytes_leaves_the_first(audit: AuditLog, listed: Listing) -> None:
    batch = SidecarSpool("s-1").make(2)
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    await intake.append(batch)
    with pytest.raises(ConflictingDuplicate):
        await intake.append(SidecarSpool("s-1").make(1))
    assert [entry.body for entry in listed(DECISIONS)] == [spooled.body for spooled in batch]
    assert alarms(listed) == [("conflicting_duplicate", "s-1", 1, 1)]


@pytest.mark.parametrize("other", [replace(SHIPPER, sidecar="other"), replace(SHIPPER, agent="other")])
async def test_a_spool_is_its_writers_alone(audit: AuditLog, store: Store, other: Shipper) -> None:
    await audit.open_spool(SHIPPER, "s-1", None, 0)
    for attempt in (
        audit.open_spool(other, "s-1", None, 0),
        audit.open_spool(other, "s-2", "s-1", 9),
        audit.reported(other, "s-1", 9),
    ):
        with pytest.raises(ForeignSpool):
            await attempt
    assert store.spool("acme", "s-2") is None
    spool = store.spool("acme", "s-1")
    assert spool is not None
    assert spool.reported_sequence == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"agent": "other"}, "agent"),
        ({"agent": ""}, "agent"),
        ({"tenant": "globex"}, "tenant"),
        ({"record_id": ""}, "record_id"),
        ({"kind": RecordKind.RECORD_KIND_UNSPECIFIED}, "kind"),
        ({"kind": 99}, "kind"),
        ({"kind": RecordKind.RECORD_KIND_CONFIG_CHANGE, "change": ChangeDetail(object="policy/gate")}, "kind"),
        ({"kind": RecordKind.RECORD_KIND_AI_USAGE}, "ai_usage"),
        ({"record_time": None}, "record_time"),
    ],
)
async def test_a_record_that_lies_is_refused_and_nothing_of_its_batch_is_stored(
    audit: AuditLog, listed: Listing, wrong: dict[str, object], field: str
) -> None:
    spool = SidecarSpool("s-1")
    record = decision(tenant="")
    for name, value in wrong.items():
        record.ClearField(name)
        if isinstance(value, ChangeDetail):
            record.change.CopyFrom(value)
        elif value is not None:
            setattr(record, name, value)
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    with pytest.raises(InvalidInput) as refused:
        await intake.append([*spool.make(1), spool.add(record)])
    assert refused.value.field == f"spool_batch.records[sequence 2].record.{field}"
    assert listed() == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"args_json": "{not json"}, "args_json"),
        ({"args_json": "[]"}, "args_json"),
        ({"args_json": '{"a":' * 17 + "0" + "}" * 17}, "args_json"),
        ({"context_json": '{"a": NaN}'}, "context_json.a"),
        ({"decision": {"decision": 1, "reason_code": 9999}}, ""),
        ({"decision": {"decision": 99}}, ""),
        ({"kind": 2, "execution": {"outcome": 99}}, ""),
        ({"kind": 2, "execution": {"outcome": 0}}, "execution.outcome"),
        ({"kind": 2, "execution": {"outcome": 1, "duration": {"seconds": 10**15}}}, "execution.duration"),
        ({"kind": 2, "execution": {"outcome": 1, "duration": {"nanos": -5}}}, "execution.duration"),
        ({"kind": 6, "ai_usage": {"input_tokens": -1}}, "ai_usage.input_tokens"),
        ({"decision": {"decision": 1, "reason": "x" * 3 * 1024 * 1024}}, ""),
    ],
)
async def test_a_record_that_nobody_could_read_is_refused(
    audit: AuditLog, listed: Listing, wrong: dict[str, object], field: str
) -> None:
    spool = SidecarSpool("s-1")
    record = decision(tenant="")
    record.MergeFrom(AuditRecord(**wrong))
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    with pytest.raises(InvalidInput) as refused:
        await intake.append([*spool.make(1), spool.add(record)])
    assert refused.value.field == "spool_batch.records[sequence 2].record" + (f".{field}" if field else "")
    assert listed() == []


async def test_arguments_that_redaction_made_longer_than_a_call_may_be_are_taken_in(audit: AuditLog) -> None:
    spool = SidecarSpool("s-1")
    record = decision(tenant="")
    record.args_json = json_text({str(row): ["[redacted]"] * 900 for row in range(40)})
    assert len(record.args_json) > MAX_BYTES
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    assert await intake.append([spool.add(record)]) == 1


async def test_a_record_of_another_place_is_refused(audit: AuditLog, listed: Listing) -> None:
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    for spooled in (SidecarSpool("s-2").make(1)[0], replace(SidecarSpool("s-1").make(1)[0], body=b"\xff")):
        with pytest.raises(InvalidInput):
            await intake.append([spooled])
    with pytest.raises(InvalidInput):
        await intake.append([replace(SidecarSpool("s-1").make(1)[0], sequence=0)])
    with pytest.raises(InvalidInput):
        await intake.append(SidecarSpool("s-1").make(257))
    assert listed() == []


async def test_a_tail_that_was_reported_and_is_not_named_is_lost(audit: AuditLog, listed: Listing) -> None:
    await audit.reported(SHIPPER, "s-1", 5)
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    await intake.append(SidecarSpool("s-1").make(2))
    for _ in range(2):
        await audit.open_spool(SHIPPER, "s-2", "s-1", 3)
    assert alarms(listed) == [("lost_tail", "s-1", 4, 5)]


async def test_a_predecessor_that_is_still_shipped_is_not_lost(audit: AuditLog, listed: Listing) -> None:
    old = SidecarSpool("s-1")
    records = old.make(5)
    await audit.reported(SHIPPER, "s-1", 5)
    await (await audit.open_spool(SHIPPER, "s-1", None, 0)).append(records[:2])
    await audit.open_spool(SHIPPER, "s-2", "s-1", 5)
    await (await audit.open_spool(SHIPPER, "s-1", None, 0)).append(records[2:])
    await (await audit.open_spool(SHIPPER, "s-2", "s-1", 5)).append(SidecarSpool("s-2").make(1))
    assert alarms(listed) == []


@pytest.mark.parametrize("known", [True, False])
async def test_a_successor_that_ships_first_shows_what_is_lost(audit: AuditLog, listed: Listing, known: bool) -> None:
    stored = 2 if known else 0
    if known:
        await (await audit.open_spool(SHIPPER, "s-1", None, 0)).append(SidecarSpool("s-1").make(2))
    successor = SidecarSpool("s-2")
    intake = await audit.open_spool(SHIPPER, "s-2", "s-1", 5)
    assert alarms(listed) == []
    await intake.append(successor.make(1))
    await intake.append(successor.make(1))
    assert alarms(listed) == [("lost_tail", "s-1", stored + 1, 5)]
    assert sequences(listed, "s-2") == [1, 2]


async def test_an_alarm_stands_in_the_own_chain_beside_the_agent_it_is_about(audit: AuditLog, listed: Listing) -> None:
    intake = await audit.open_spool(SHIPPER, "s-1", None, 0)
    with pytest.raises(SequenceGap):
        await intake.append(SidecarSpool("s-1").make(2)[1:])
    alarm: LogEntry = listed(ALARMS)[0]
    assert (alarm.spool_id, alarm.sequence, alarm.agent) == (audit.spool_id, 1, "dev")
