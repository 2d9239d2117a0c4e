"""A page of large approvals takes no more memory than a page."""

import pytest

from gatehold.vocabulary import ApprovalState
from pdp.store.approval import Approval
from pdp.transport.approval_lists import ApprovalLists
from pdp.transport.approval_messages import ApprovalMessages
from tests.unit.approvals.world import ONCE, World, gate

LARGE = "x" * 240_000
COUNT = 40


def test_no_more_is_read_than_a_page_can_hold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = world.tenant(gate(ONCE))
    asked = [world.request(tenant, {"n": number, "large": LARGE}).approval_id for number in range(COUNT)]
    lists = ApprovalLists(world.keeper, world.store, ApprovalMessages(world.store.now_us, lambda *_: False))
    read: list[Approval] = []
    approvals = world.store.approvals

    def counted(*arguments: object) -> list[Approval]:
        found = approvals(*arguments)  # type: ignore[arg-type]
        read.extend(found)
        return found

    monkeypatch.setattr(world.store, "approvals", counted)
    listed: list[str] = []
    token = "first"
    while token:
        page, token = world.run(
            lists.page(tenant, None, [ApprovalState.PENDING], 1_000, "" if token == "first" else token)
        )
        listed += [one.approval_id for one in page]
        assert len(read) <= 32, "of all that there are"
        read.clear()
    assert listed == asked
