"""The example agent, against real processes: killed while it waits, it pays a large refund exactly once."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gatehold.v1.approval_pb2 import (
    APPROVAL_STATE_APPROVED,
    APPROVAL_STATE_DENIED,
    APPROVAL_STATE_PENDING,
    APPROVAL_STATE_SUCCEEDED,
    ApprovalState,
)
from gatehold.v1.approver_service_pb2 import ApproveRequest, DenyRequest, ListApprovalsRequest
from gatehold.v1.audit_record_pb2 import RECORD_KIND_TOOL_EXECUTION
from tests.stack import Stack, until

EXAMPLES = Path(__file__).parents[2] / "clients/python/examples"
EVERY_STATE = [state for state in ApprovalState.values() if state]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path) as stack:
        stack.start_pdp("--policies", str(EXAMPLES / "refund_policies.yaml"))
        stack.start_sidecar()
        yield stack


class Agent:
    """The example as a process of its own, with its ledger and its log."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._ledger = stack.folder / "refunds.db"
        self._log = stack.folder / "agent.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(EXAMPLES / "refund_agent.py"), str(self._ledger)],
                stderr=log,
                env={**os.environ, "GATEHOLD_SIDECAR": self._stack.target()},
            )

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def end(self) -> str:
        """Its log, once it has paid all and ended by itself."""
        assert self.process.wait(60) == 0, self._log.read_text()
        return self._log.read_text()

    def waits(self) -> int:
        """How often it has begun to wait."""
        return self._log.read_text().count("waiting for a person")

    def payments(self) -> dict[str, list[int]]:
        with closing(sqlite3.connect(self._ledger)) as ledger:
            paid: dict[str, list[int]] = {}
            for charge, amount in ledger.execute("SELECT charge, amount FROM payments"):
                paid.setdefault(charge, []).append(amount)
            return paid


@pytest.fixture
def agent(stack: Stack) -> Iterator[Agent]:
    agent = Agent(stack)
    agent.start()
    yield agent
    agent.kill()


def approvals(stack: Stack, *states: Any) -> Any:
    return stack.call("approvers", "ListApprovals", ListApprovalsRequest(states=states), role="approver").approvals


def waiting(stack: Stack, agent: Agent, times: int = 1) -> Any:
    """The one approval that waits, once the agent waits for it for the `times`-th time."""
    until(lambda: agent.waits() == times)
    (approval,) = approvals(stack, APPROVAL_STATE_PENDING)
    return approval


def decide(stack: Stack, approval: Any, request: Any = ApproveRequest, **fields: Any) -> None:
    known = {"approval_id": approval.approval_id, "args_digest": approval.args_digest, "etag": approval.etag}
    method = request.__name__.removesuffix("Request")
    stack.call("approvers", method, request(**known, **fields), role="approver")


def executions(stack: Stack, approval: Any) -> list[Any]:
    """The records of runs under an approval; the sidecar ships them a moment later."""
    records = stack.records(kind=RECORD_KIND_TOOL_EXECUTION)
    return [record for record in records if record.execution.approval_id == approval.approval_id]


def paid_once(stack: Stack, agent: Agent, approval: Any) -> None:
    assert agent.payments() == {"ch_1": [50], "ch_2": [250], "ch_3": [20]}
    (ended,) = approvals(stack, *EVERY_STATE)
    assert (ended.approval_id, ended.state) == (approval.approval_id, APPROVAL_STATE_SUCCEEDED)
    assert len(until(lambda: executions(stack, approval))) == 1


def test_killed_while_it_waits_it_pays_once_after_the_approval(stack: Stack, agent: Agent) -> None:
    before = waiting(stack, agent)
    assert agent.payments() == {"ch_1": [50]}
    agent.kill()
    agent.start()
    again = waiting(stack, agent, 2)
    assert again.approval_id == before.approval_id, "it must not ask people twice"
    decide(stack, again)
    agent.end()
    paid_once(stack, agent, before)


def test_approved_while_it_is_dead_it_pays_once_when_it_is_back(stack: Stack, agent: Agent) -> None:
    approval = waiting(stack, agent)
    agent.kill()
    decide(stack, approval)
    assert [a.state for a in approvals(stack, *EVERY_STATE)] == [APPROVAL_STATE_APPROVED]
    assert agent.payments() == {"ch_1": [50]}
    agent.start()
    assert f"resumed approval {approval.approval_id}: True" in agent.end()
    assert agent.waits() == 1
    paid_once(stack, agent, approval)
    agent.start()
    agent.end()
    paid_once(stack, agent, approval)


def test_what_a_person_denies_is_not_paid(stack: Stack, agent: Agent) -> None:
    approval = waiting(stack, agent)
    decide(stack, approval, DenyRequest, reason="not this customer")
    assert "approval denied: not this customer" in agent.end()
    assert agent.payments() == {"ch_1": [50], "ch_3": [20]}
    (ended,) = approvals(stack, *EVERY_STATE)
    assert ended.state == APPROVAL_STATE_DENIED


def test_the_decision_point_and_the_sidecar_may_go_while_it_waits(stack: Stack, agent: Agent) -> None:
    approval = waiting(stack, agent)
    assert stack.pdp is not None
    stack.sidecars["dev"].kill()
    stack.pdp.kill()
    stack.start_pdp()
    stack.start_sidecar()
    decide(stack, approval)
    agent.end()
    assert agent.waits() == 1
    paid_once(stack, agent, approval)
