"""No call that begins after a change has returned is answered from before it, by any sidecar."""

from tests.fakes.fault_proxy import FaultProxy
from tests.faults.scenarios import incoherent_under_flips
from tests.stack import Stack


def test_policies_that_flip_under_calls(stack: Stack) -> None:
    stack.start_pdp("--lease-ttl", "1")
    with FaultProxy(stack.address) as path:
        stack.start_sidecar("dev")
        stack.start_sidecar("one")
        stack.start_sidecar("two", pdp=path.address)
        assert incoherent_under_flips(stack, path, changes=20) == []
