"""What is given up leaves no call behind at the decision point."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from gatehold.v1.decision_point_service_pb2 import WatchApprovalRequest, WatchApprovalResponse
from sidecar.address import parse_address
from sidecar.approvals import Approvals
from sidecar.upstream import Connection
from sidecar.upstream.connection import WatchCall
from tests.fakes.scripted_pdp import ScriptedPdp


@pytest.fixture
async def pdp() -> AsyncIterator[ScriptedPdp]:
    scripted = ScriptedPdp()
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
async def connection(pdp: ScriptedPdp) -> AsyncIterator[Connection]:
    connection = Connection(parse_address(pdp.address, "pdp"), "key", "dev")
    yield connection
    await connection.close()


async def test_a_watch_that_nobody_reads_just_now_ends_with_its_connection(
    pdp: ScriptedPdp, connection: Connection
) -> None:
    watch = connection.watch_approval(WatchApprovalRequest())
    await pdp.until(lambda: pdp.approvals.watching)
    pdp.approvals.send(WatchApprovalResponse())
    await watch.read()
    await connection.reopen()
    assert watch.cancelled()
    await pdp.until(lambda: not pdp.approvals.watching)


class Keeping(Connection):
    """Keeps its watch in hand; one that nobody holds is ended by its destructor, some time or other."""

    def watch_approval(self, request: WatchApprovalRequest, token: str = "") -> WatchCall:
        self.watch = super().watch_approval(request, token)
        return self.watch


async def test_a_watch_that_the_agent_leaves_between_two_messages_ends(pdp: ScriptedPdp) -> None:
    connection = Keeping(parse_address(pdp.address, "pdp"), "key", "dev")
    async with aclosing(Approvals(connection).watch(WatchApprovalRequest(), "")) as responses:
        reading = asyncio.ensure_future(anext(responses))
        await pdp.until(lambda: pdp.approvals.watching)
        pdp.approvals.send(WatchApprovalResponse())
        await reading
    assert connection.watch.cancelled()
    await pdp.until(lambda: not pdp.approvals.watching)
    await connection.close()
