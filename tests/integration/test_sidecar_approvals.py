"""A whole sidecar between an agent and a scripted decision point: approvals pass through it as they are."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from gatehold.serving import Refusal
from gatehold.v1 import decision_point_service_pb2 as wire
from gatehold.v1.approval_pb2 import Approval, ApprovalState
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from gatehold.v1.error_reason_pb2 import ErrorReason
from tests.fakes.fault_proxy import Direction, FaultProxy
from tests.fakes.passed_approvals import UNARY, Received
from tests.fakes.running_sidecar import KEY, leased, running, settings, spooled
from tests.fakes.scripted_pdp import ScriptedPdp

MOST_WATCHES = 200
ID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
REQUESTS: dict[str, Message] = {
    "RequestApproval": wire.RequestApprovalRequest(verb="a:b", args_json='{"a":1}', justification="because"),
    "GetApproval": wire.GetApprovalRequest(approval_id=ID),
    "ListApprovals": wire.DecisionPointServiceListApprovalsRequest(page_size=7),
    "CancelApproval": wire.CancelApprovalRequest(approval_id=ID, reason="no need"),
    "ClaimApproval": wire.ClaimApprovalRequest(approval_id=ID, claim_id=ID),
    "CompleteApproval": wire.CompleteApprovalRequest(approval_id=ID, claim_id=ID, error="e"),
}
APPROVAL = Approval(approval_id=ID, state=ApprovalState.APPROVAL_STATE_PENDING, verb="a:b", args_json='{"a":1}')
SAID = wire.WatchApprovalResponse(approval=APPROVAL)


@pytest.fixture
async def pdp() -> AsyncIterator[ScriptedPdp]:
    scripted = ScriptedPdp()
    await scripted.start()
    yield scripted
    await scripted.stop()


def about_the_approval(method: str) -> Message:
    if method == "ListApprovals":
        return wire.DecisionPointServiceListApprovalsResponse(approvals=[APPROVAL], next_page_token="more")
    response: Message = getattr(wire, f"{method}Response")(approval=APPROVAL)
    return response


def error_details(error: grpc.aio.AioRpcError) -> tuple[Any, Any]:
    """The ErrorInfo and the BadRequest that came along."""
    (details,) = [value for key, value in error.trailing_metadata() or () if key == "grpc-status-details-bin"]
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status_pb2.Status.FromString(details).details:
        assert detail.Unpack(info) or detail.Unpack(bad)
    return info, bad


def is_unreachable(error: grpc.aio.AioRpcError) -> bool:
    return error.code() is grpc.StatusCode.UNAVAILABLE and error_details(error)[0].reason == "PDP_UNREACHABLE"


def test_the_requests_of_every_method_are_here() -> None:
    assert set(UNARY) == set(REQUESTS)


async def test_every_method_passes_through_with_credential_and_agent_and_without_a_record(
    tmp_path: Path, pdp: ScriptedPdp
) -> None:
    async def script(received: Received) -> Message:
        return about_the_approval(received.method)

    pdp.approvals.script = script
    async with running(settings(tmp_path, pdp.address)) as agent:
        answers = {name: await getattr(agent, name)(request) for name, request in REQUESTS.items()}
    assert answers == {name: about_the_approval(name) for name in REQUESTS}
    assert {one.method: one.request for one in pdp.approvals.received} == REQUESTS
    for one in pdp.approvals.received:
        assert one.metadata["authorization"] == f"Bearer {KEY}" and one.metadata["gatehold-agent"] == "dev"
    assert not pdp.shipped and not await spooled(tmp_path)


REFUSALS = [
    ("NOT_FOUND", ErrorReason.ERROR_REASON_NOT_FOUND, {}),
    ("FAILED_PRECONDITION", ErrorReason.ERROR_REASON_APPROVAL_NOT_REQUIRED, {"decision": "block"}),
    ("FAILED_PRECONDITION", ErrorReason.ERROR_REASON_APPROVAL_STATE, {"state": "denied"}),
    ("FAILED_PRECONDITION", ErrorReason.ERROR_REASON_APPROVAL_REQUIREMENT_UNMET, {"policy": "p"}),
    ("ABORTED", ErrorReason.ERROR_REASON_CLAIM_CONFLICT, {}),
    ("ALREADY_EXISTS", ErrorReason.ERROR_REASON_REQUEST_ID_REUSED, {}),
    ("INVALID_ARGUMENT", ErrorReason.ERROR_REASON_INVALID_FIELD, {"field": "justification"}),
    ("RESOURCE_EXHAUSTED", ErrorReason.ERROR_REASON_TOO_MANY_APPROVALS, {"limit": "100"}),
    ("UNAUTHENTICATED", ErrorReason.ERROR_REASON_CREDENTIAL_INVALID, {}),
    ("PERMISSION_DENIED", ErrorReason.ERROR_REASON_NOT_PERMITTED, {}),
    ("OUT_OF_RANGE", ErrorReason.ERROR_REASON_COMPACTED, {}),
    ("UNAVAILABLE", ErrorReason.ERROR_REASON_STORAGE_FAILED, {}),
    ("INTERNAL", ErrorReason.ERROR_REASON_INTERNAL, {}),
]


@pytest.mark.parametrize(("code", "reason", "metadata"), REFUSALS)
async def test_a_refusal_passes_on_as_it_came(
    tmp_path: Path, pdp: ScriptedPdp, code: str, reason: ErrorReason, metadata: dict[str, str]
) -> None:
    refusal = Refusal(grpc.StatusCode[code], reason, "the decision point says no", metadata, [("a", "x"), ("b", "y")])

    async def script(received: Received) -> Message:
        raise refusal

    pdp.approvals.script = script
    async with running(settings(tmp_path, pdp.address)) as agent:
        with pytest.raises(grpc.aio.AioRpcError) as asked:
            await agent.ClaimApproval(REQUESTS["ClaimApproval"])
        watch = agent.WatchApproval(wire.WatchApprovalRequest(approval_id=ID))
        await pdp.until(lambda: pdp.approvals.watching)
        pdp.approvals.send(refusal)
        with pytest.raises(grpc.aio.AioRpcError) as watched:
            await watch.read()
    for error in (asked.value, watched.value):
        assert (error.code().name, error.details()) == (code, "the decision point says no")
        info, bad = error_details(error)
        assert info.reason == ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
        assert (info.domain, dict(info.metadata)) == ("gatehold.dev", metadata)
        assert [(v.field, v.description) for v in bad.field_violations] == [("a", "x"), ("b", "y")]


class FromTheFuture(Refusal):
    """Has a reason that this sidecar does not know."""

    def details(self) -> bytes:
        return super().details().replace(b"COMPACTED", b"NO_RHYMES")


async def test_a_reason_that_only_a_newer_decision_point_knows_passes_on(tmp_path: Path, pdp: ScriptedPdp) -> None:
    async def script(received: Received) -> Message:
        raise FromTheFuture(grpc.StatusCode.DATA_LOSS, ErrorReason.ERROR_REASON_COMPACTED, "no")

    pdp.approvals.script = script
    async with running(settings(tmp_path, pdp.address)) as agent:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await agent.GetApproval(REQUESTS["GetApproval"])
    assert error.value.code() is grpc.StatusCode.DATA_LOSS
    assert error_details(error.value)[0].reason == "NO_RHYMES"


class Bare(Refusal):
    """Has no details, as a status that gRPC makes itself."""

    def details(self) -> bytes:
        return b""


@pytest.mark.parametrize("code", ["INTERNAL", "UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "DATA_LOSS"])
async def test_a_status_that_says_that_nobody_was_asked_is_unavailable(
    tmp_path: Path, pdp: ScriptedPdp, code: str
) -> None:
    async def script(received: Received) -> Message:
        raise Bare(grpc.StatusCode[code], ErrorReason.ERROR_REASON_INTERNAL, "broken pipe")

    pdp.approvals.script = script
    async with running(settings(tmp_path, pdp.address)) as agent:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await agent.GetApproval(REQUESTS["GetApproval"])
    assert is_unreachable(error.value)


@pytest.mark.parametrize(("code", "reason"), [("NOT_FOUND", "NOT_FOUND"), ("UNIMPLEMENTED", "PROTOCOL_VERSION")])
async def test_a_status_without_details_that_is_about_the_call_keeps_its_code(
    tmp_path: Path, pdp: ScriptedPdp, code: str, reason: str
) -> None:
    async def script(received: Received) -> Message:
        raise Bare(grpc.StatusCode[code], ErrorReason.ERROR_REASON_INTERNAL, "")

    pdp.approvals.script = script
    async with running(settings(tmp_path, pdp.address)) as agent:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await agent.GetApproval(REQUESTS["GetApproval"])
    assert error.value.code().name == code
    assert error_details(error.value)[0].reason == reason


async def test_the_door_admits_first(tmp_path: Path, pdp: ScriptedPdp) -> None:
    guarded = dataclasses.replace(settings(tmp_path, pdp.address), token="t" * 32)
    async with running(guarded) as agent:
        for name, request in REQUESTS.items():
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await getattr(agent, name)(request)
            assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await watch(agent).read()
        assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
        shown = [("authorization", "Bearer " + "t" * 32)]
        await agent.GetApproval(REQUESTS["GetApproval"], metadata=shown)
    (received,) = pdp.approvals.received
    assert received.metadata["authorization"] == f"Bearer {KEY}"


async def test_without_a_decision_point_every_method_is_unavailable(tmp_path: Path, pdp: ScriptedPdp) -> None:
    await pdp.stop()
    async with running(settings(tmp_path, pdp.address)) as agent:
        for name, request in REQUESTS.items():
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await getattr(agent, name)(request)
            assert is_unreachable(error.value)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await watch(agent).read()
        assert is_unreachable(error.value)


@pytest.mark.parametrize(("agents", "least", "most"), [(None, 3, 6), (60, 3, 6), (2, 0, 3)])
async def test_the_decision_point_has_as_long_as_the_agent_waits_and_at_most_5_s(
    tmp_path: Path, pdp: ScriptedPdp, agents: float | None, least: float, most: float
) -> None:
    async with running(settings(tmp_path, pdp.address)) as agent:
        await agent.GetApproval(REQUESTS["GetApproval"], timeout=agents)
    (received,) = pdp.approvals.received
    assert least < received.seconds_left < most  # gRPC rounds it on the way


async def test_a_decision_point_that_is_too_slow_is_unreachable(tmp_path: Path, pdp: ScriptedPdp) -> None:
    never = asyncio.Event()

    async def script(received: Received) -> Message:
        await never.wait()
        raise AssertionError

    pdp.approvals.script = script
    async with running(settings(tmp_path, pdp.address)) as agent:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await agent.GetApproval(REQUESTS["GetApproval"])
    assert is_unreachable(error.value)


async def test_a_call_whose_agent_leaves_is_cancelled_at_the_decision_point(tmp_path: Path, pdp: ScriptedPdp) -> None:
    left = asyncio.Event()

    async def script(received: Received) -> Message:
        try:
            await asyncio.Event().wait()
        finally:
            left.set()
        raise AssertionError

    pdp.approvals.script = script
    async with running(settings(tmp_path, pdp.address)) as agent:
        call = agent.ClaimApproval(REQUESTS["ClaimApproval"])
        await pdp.until(lambda: pdp.approvals.received)
        call.cancel()
        await asyncio.wait_for(left.wait(), 20)


def watch(agent: Any) -> Any:
    return agent.WatchApproval(wire.WatchApprovalRequest(approval_id=ID), timeout=30)


async def test_a_watch_passes_on_each_message_and_ends_as_the_decision_point_ends_it(
    tmp_path: Path, pdp: ScriptedPdp
) -> None:
    async with running(settings(tmp_path, pdp.address)) as agent:
        call = watch(agent)
        await pdp.until(lambda: pdp.approvals.watching)
        for message in (SAID, SAID):
            pdp.approvals.send(message)
            assert await call.read() == message
        pdp.approvals.send(None)
        assert await call.read() is grpc.aio.EOF
        assert await call.code() is grpc.StatusCode.OK
    (received,) = pdp.approvals.received
    assert received.request == wire.WatchApprovalRequest(approval_id=ID)
    assert received.metadata["authorization"] == f"Bearer {KEY}" and received.metadata["gatehold-agent"] == "dev"


async def test_a_watch_whose_agent_leaves_is_cancelled_at_the_decision_point(tmp_path: Path, pdp: ScriptedPdp) -> None:
    async with running(settings(tmp_path, pdp.address)) as agent:
        call = watch(agent)
        await pdp.until(lambda: pdp.approvals.watching)
        call.cancel()
        await pdp.until(lambda: not pdp.approvals.watching)


async def test_a_watch_ends_when_the_decision_point_dies(tmp_path: Path, pdp: ScriptedPdp) -> None:
    async with running(settings(tmp_path, pdp.address)) as agent:
        call = watch(agent)
        await pdp.until(lambda: pdp.approvals.watching)
        await pdp.stop()
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await call.read()
        assert is_unreachable(error.value)
        await pdp.start()


async def test_a_watch_ends_when_the_sidecar_stops(tmp_path: Path, pdp: ScriptedPdp) -> None:
    sidecar = settings(tmp_path, pdp.address)
    async with AsyncExitStack() as stack:
        async with running(sidecar):  # closes the channel that it hands out before it stops the sidecar
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(sidecar.listen.target))
            call = watch(DecisionPointServiceStub(channel))
            await pdp.until(lambda: pdp.approvals.watching)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await call.read()
    assert is_unreachable(error.value)
    await pdp.until(lambda: not pdp.approvals.watching)


async def test_a_watch_ends_when_its_connection_is_silent(tmp_path: Path, pdp: ScriptedPdp) -> None:
    with FaultProxy(pdp.address) as path:
        async with leased(settings(tmp_path, path.address)) as agent:
            call = watch(agent)
            await pdp.until(lambda: pdp.approvals.watching)
            path.strand()
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await call.read()
            assert is_unreachable(error.value)
            path.release(*Direction)


async def test_at_most_200_watches_are_open_at_once(tmp_path: Path, pdp: ScriptedPdp) -> None:
    async with running(settings(tmp_path, pdp.address)) as agent, AsyncExitStack() as stack:
        calls = [watch(agent) for _ in range(MOST_WATCHES)]
        for call in calls:
            stack.callback(call.cancel)
        await pdp.until(lambda: pdp.approvals.watching == MOST_WATCHES)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await watch(agent).read()
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert error_details(error.value)[0].reason == "TOO_MANY_CALLS"
        assert await agent.GetApproval(REQUESTS["GetApproval"]) == wire.GetApprovalResponse()
        calls[0].cancel()
        await pdp.until(lambda: pdp.approvals.watching < MOST_WATCHES)
        again = watch(agent)
        stack.callback(again.cancel)
        await pdp.until(lambda: pdp.approvals.watching == MOST_WATCHES)
