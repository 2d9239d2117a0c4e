"""No sidecar may answer below the revision in force; and each rule that holds this is needed for it."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from pdp.fleet.leases import Grant, Holder, Invalidate, LeaseTable
from tests.unit.fleet.lease_machine import LeaseMachine, Violation

_SETTINGS = settings(
    max_examples=400,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# The same schedules each time, as many as it takes, and no search for the shortest one.
_SEARCH = settings(_SETTINGS, max_examples=20_000, derandomize=True, database=None, phases=[Phase.generate])


def test_no_live_lease_is_left_below_the_revision_in_force() -> None:
    run_state_machine_as_test(LeaseMachine, settings=_SETTINGS)


class WithoutWait(LeaseTable):
    """Gives up on missing acknowledgements after half a second."""

    def _leases_over(self, now_ns: int) -> bool:
        return now_ns - self._prepared_ns >= 500_000_000


class WithoutRefusal(LeaseTable):
    """Grants while a change is prepared."""

    def request(self, holder: Holder, now_ns: int) -> Grant | Invalidate:
        prepared, self.prepared = self.prepared, None
        answer = super().request(holder, now_ns)
        self.prepared = prepared
        return answer


class WithoutStartGrace(LeaseTable):
    """Takes an empty table after a start for a fleet without leases."""

    def _watched_long_enough(self, now_ns: int) -> bool:
        return True


class WithoutMargin(LeaseTable):
    """Takes all clocks to run alike."""

    def _hold_ns(self, ttl_ns: int) -> int:
        return ttl_ns


class WithRowPerName(LeaseTable):
    """Lets one process of a sidecar acknowledge for another."""

    def request(self, holder: Holder, now_ns: int) -> Grant | Invalidate:
        return super().request(holder._replace(nonce=""), now_ns)

    def acknowledge(self, holder: Holder, revision: int) -> None:
        super().acknowledge(holder._replace(nonce=""), revision)


@pytest.mark.parametrize("table_class", [WithoutWait, WithoutRefusal, WithoutStartGrace, WithoutMargin, WithRowPerName])
def test_a_removed_safeguard_is_found(table_class: type[LeaseTable]) -> None:
    machine = type("Machine", (LeaseMachine,), {"table_class": table_class})
    with pytest.raises(Violation):
        run_state_machine_as_test(machine, settings=_SEARCH)
