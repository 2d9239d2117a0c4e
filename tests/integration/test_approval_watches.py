"""Streams of changes: an agent's on one approval, and an approver's on all."""

import asyncio
import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold.v1 import approval_pb2
from tests.integration.approval_harness import PAY, Approvals, Later, approving, gate, refusal
from tests.integration.pdp_harness import READ, outcome

State = approval_pb2.ApprovalState
MOST = 200


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)


def name(approval: Any) -> str:
    return State.Name(approval.state).removeprefix("APPROVAL_STATE_").lower()


async def states(stream: Any) -> list[str]:
    """All that a stream says until it ends."""
    said = []
    while (response := await stream.read()) is not grpc.aio.EOF:
        said.append(name(response.approval))
    return said


async def test_an_agent_is_told_of_each_change_until_the_end(tmp_path: Path) -> None:
    async with approving(tmp_path, gate("gate", count=2)) as approvals:
        await approvals.tell()
        asked = await approvals.request("{}", PAY)
        stream = approvals.watch(asked)
        seen = [(await stream.read()).approval]
        steps = [approvals.approve, lambda one: approvals.approve(one, "bob"), approvals.claim, approvals.complete]
        last = asked
        for step in steps:
            last = await step(last)
            seen.append((await stream.read()).approval)
        assert await stream.read() is grpc.aio.EOF
        assert [name(one) for one in seen] == ["pending", "pending", "approved", "claimed", "succeeded"]
        assert len(seen[1].votes) == 1 and seen[-1].etag == "v5"
        assert await states(approvals.watch(asked)) == ["succeeded"], "one that has ended is told once"


@pytest.mark.parametrize("end", ["denied", "cancelled", "taken back", "expired", "resolved"])
async def test_a_stream_ends_at_every_end(tmp_path: Path, later: Later, end: str) -> None:
    async with approving(tmp_path) as approvals:
        asked = await approvals.request()
        stream = approvals.watch(asked)
        await stream.read()
        reading = asyncio.create_task(states(stream))
        if end == "resolved":
            await approvals.claim(await approvals.approve(asked))
            later(300)
            await told(reading, approvals, asked, "indeterminate")
            await approvals.resolve(await approvals.get(asked))
        elif end == "expired":
            later(1_800)  # nobody looks at it but the sweeper
        else:
            acts = {"denied": approvals.deny, "cancelled": approvals.cancel, "taken back": approvals.take_back}
            await acts[end](asked)
        seen = await asyncio.wait_for(reading, 20)
        assert seen[-1] == {"taken back": "cancelled", "resolved": "succeeded"}.get(end, end)


async def told(reading: "asyncio.Task[Any]", approvals: Approvals, asked: Any, state: str) -> None:
    while name(await approvals.get(asked)) != state:  # noqa: ASYNC110  # the stream is what is tested
        await asyncio.sleep(0.01)
    assert not reading.done(), "an open end is not the end"


async def test_an_approver_is_told_of_those_that_wait_and_then_of_changes(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        agents = [{"role": "sidecar", "agent": agent} for agent in ("one", "two")]
        calls = [(json.dumps({"amount": 200 + number}), how) for number in range(60) for how in agents]
        waiting = [await approvals.request(args, how=how) for args, how in calls]  # more than a page
        await approvals.deny(waiting.pop(0))
        for who in ("ann", "administrator", "auditor"):
            stream = approvals.watch_all(who)
            first = [(await stream.read()).approval.approval_id for _ in waiting]
            assert first == [one.approval_id for one in waiting]
            stream.cancel()
        stream = approvals.watch_all()
        for _ in waiting:
            await stream.read()
        new = await approvals.request('{"amount": 999}', how={"role": "sidecar", "agent": "ops"})
        assert (await stream.read()).approval.approval_id == new.approval_id
        await approvals.deny(new, "bob")
        denied = (await stream.read()).approval
        assert (denied.approval_id, name(denied)) == (new.approval_id, "denied")
        stream.cancel()


async def test_changes_that_nobody_took_are_told_as_one(tmp_path: Path) -> None:
    """A reader that is slow is not sent history, but what is."""
    async with approving(tmp_path, gate("gate", count=4)) as approvals:
        await approvals.tell()
        asked = await approvals.request("{}", PAY)
        watching = [approvals.watch_all(), approvals.watch(asked)]
        for stream in watching:
            await stream.read()
        last = asked
        for number in range(60):
            edit = json.dumps({"n": number, "filler": "x" * 200_000})  # more than a stream buffers
            last = await approvals.approve(last, edited_args_json=edit)
        cancelled = await approvals.cancel(last)
        for stream in watching:
            seen = []
            while not seen or seen[-1].etag != cancelled.etag:
                seen.append((await asyncio.wait_for(stream.read(), 20)).approval)
            assert len(seen) < 60
            assert [int(one.etag[1:]) for one in seen] == sorted({int(one.etag[1:]) for one in seen})


async def test_one_caller_watches_two_hundred(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        asked = await approvals.request()
        for open_ in (lambda: approvals.watch(asked), approvals.watch_all):
            streams = [open_() for _ in range(MOST)]
            await asyncio.gather(*(stream.read() for stream in streams))
            assert await refusal(open_().read()) == ("RESOURCE_EXHAUSTED", "TOO_MANY_CALLS")
            assert (await approvals.pdp.evaluate(READ)).decision_id, "those who decide are not kept out"
            streams.pop().cancel()
            await reopened(open_)
            for stream in streams:
                stream.cancel()


async def reopened(open_: Any) -> None:
    """Waits until the place of a stream that was left is free."""
    while True:
        stream = open_()
        try:
            await stream.read()
        except grpc.aio.AioRpcError as error:
            assert outcome(error) == ("RESOURCE_EXHAUSTED", "TOO_MANY_CALLS")
            await asyncio.sleep(0.01)
        else:
            stream.cancel()
            return


async def test_a_watch_of_what_is_not_there(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        unknown = approval_pb2.Approval(approval_id="1b4e28ba-2fa1-41d2-883f-0016d3cca427")
        assert await refusal(approvals.watch(unknown).read()) == ("NOT_FOUND", "NOT_FOUND")
        for bad in ("", "x", unknown.approval_id.upper()):
            call = approvals.watch(approval_pb2.Approval(approval_id=bad)).read()
            assert await refusal(call) == ("INVALID_ARGUMENT", "INVALID_FIELD")
