"""The lease under which the sidecar may answer from its cache: what it is, how it is held, how it is given up."""

from sidecar.lease.drain import Drain
from sidecar.lease.holder import LeaseHolder
from sidecar.lease.state import Held, Lease

__all__ = ["Drain", "Held", "Lease", "LeaseHolder"]
