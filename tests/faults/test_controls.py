"""The checks find what they look for: each one against a process that lacks the safeguard it is about."""

from pathlib import Path

from tests.fakes.fault_proxy import FaultProxy
from tests.faults.scenarios import (
    incoherent_under_flips,
    stale_behind_a_cut,
    unlike_the_decision_point,
    unrecorded_after_a_kill,
)
from tests.stack import Stack

BROKEN = Path(__file__).with_name("broken")


def program(name: str) -> list[str]:
    return [str(BROKEN / f"{name}.py")]


def test_without_the_wait_for_leases_answers_are_stale(stack: Stack) -> None:
    stack.start_pdp("--lease-ttl", "5", program=program("no_lease_wait"))
    with FaultProxy(stack.address) as path:
        stack.start_sidecar(pdp=path.address)
        assert stale_behind_a_cut(stack, path)


def test_without_the_wait_for_leases_sidecars_disagree(stack: Stack) -> None:
    stack.start_pdp("--lease-ttl", "5", program=program("no_lease_wait"))
    with FaultProxy(stack.address) as path:
        stack.start_sidecar("dev")
        stack.start_sidecar("two", pdp=path.address)
        assert incoherent_under_flips(stack, path, changes=1)


def test_without_the_record_before_the_answer_answers_go_unrecorded(stack: Stack) -> None:
    stack.start_pdp()
    assert unrecorded_after_a_kill(stack, program=program("answer_before_record"))


def test_the_cache_answers_as_the_decision_point_does(stack: Stack) -> None:
    stack.start_pdp()
    stack.start_sidecar()
    assert unlike_the_decision_point(stack) == []


def test_without_the_arguments_in_the_reuse_key_it_does_not(stack: Stack) -> None:
    stack.start_pdp()
    stack.start_sidecar(program=program("coarse_reuse_key"))
    assert unlike_the_decision_point(stack)
