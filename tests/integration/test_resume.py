"""A process that dies in the middle of an approved run: who may run it again, and under which key."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatehold.v1.approval_pb2 import (
    APPROVAL_STATE_CLAIMED,
    APPROVAL_STATE_INDETERMINATE,
    APPROVAL_STATE_PENDING,
    APPROVAL_STATE_SUCCEEDED,
)
from gatehold.v1.approver_service_pb2 import ApproveRequest, ListApprovalsRequest
from tests.faults.conftest import ShiftedClock
from tests.stack import Stack, until

AGENT = Path(__file__).parent / "dying_agent.py"
ONCE, IDEMPOTENT = "stripe:create_refund", "stripe:list_subscriptions"
POLICIES = "".join(
    f"""
- verbMatchers: [{{type: verb, value: "{verb}"}}]
  action: require_approval
"""
    for verb in (ONCE, IDEMPOTENT)
)


@pytest.fixture
def clock(tmp_path: Path) -> ShiftedClock:
    return ShiftedClock(tmp_path)


@pytest.fixture
def stack(tmp_path: Path, clock: ShiftedClock) -> Iterator[Stack]:
    with Stack(tmp_path) as stack:
        stack.start_pdp(environment=clock.environment)
        stack.apply_policies(POLICIES)
        stack.start_sidecar()
        yield stack


def start(stack: Stack, verb: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "GATEHOLD_SIDECAR": stack.target()}
    command = [sys.executable, str(AGENT), verb, str(stack.folder / "runs")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def listed(stack: Stack, state: Any) -> Any:
    return stack.call("approvers", "ListApprovals", ListApprovalsRequest(states=[state]), role="approver").approvals


def die(stack: Stack, clock: ShiftedClock, verb: str) -> Any:
    """The approval of a run that was killed halfway, once its claim is over."""
    agent = start(stack, verb)
    (waiting,) = until(lambda: listed(stack, APPROVAL_STATE_PENDING))
    known = {"approval_id": waiting.approval_id, "args_digest": waiting.args_digest, "etag": waiting.etag}
    stack.call("approvers", "Approve", ApproveRequest(**known), role="approver")
    assert agent.wait(30) == -signal.SIGKILL
    assert [claimed.approval_id for claimed in listed(stack, APPROVAL_STATE_CLAIMED)] == [waiting.approval_id]
    assert start(stack, verb).communicate(timeout=30)[0] == "", "nobody else may run it while the claim lasts"
    clock.shift(boot_seconds=6 * 60)
    (lapsed,) = until(lambda: listed(stack, APPROVAL_STATE_INDETERMINATE))
    return lapsed


def test_what_cannot_be_tried_again_is_left_to_a_person(stack: Stack, clock: ShiftedClock) -> None:
    lapsed = die(stack, clock, ONCE)
    assert start(stack, ONCE).communicate(timeout=30)[0] == ""
    assert (stack.folder / "runs").read_text() == f"{lapsed.approval_id} 250\n"


def test_what_can_be_tried_again_is_tried_under_the_same_key(stack: Stack, clock: ShiftedClock) -> None:
    lapsed = die(stack, clock, IDEMPOTENT)
    assert start(stack, IDEMPOTENT).communicate(timeout=30)[0] == f"resumed {lapsed.approval_id} ran\n"
    assert (stack.folder / "runs").read_text() == f"{lapsed.approval_id} 250\n" * 2
    assert [ended.approval_id for ended in listed(stack, APPROVAL_STATE_SUCCEEDED)] == [lapsed.approval_id]
