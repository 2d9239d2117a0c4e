"""How often a lease is renewed: several times within its length, whatever that is."""

import pytest

from sidecar.lease import Lease
from sidecar.lease.holder import LeaseHolder
from sidecar.lease.state import SECOND_NS


@pytest.mark.parametrize("ttl_seconds", [1, 2, 5, 60])
def test_two_renewals_fit_into_every_lease(ttl_seconds: int) -> None:
    lease = Lease("n")
    holder = LeaseHolder(None, lease, None, None, "v", lambda: 0)  # type: ignore[arg-type]
    assert holder._pause() == 0.4, "without a lease it asks soon"
    from gatehold.v1.fleet_service_pb2 import LeaseGrant

    grant = LeaseGrant(nonce="n", seq=lease.request(0), epoch=1, revision=1)
    grant.ttl.seconds = ttl_seconds
    holder._grant(grant)
    assert lease.live(0) is not None
    pauses = [holder._pause() for _ in range(200)]
    assert min(pauses) > 0 and 2 * max(pauses) * SECOND_NS < ttl_seconds * SECOND_NS
    assert max(pauses) <= 1.8
