"""Approvals on real processes: many at once, killed ones, and clocks and disks that fail."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import grpc
import pytest

from gatehold.v1.approval_pb2 import Approval
from tests.faults.approving import AGAIN, ONCE, TWO_OF_FINANCE, Desk, open_desk, reason, recorded, state
from tests.faults.conftest import ShiftedClock, SmallDisk
from tests.stack import Stack, status, until

CLAIMANTS = Path(__file__).with_name("claimants.py")
ROOT = Path(__file__).parents[2]
LEASE_SECONDS = 300
HOUR = 3_600
PROCESSES = 20


@contextmanager
def claiming(stack: Stack, approval: Approval, *claim_ids: str) -> Iterator[list[dict[str, Any]]]:
    """Processes that have claimed at once, with what each was answered; ended with the block."""
    arguments = [stack.address, str(stack.folder / "keys/agent.key"), approval.approval_id, *claim_ids]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(
        [sys.executable, str(CLAIMANTS), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with process:
        assert line(process.stdout) == "ready"
        tell(process.stdin)
        yield [json.loads(line(process.stdout)) for _ in claim_ids]


def line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


def tell(stream: IO[str] | None) -> None:
    assert stream is not None
    stream.write("claim\n")
    stream.flush()


def a_claim_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def test_of_20_processes_that_claim_one_approval_one_holds_it(stack: Stack) -> None:
    desk = open_desk(stack)
    approval = desk.approved({})
    numbers = [*range(PROCESSES - 4), 0, 1, 2, 3]  # some have the claim_id of another, as one that tries again has
    with claiming(stack, approval, *map(a_claim_id, numbers)) as answers:
        held = desk.get(approval)
        won = [one for one in answers if one["answer"] == ["APPROVAL_STATE_CLAIMED", one["claim_id"]]]
        assert {one["claim_id"] for one in won} == {held.claim_id}
        assert len(won) == numbers.count(int(held.claim_id[-12:]))
        assert {one["answer"][0] for one in answers if one not in won} == {"ABORTED"}
        assert len(answers) == PROCESSES
    assert (
        desk.history(approval) == recorded(stack)[approval.approval_id] == ["requested", "voted", "approved", "claimed"]
    )


def test_26_two_approvers_race(stack: Stack) -> None:
    desk = open_desk(stack, TWO_OF_FINANCE)
    with ThreadPoolExecutor(2) as threads:
        for number in range(20):
            asked = desk.request({"n": number})
            outcomes = [
                one.exception() or one.result()
                for one in [threads.submit(desk.approve, asked, who) for who in ("ann", "bob")]
            ]
            (lost,) = [one for one in outcomes if isinstance(one, BaseException)]
            assert reason(lost) == "STALE_REVISION"
            now = desk.get(asked)
            assert (state(now), now.etag, len(now.votes)) == ("pending", "v2", 1)
            (late,) = {"ann", "bob"} - {now.votes[0].approver}
            assert state(desk.approve(now, late)) == "approved"
            assert desk.history(asked) == ["requested", "voted", "voted", "approved"]


def test_27_the_claimant_is_killed_before_it_completes(stack: Stack, clock: ShiftedClock) -> None:
    desk = open_desk(stack, environment=clock.environment)
    kinds = {verb: desk.approved({}, verb) for verb in (ONCE, AGAIN)}
    for approval in kinds.values():
        with claiming(stack, approval, a_claim_id(1)) as (answer,):
            assert answer["answer"][0] == "APPROVAL_STATE_CLAIMED"
            os.kill(answer["pid"], signal.SIGKILL)
    clock.shift(boot_seconds=LEASE_SECONDS - 5)
    assert {state(desk.get(one)) for one in kinds.values()} == {"claimed"}, "nobody knows yet that it is gone"
    clock.shift(boot_seconds=LEASE_SECONDS)
    until(lambda: {told[-1] for told in recorded(stack).values()} == {"lapsed"})  # with nobody looking at them
    by_a_person(desk, desk.get(kinds[ONCE]))
    by_another_process(desk, desk.get(kinds[AGAIN]))


def by_a_person(desk: Desk, lapsed: Approval) -> None:
    assert state(lapsed) == "indeterminate" and not lapsed.reclaimable
    for claim_id in (lapsed.claim_id, ""):
        with pytest.raises(grpc.RpcError) as refused:
            desk.claim(lapsed, claim_id)
        assert reason(refused.value) == "APPROVAL_STATE"
    assert state(desk.resolve(lapsed)) == "succeeded"


def by_another_process(desk: Desk, lapsed: Approval) -> None:
    assert state(lapsed) == "indeterminate" and lapsed.reclaimable
    claimed = desk.claim(lapsed)
    assert claimed.approval.claim_id != lapsed.claim_id
    assert state(desk.complete(claimed)) == "succeeded"
    assert desk.history(lapsed)[-3:] == ["lapsed", "claimed", "completed"]


def live(desk: Desk, number: int, done: "list[Approval]") -> None:
    """One call from its request to its end, each step made again until it is answered."""
    asked = desk.request({"n": number}, request_id=f"r-{number}")
    for who in ("ann", "bob"):
        until(lambda who=who: vote(desk, asked, who))  # type: ignore[misc]
    claimed = desk.claim(asked, a_claim_id(number))
    done.append(desk.complete(claimed))


def vote(desk: Desk, asked: Approval, who: str) -> Approval | None:
    try:
        return desk.approve(desk.get(asked), who)
    except grpc.RpcError as error:
        assert reason(error) == "STALE_REVISION"
        return None


def test_a_decision_point_killed_at_any_step_loses_and_doubles_nothing(stack: Stack) -> None:
    open_desk(stack, TWO_OF_FINANCE)
    stop, done, failed = threading.Event(), [], []
    numbers = iter(range(10**6))

    def work() -> None:
        desk = Desk(stack)
        try:
            while not stop.is_set():
                live(desk, next(numbers), done)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    dice = random.Random(7)
    for _ in range(3):
        enough = len(done) + dice.randrange(4, 12)
        until(lambda enough=enough: len(done) >= enough or failed, 60)  # type: ignore[misc]
        assert stack.pdp is not None
        threading.Event().wait(dice.random() / 50)  # anywhere inside a step
        stack.pdp.kill()
        stack.start_pdp()
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    whole = ["requested", "voted", "voted", "approved", "claimed", "completed"]
    told, desk = recorded(stack), Desk(stack)
    assert {tuple(events) for events in told.values()} == {tuple(whole)}
    assert told.keys() == {one.approval_id for one in done} and len(done) >= 20
    for one in done:
        kept = desk.get(one)
        assert (state(kept), kept.etag, kept.claim_id) == ("succeeded", one.etag, one.claim_id)
        assert desk.history(one) == whole
        assert [vote.approver for vote in kept.votes] == ["ann", "bob"]


def test_20_the_wall_clock_jumps(stack: Stack, clock: ShiftedClock) -> None:
    desk = open_desk(stack, environment=clock.environment)
    pending, approved = desk.request({"n": 1}), desk.approved({"n": 2})
    claimed = desk.claim(desk.approved({"n": 3})).approval
    waiting = ((pending, 1_800), (approved, 600), (claimed, LEASE_SECONDS))
    for seconds, restarted in ((HOUR, False), (-HOUR, False), (-HOUR, True), (HOUR, False)):
        clock.shift(wall_seconds=seconds)
        if restarted:
            assert stack.pdp is not None
            stack.pdp.kill()
            stack.start_pdp(environment=clock.environment)
        for approval, term in waiting:
            now = desk.get(approval)
            assert state(now) == state(approval)
            assert term - 120 < now.time_left.seconds <= term
    clock.shift(wall_seconds=-HOUR, boot_seconds=LEASE_SECONDS)
    assert [state(desk.get(one)) for one, _ in waiting] == ["pending", "approved", "indeterminate"]
    clock.shift(wall_seconds=-HOUR, boot_seconds=1_800)
    assert [state(desk.get(one)) for one, _ in waiting] == ["expired", "expired", "indeterminate"]


def test_15_the_disk_is_full(small_disk: SmallDisk) -> None:
    with Stack(small_disk.path) as stack:
        patient = open_desk(stack)
        desk = Desk(stack, patient=False)
        waiting = [patient.request({"n": number}) for number in range(10)]
        approved = [patient.approved({"m": number}) for number in range(10)]
        small_disk.fill()
        changes = {
            "request": lambda number: desk.request({"n": "n" * 100_000, "m": number}),
            "edit": lambda number: desk.approve(waiting[number], edited_args_json='{"n":"' + "n" * 100_000 + '"}'),
            "approve": lambda number: desk.approve(waiting[number]),
            "deny": lambda number: desk.deny(waiting[number]),
            "claim": lambda number: desk.claim(approved[number], a_claim_id(number)).approval,
            "cancel": lambda number: desk.cancel(approved[number]),
        }
        refused = {name for name, change in changes.items() if refused_for_want_of_room(change)}
        assert refused == changes.keys()
        now = [(state(desk.get(one)), desk.get(one).etag) for one in (*waiting, *approved)]
        small_disk.empty()
        until(lambda: answered(desk, waiting[-1]))
        after = [(state(desk.get(one)), desk.get(one).etag) for one in (*waiting, *approved)]
        assert [one for one, two in zip(now, after, strict=True) if one != two] == [("pending", "v1")]
        told = recorded(stack)
        assert all(desk.history(one) == told[one.approval_id] for one in (*waiting, *approved))


def refused_for_want_of_room(change: Any) -> bool:
    """Tries on one after the other; those that found room for a little more are none of this."""
    for number in [*range(9)] * 20:
        try:
            change(number)
        except grpc.RpcError as error:
            if status(error) is grpc.StatusCode.UNAVAILABLE:
                assert reason(error) == "STORAGE_FAILED"
                return True
    return False


def answered(desk: Desk, approval: Approval) -> Approval | None:
    try:
        return desk.approve(approval)
    except grpc.RpcError as error:
        assert reason(error) == "STORAGE_FAILED"
        return None
