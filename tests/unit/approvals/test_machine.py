"""The whole state machine against its model, every illegal transition included."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.unit.approvals.machine import ApprovalMachine
from tests.unit.approvals.world import World

_SETTINGS = settings(
    max_examples=50,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # a step takes milliseconds: looking for the shortest run would take minutes
    suppress_health_check=list(HealthCheck),
)


def test_the_room_does_what_the_model_does(world: World) -> None:
    machine = type("Machine", (ApprovalMachine,), {"world": world})
    run_state_machine_as_test(machine, settings=_SETTINGS)
