"""What a driver's call meets: real decision points and sidecars in every condition, and gates that answer by script."""

import json
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gatehold.v1.approver_service_pb2 import (
    ApproveRequest,
    ApproverServiceGetApprovalRequest,
    CancelRequest,
    DenyRequest,
    ListApprovalsRequest,
)
from gatehold.v1.session_pb2 import Session
from gatehold.v1.session_service_pb2 import CreateSessionRequest
from gatehold.v1.session_service_pb2_grpc import SessionServiceStub
from tests.contract.clients.gates import GATES
from tests.fakes.scripted_gate import ScriptedGate
from tests.faults.conftest import ShiftedClock
from tests.stack import Stack, until

READ = "filesystem:read_text_file"
POLICIES = """
- id: small-refunds
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions: [{field: args.amount, operator: less_or_equal, value: 100}]
  action: allow
- id: large-refund-gate
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions: [{field: args.amount, operator: greater, value: 100}]
  action: {type: require_approval, reason: Refund exceeds $100 threshold}
- id: huge-refund-gate
  mandatory: true
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions: [{field: args.amount, operator: greater, value: 1000}]
  action: {type: require_approval, justification: true}
- id: no-mallory
  mandatory: true
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  conditions: [{field: args.to, operator: exists}, {field: args.to, operator: equals, value: mallory}]
  action: block
- id: tell-of-messages
  verbMatchers: [{type: verb, value: "slack:slack_post_message"}]
  action: notify
"""
NOTHING = (
    POLICIES
    + """
- id: closed-today
  mandatory: true
  verbMatchers: [{type: verb, value: "stripe:create_refund"}]
  action: block
"""
)

Place = tuple[str, Mapping[str, str]]
"""Where a driver calls, and the variables that it runs with."""


class Worlds:
    """Starts each world when it is first needed, and ends all of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stacks: dict[str, Stack] = {}
        self._clock: ShiftedClock | None = None
        self._minutes = 0

    def place(self, world: str, gate: str) -> "Iterator[Place]":
        """The place of one scenario, as a context manager's generator."""
        if world == "scripted":
            yield from self._scripted(gate)
        elif world == "no_sidecar":
            yield f"unix:{self._made('nobody')}/agent.sock", {}
        elif world == "pdp_just_died":
            yield from self._just_died()
        elif world == "session":
            yield self._stack("live").target(), {"GATEHOLD_TOKEN_FILE": str(self._session())}
        else:
            yield self._stack(world).target(), {}

    def live(self) -> Stack:
        return self._stack("live")

    def pass_minutes(self, minutes: int) -> None:
        """Moves the clock of the live decision point, and of nobody else."""
        assert self._clock is not None
        self._minutes += minutes
        self._clock.shift(boot_seconds=self._minutes * 60)

    def close(self) -> None:
        for stack in self._stacks.values():
            stack.__exit__(None, None, None)

    def _scripted(self, gate: str) -> "Iterator[Place]":
        scripted = ScriptedGate(self._made(f"gate-{gate}"))
        scripted.script = GATES[gate]
        try:
            yield scripted.target, {}
        finally:
            scripted.stop()

    def _just_died(self) -> "Iterator[Place]":
        """A world of its own for each call: no lease lasts from the first language to the last."""
        with Stack(Path(tempfile.mkdtemp(dir=self._folder))) as stack:
            yield self._without_pdp(stack, "60").target(), {}

    def _stack(self, world: str) -> Stack:
        if world not in self._stacks:
            self._stacks[world] = getattr(self, f"_start_{world}")(Stack(self._made(world)))
        return self._stacks[world]

    def _start_live(self, stack: Stack) -> Stack:
        self._clock = ShiftedClock(stack.folder)
        stack.start_pdp(environment=self._clock.environment)
        stack.apply_policies(POLICIES)
        stack.start_sidecar()
        return stack

    def _start_pdp_dead(self, stack: Stack) -> Stack:
        return self._without_pdp(stack, "60")

    def _start_lease_over(self, stack: Stack) -> Stack:
        stack = self._without_pdp(stack, "1")
        guard = stack.guard()
        until(lambda: not guard.evaluate(READ, {"path": "a"}).allowed)
        return stack

    def _without_pdp(self, stack: Stack, lease_seconds: str) -> Stack:
        pdp = stack.start_pdp("--lease-ttl", lease_seconds)
        stack.apply_policies(POLICIES)
        stack.start_sidecar()
        guard = stack.guard()
        until(lambda: guard.evaluate(READ, {"path": "a"}).source == "cache")
        pdp.kill()
        return stack

    def _session(self) -> Path:
        path, live = self._folder / "session", self._stack("live")
        if not path.exists():
            ceilings = '[{"field": "args.amount", "operator": "less", "value": 10}]'
            request = CreateSessionRequest(session=Session(verbs=["stripe:*"], ceilings_json=ceilings))
            connection = live.connection("agent")
            with connection.channel:
                stub: Any = SessionServiceStub(connection.channel)
                token = stub.CreateSession(request, metadata=connection.metadata, timeout=10).token
            path.touch(mode=0o600)
            path.write_text(token)
        return path

    def _made(self, name: str) -> Path:
        path = self._folder / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path


class Person:
    """Does what a scenario says as soon as its call waits."""

    def __init__(self, worlds: Worlds, ref: str, does: Mapping[str, Any]) -> None:
        self._worlds = worlds
        self._stack = worlds.live()
        self._ref = ref
        self._does = does
        self._failed: list[BaseException] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        thread = threading.Thread(target=self._work, daemon=True)
        thread.start()
        yield
        thread.join(30)
        assert not thread.is_alive() and not self._failed, self._failed

    def _work(self) -> None:
        try:
            ((what, how),) = self._does.items()
            getattr(self, f"_{what}")(until(self._waiting), how)
        except BaseException as error:
            self._failed.append(error)

    def _waiting(self) -> Any:
        listed = self._stack.call("approvers", "ListApprovals", ListApprovalsRequest(), role="approver")
        return next((one for one in listed.approvals if self._ref in one.args_json), None)

    def _vote(self, method: str, request: Any) -> None:
        self._stack.call("approvers", method, request, role="approver")

    def _approve(self, approval: Any, _: object) -> None:
        known = {"approval_id": approval.approval_id, "args_digest": approval.args_digest, "etag": approval.etag}
        self._vote("Approve", ApproveRequest(**known))

    def _edit(self, approval: Any, args: Mapping[str, Any]) -> None:
        edited = json.dumps({**args, "ref": self._ref})
        known = {"approval_id": approval.approval_id, "args_digest": approval.args_digest, "etag": approval.etag}
        self._vote("Approve", ApproveRequest(**known, edited_args_json=edited))

    def _deny(self, approval: Any, reason: str) -> None:
        known = {"approval_id": approval.approval_id, "args_digest": approval.args_digest, "etag": approval.etag}
        self._vote("Deny", DenyRequest(**known, reason=reason))

    def _cancel(self, approval: Any, reason: str) -> None:
        self._vote("Cancel", CancelRequest(approval_id=approval.approval_id, etag=approval.etag, reason=reason))

    def _wait_minutes(self, _: Any, minutes: int) -> None:
        time.sleep(0.2)  # so that it waits for sure, and does not find the end at once
        self._worlds.pass_minutes(minutes)

    def _block_then_approve(self, approval: Any, _: object) -> None:
        self._stack.apply_policies(NOTHING)
        self._approve(approval, None)
        until(lambda: not self._open(approval.approval_id))
        self._stack.apply_policies(POLICIES)

    def _open(self, approval_id: str) -> bool:
        """Whether nobody has tried to claim it yet."""
        request = ApproverServiceGetApprovalRequest(approval_id=approval_id)
        shown = self._stack.call("approvers", "GetApproval", request, role="approver")
        return "claim_refused" not in [event.event for event in shown.history]
