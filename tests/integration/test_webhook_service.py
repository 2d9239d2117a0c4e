"""Administrators set a webhook, and it is told of approvals by a whole decision point."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold.v1.approver_service_pb2 import ApproveRequest
from gatehold.v1.approver_service_pb2_grpc import ApproverServiceStub
from gatehold.v1.audit_record_pb2 import RECORD_KIND_CONFIG_CHANGE
from gatehold.v1.decision_point_service_pb2 import RequestApprovalRequest
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from gatehold.v1.webhook_service_pb2 import DeleteWebhookRequest, GetWebhookRequest, SetWebhookRequest
from gatehold.v1.webhook_service_pb2_grpc import WebhookServiceStub
from pdp.longest_lease import remember_longest
from tests.fakes.webhook_receiver import Answer, Receiver
from tests.integration.approval_harness import LARGE, Approvals, approving
from tests.integration.pdp_harness import REFUND, REFUNDS, info, outcome
from tests.integration.webhook_harness import until
from tests.stack import Stack
from tests.stack import until as until_now

URL = "https://hooks.example/gatehold"


class Webhooks:
    """Calls on the webhook, by whom."""

    def __init__(self, approvals: Approvals) -> None:
        self.approvals = approvals
        self._pdp = approvals.pdp
        self._stub: Any = WebhookServiceStub(approvals.pdp.channel)

    async def call(self, method: str, request: Any, role: str = "administrator") -> Any:
        return await getattr(self._stub, method)(request, metadata=self._pdp.metadata(role), timeout=10)

    async def set(self, url: str = URL, **fields: Any) -> Any:
        return await self.call("SetWebhook", SetWebhookRequest(url=url, **fields))

    async def get(self, role: str = "administrator") -> Any:
        return (await self.call("GetWebhook", GetWebhookRequest(), role)).webhook

    async def delete(self, **fields: Any) -> Any:
        return await self.call("DeleteWebhook", DeleteWebhookRequest(**fields))

    async def changes(self) -> list[Any]:
        records = await self._pdp.records(kind=RECORD_KIND_CONFIG_CHANGE)
        return [record.change for record in reversed(records) if record.change.object == "webhook"]


@asynccontextmanager
async def webhooks(folder: Path) -> AsyncIterator[Webhooks]:
    remember_longest(folder, 1)  # the keys that a test adds would have it wait for leases of an earlier start
    async with approving(folder) as approvals:
        yield Webhooks(approvals)


async def eventually(read: Callable[[], Awaitable[Any]], holds: Callable[[Any], object]) -> Any:
    """What is read once the condition holds for it."""
    async with asyncio.timeout(30):
        while not holds(found := await read()):  # noqa: ASYNC110 (a server tells nobody)
            await asyncio.sleep(0.01)
    return found


async def refused(call: Any) -> tuple[str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    return outcome(error.value)


async def test_an_approval_is_told_of_from_request_to_end(tmp_path: Path) -> None:
    with Receiver() as receiver:
        async with webhooks(tmp_path) as hooks:
            secret = (await hooks.set(receiver.url)).secret
            asked = await hooks.approvals.request()
            await hooks.approvals.approve(asked, reason="seen")
            await hooks.approvals.complete(await hooks.approvals.claim(asked, args_digest=asked.args_digest))
            await until(lambda: len(receiver.received) == 5)
        told = [one.verified(secret) for one in receiver.received]
    assert [one["type"] for one in told] == [
        "approval.requested",
        "approval.voted",
        "approval.approved",
        "approval.claimed",
        "approval.completed",
    ]
    assert len(set(receiver.ids)) == 5
    assert {one["data"]["approval_id"] for one in told} == {asked.approval_id}
    data = told[1]["data"]
    assert (data["verb"], data["actor"], data["reason"], data["policies"]) == (
        REFUND,
        "ann",
        "seen",
        ["large-refund-gate"],
    )
    assert data["args_digest"] == asked.args_digest
    assert all("ch_1" not in json.dumps(one) for one in told)  # arguments stay here


async def test_it_is_set_shown_and_removed_and_each_change_is_on_the_record(tmp_path: Path) -> None:
    async with webhooks(tmp_path) as hooks:
        assert await refused(hooks.get()) == ("NOT_FOUND", "NOT_FOUND")
        assert await refused(hooks.delete()) == ("NOT_FOUND", "NOT_FOUND")
        first = await hooks.set(change_reason="chat")
        assert first.secret.startswith("whsec_")
        shown = await hooks.get("auditor")
        assert (shown.url, shown.waiting, shown.last_error) == (URL, 0, "")
        assert not shown.HasField("last_attempt_time")
        assert abs(shown.create_time.seconds - time.time()) < 60
        second = await hooks.set(f"{URL}/2")
        assert second.secret != first.secret and second.webhook.url == f"{URL}/2"
        await hooks.delete(change_reason="no more")
        assert await refused(hooks.get()) == ("NOT_FOUND", "NOT_FOUND")
        changes = [(one.old_json, one.new_json, one.actor, one.reason) for one in await hooks.changes()]
        first_json, second_json = f'{{"url":"{URL}"}}', f'{{"url":"{URL}/2"}}'
        assert changes == [
            ("", first_json, "administrator", "chat"),
            (first_json, second_json, "administrator", ""),
            (second_json, "", "administrator", "no more"),
        ]


async def test_the_secret_is_nowhere_but_in_its_one_answer(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Receiver(Answer(500)) as receiver:
        async with webhooks(tmp_path) as hooks:
            secret = (await hooks.set(receiver.url)).secret
            await hooks.approvals.request()
            await until(lambda: receiver.received)
            records = await hooks.approvals.pdp.records()
            assert secret not in str(records)
    assert secret not in "".join(capfd.readouterr())
    for file in tmp_path.rglob("gatehold.db*"):  # noqa: ASYNC240 (nothing else runs by now)
        assert secret.encode() not in file.read_bytes()
    assert secret not in str(receiver.received)


async def test_what_a_receiver_came_to_is_shown(tmp_path: Path) -> None:
    with Receiver(Answer(500), Answer(500)) as receiver:
        async with webhooks(tmp_path) as hooks:
            await hooks.set(receiver.url)
            await hooks.approvals.request()
            await until(lambda: receiver.received)
            shown = await eventually(hooks.get, lambda webhook: webhook.last_error)
            assert (shown.last_error, shown.waiting) == ("status 500: Internal Server Error", 1)
            assert abs(shown.last_attempt_time.seconds - time.time()) < 60


async def test_a_receiver_that_is_gone_is_removed_on_the_record(tmp_path: Path) -> None:
    with Receiver(Answer(410)) as receiver:
        async with webhooks(tmp_path) as hooks:
            await hooks.set(receiver.url)
            await hooks.approvals.request()
            await until(lambda: receiver.received)
            changes = await eventually(hooks.changes, lambda changes: len(changes) == 2)
            assert (changes[1].actor, changes[1].new_json) == ("webhook receiver", "")
            assert changes[1].reason == "It answered 410 Gone."
            assert await refused(hooks.get()) == ("NOT_FOUND", "NOT_FOUND")


@pytest.mark.parametrize("role", ["agent", "sidecar", "approver", "auditor"])
async def test_only_administrators_change_it(tmp_path: Path, role: str) -> None:
    async with webhooks(tmp_path) as hooks:
        for method, request in (
            ("SetWebhook", SetWebhookRequest(url=URL)),
            ("DeleteWebhook", DeleteWebhookRequest()),
        ):
            assert await refused(hooks.call(method, request, role)) == ("PERMISSION_DENIED", "NOT_PERMITTED")
        if role != "auditor":
            assert await refused(hooks.get(role)) == ("PERMISSION_DENIED", "NOT_PERMITTED")
        assert await refused(hooks.get()) == ("NOT_FOUND", "NOT_FOUND")


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("url", {"url": "http://hooks.example/"}),
        ("url", {"url": "https://169.254.169.254/"}),
        ("url", {"url": ""}),
        ("change_reason", {"url": URL, "change_reason": "x" * 4_097}),
    ],
)
async def test_what_is_no_webhook_is_refused_and_names_the_field(
    tmp_path: Path, field: str, fields: dict[str, str]
) -> None:
    async with webhooks(tmp_path) as hooks:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await hooks.call("SetWebhook", SetWebhookRequest(**fields))
        assert outcome(error.value) == ("INVALID_ARGUMENT", "INVALID_FIELD")
        assert info(error.value).metadata["field"] == field
        assert await hooks.changes() == []


async def test_a_receiver_that_does_not_answer_keeps_no_approval_waiting(tmp_path: Path) -> None:
    held = threading.Event()
    with Receiver(Answer(hold=held)) as receiver:
        async with webhooks(tmp_path) as hooks:
            await hooks.set(receiver.url)
            asked = await hooks.approvals.request()
            await until(lambda: receiver.received)
            await hooks.approvals.approve(asked)
            claimed = await hooks.approvals.claim(asked, args_digest=asked.args_digest)
            await hooks.approvals.complete(claimed)
            assert not held.is_set() and len(receiver.received) == 1


def test_a_decision_point_killed_before_the_delivery_delivers_after_its_restart(tmp_path: Path) -> None:
    held = threading.Event()
    policies = tmp_path / "refunds.yaml"
    policies.write_text(REFUNDS)
    with Receiver(Answer(hold=held)) as receiver, Stack(tmp_path / "data") as stack:
        stack.folder.mkdir(mode=0o700)
        stack.start_pdp("--policies", str(policies))
        setting = SetWebhookRequest(url=receiver.url)
        secret = call(stack, "administrator", WebhookServiceStub, "SetWebhook", setting).secret
        asking = RequestApprovalRequest(verb=REFUND, args_json=LARGE)
        asked = call(stack, "agent", DecisionPointServiceStub, "RequestApproval", asking).approval
        until_now(lambda: len(receiver.received) == 1)
        approving = ApproveRequest(approval_id=asked.approval_id, args_digest=asked.args_digest, etag=asked.etag)
        call(stack, "approver", ApproverServiceStub, "Approve", approving)
        assert stack.pdp is not None
        stack.pdp.kill()
        assert len(receiver.received) == 1  # of three: the others were written down and never sent
        held.set()
        stack.start_pdp()
        until_now(lambda: len(receiver.received) == 4)
        told = [one.verified(secret)["type"] for one in receiver.received]
        # The first is told of twice, because nobody heard that it had been taken; its id is the same.
        assert told == ["approval.requested", "approval.requested", "approval.voted", "approval.approved"]
        assert receiver.ids[0] == receiver.ids[1] and len(set(receiver.ids)) == 3


def call(stack: Stack, role: str, stub: Any, method: str, request: Any) -> Any:
    connection = stack.connection(role)
    with connection.channel:
        return getattr(stub(connection.channel), method)(request, metadata=connection.metadata, timeout=30)
