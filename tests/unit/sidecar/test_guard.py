"""No answer leaves that is not on the record, and no cached one after its lease. The spool is a real one."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from gatehold.serving import Refusal
from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.v1.decision_pb2 import Decision, DecisionSource
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, EvaluateResponse
from gatehold.v1.reason_code_pb2 import ReasonCode
from sidecar.guard import Guard, read
from sidecar.guard.fail_closed import blocked
from sidecar.lease import Drain
from sidecar.lease.state import SECOND_NS
from sidecar.model import Answer, Call, Caller
from sidecar.spool import Make, Spool, SpoolFailed, SpoolFull, open_spool
from sidecar.tally import Tally
from tests.unit.sidecar.calls import ALLOW, EPOCH, HIGH, LOW, MEDIUM, Clock, answer, call, grant, leased


class Scripted:
    """Gives the answers in turn, the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.calls = 0

    async def decide(self, call: Call) -> Answer:
        self.calls += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class Watched:
    """A spool that runs something between asking for a record to be stored and having it stored."""

    def __init__(self, inner: Spool, during: Callable[[], object] = lambda: None) -> None:
        self.inner = inner
        self.identity = inner.identity
        self.during = during
        self.durable: list[bool] = []
        self.error: Exception | None = None
        self.may_store = asyncio.Event()
        self.may_store.set()

    async def append(self, make: Make, *, durable: bool) -> int:
        self.durable.append(durable)
        self.during()
        await self.may_store.wait()
        if self.error is not None:
            raise self.error
        return await self.inner.append(make, durable=durable)

    async def records(self) -> list[AuditRecord]:
        await self.inner.append(lambda _: b"", durable=True)
        pending = await self.inner.pending(self.identity.spool_id, 0, 1000, 1 << 20)
        return [AuditRecord.FromString(entry.record) for entry in pending[:-1]]


class Desk:
    """A guard with all it needs."""

    def __init__(self, spool: Watched) -> None:
        self.clock, self.spool, self.drain, self.tally = Clock(), spool, Drain(), Tally()
        self.lease = leased(self.clock)

    def guard(self, *answers: Answer) -> Guard:
        self.decider = Scripted(*answers)
        return Guard(self.decider, cast(Spool, self.spool), self.lease, self.drain, self.tally, self.clock)

    def cached(self, revision: int = 1, seconds: int = 30, **fields: Any) -> Answer:
        outcome = answer(None, revision=revision, **fields).outcome
        until_ns = self.clock() + seconds * SECOND_NS
        return Answer(outcome, DecisionSource.DECISION_SOURCE_CACHE, f"cached-{revision}", usable_until_ns=until_ns)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    spool = await open_spool(tmp_path / "spool")
    yield Desk(Watched(spool))
    await spool.close()


async def test_an_answer_is_what_was_decided_and_is_recorded(desk: Desk) -> None:
    response = await desk.guard(answer(None)).answer(call(request_id="r1"))
    assert response.decision == ALLOW
    assert response.args_digest == call().args_digest
    assert response.valid_until_boottime_ns == 0
    assert not response.HasField("reuse")
    (record,) = await desk.spool.records()
    assert (record.agent, record.verb, record.request_id, record.sequence) == ("dev", "p:refund", "r1", 1)
    assert record.decision.decision_id == response.decision_id
    assert desk.tally.decisions == {(ALLOW, DecisionSource.DECISION_SOURCE_POLICY): 1}


async def turns(count: int = 10) -> None:
    """Lets everything run that can."""
    for _ in range(count):
        await asyncio.sleep(0)


async def left_before_recorded(desk: Desk) -> bool:
    """Whether the guard's answer is there while its record still waits for the disk."""
    desk.spool.may_store.clear()
    answering = asyncio.ensure_future(desk.guard(answer(None)).answer(call()))
    await turns()
    left = answering.done()
    desk.spool.may_store.set()
    await answering
    return left


async def test_no_answer_leaves_before_its_record_is_stored(desk: Desk) -> None:
    assert not await left_before_recorded(desk)


async def test_that_check_notices_a_guard_that_does_not_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Guard._record
    pending = []

    async def hasty(self: Guard, of: Call, given: Answer, supersedes: str) -> EvaluateResponse:
        pending.append(asyncio.ensure_future(whole(self, of, given, supersedes)))
        return EvaluateResponse(decision=given.outcome.decision)

    monkeypatch.setattr(Guard, "_record", hasty)
    assert await left_before_recorded(desk)
    await asyncio.gather(*pending)


@pytest.mark.parametrize(("risk", "durable"), [(LOW, False), (MEDIUM, False), (HIGH, True), (0, True)])
async def test_only_low_and_medium_leave_before_the_disk_is_sure(desk: Desk, risk: int, durable: bool) -> None:
    await desk.guard(answer(None, risk_level=risk)).answer(call())
    assert desk.spool.durable == [durable]


@pytest.mark.parametrize("error", [SpoolFull("full"), SpoolFailed("failed"), OSError("anything")])
async def test_what_cannot_be_recorded_is_not_answered(desk: Desk, error: Exception) -> None:
    desk.spool.error = error
    with pytest.raises(type(error)):
        await desk.guard(answer(None)).answer(call())
    assert not desk.tally.decisions


async def test_a_cached_answer_says_until_when_it_may_be_used(desk: Desk) -> None:
    response = await desk.guard(desk.cached(seconds=30)).answer(call())
    assert response.valid_until_boottime_ns == desk.clock() + 30 * SECOND_NS
    response = await desk.guard(desk.cached(seconds=300)).answer(call())
    held = desk.lease.live(desk.clock())
    assert held is not None and response.valid_until_boottime_ns == held.deadline_ns


async def test_a_lease_lost_while_recording_makes_it_decide_anew(desk: Desk) -> None:
    desk.spool.during = lambda: desk.lease.revoke(EPOCH, 2)
    response = await desk.guard(desk.cached(), answer(None, revision=2)).answer(call())
    assert (response.revision, response.source) == (2, DecisionSource.DECISION_SOURCE_POLICY)
    never_left, left = await desk.spool.records()
    assert never_left.decision.decision_id == "cached-1"
    assert left.decision.supersedes == "cached-1"


async def test_a_lease_on_another_revision_does_not_do(desk: Desk) -> None:
    desk.spool.during = lambda: grant(desk.lease, desk.clock, revision=2)
    response = await desk.guard(desk.cached(revision=1), desk.cached(revision=2)).answer(call())
    assert response.revision == 2


async def test_a_lease_on_the_same_revision_of_another_store_does_not_do(desk: Desk) -> None:
    desk.spool.during = lambda: grant(desk.lease, desk.clock, revision=1, epoch=EPOCH + 1)
    response = await desk.guard(desk.cached(), desk.cached(epoch=EPOCH + 1, reason="new")).answer(call())
    assert response.reason == "new"


async def test_an_entry_that_grew_too_old_while_recording_is_not_given(desk: Desk) -> None:
    desk.spool.during = lambda: desk.clock.advance(1)
    response = await desk.guard(desk.cached(seconds=1), answer(None)).answer(call())
    assert response.source == DecisionSource.DECISION_SOURCE_POLICY


async def test_after_three_losses_it_blocks(desk: Desk) -> None:
    desk.spool.during = lambda: desk.lease.revoke(EPOCH, 2)
    response = await desk.guard(desk.cached()).answer(call())
    assert desk.decider.calls == 3
    assert (response.decision, response.source) == (
        Decision.DECISION_BLOCK,
        DecisionSource.DECISION_SOURCE_FAIL_CLOSED,
    )
    assert len(await desk.spool.records()) == 4


async def test_a_cached_answer_on_its_way_out_holds_the_acknowledgement_back(desk: Desk) -> None:
    desk.spool.may_store.clear()
    answering = asyncio.ensure_future(desk.guard(desk.cached()).answer(call()))
    await turns()
    draining = asyncio.ensure_future(desk.drain.empty_below(EPOCH, 2))
    await turns()
    assert not draining.done()
    desk.spool.may_store.set()
    await draining
    await turns()
    assert answering.done()


async def test_a_request_that_is_not_evaluated_is_blocked_on_the_record(desk: Desk) -> None:
    request = call('{"pin": "1234"}', verb="p:refund").request
    guard = desk.guard(answer(None))
    response = await guard.block(Caller("dev"), request, ReasonCode.REASON_CODE_INVALID_ITEM, "bad")
    assert (response.decision, response.reason_code) == (
        Decision.DECISION_BLOCK,
        ReasonCode.REASON_CODE_INVALID_ITEM,
    )
    (record,) = await desk.spool.records()
    assert (record.verb, record.args_json) == ("p:refund", "")


async def test_arguments_of_an_unknown_verb_are_not_written_down(desk: Desk) -> None:
    await desk.guard(answer(None, sensitive_args=None)).answer(call('{"pin": "1234"}', context_json='{"k": "s3"}'))
    (record,) = await desk.spool.records()
    assert "1234" not in record.args_json and "s3" not in record.context_json


async def test_a_record_names_the_session_and_whom_it_acts_for(desk: Desk) -> None:
    token = "ghs_1_2"
    made = dataclasses.replace(answer(None), session="s1", on_behalf_of="ann")
    guard = desk.guard(made)
    await guard.answer(call(token=token))
    await guard.answer(call(token=token, on_behalf_of="bob"))
    records = await desk.spool.records()
    assert [(record.session, record.on_behalf_of) for record in records] == [("s1", "ann"), ("s1", "bob")]
    assert all(token not in str(record) for record in records)


async def test_a_block_that_the_sidecar_makes_names_no_session(desk: Desk) -> None:
    guard = desk.guard(blocked(ReasonCode.REASON_CODE_PDP_UNREACHABLE, "nobody"))
    caller = Caller("dev", "ghs_1_2")
    await guard.answer(call(token=caller.token))
    await guard.block(caller, EvaluateRequest(verb="p:refund"), ReasonCode.REASON_CODE_STOPPED_EARLY, "stopped")
    assert [record.session for record in await desk.spool.records()] == ["", ""]


async def test_a_stranger_leaves_no_record_and_gets_no_answer(desk: Desk) -> None:
    guard = desk.guard(blocked(ReasonCode.REASON_CODE_PDP_UNREACHABLE, "nobody"))
    stranger = Caller("dev", "ghs_1_2", known=False)
    request = EvaluateRequest(verb="p:refund")
    for answering in (
        guard.answer(read(stranger, request)),
        guard.block(stranger, request, ReasonCode.REASON_CODE_INVALID_ITEM, "malformed"),
    ):
        with pytest.raises(Refusal) as refusal:
            await answering
        assert refusal.value.code.name == "UNAUTHENTICATED"
    assert await desk.spool.records() == []
    verified = desk.guard(dataclasses.replace(answer(None), session="s1"))
    assert (await verified.answer(read(stranger, request))).decision == ALLOW
