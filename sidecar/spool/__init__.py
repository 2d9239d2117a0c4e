"""The sidecar's spool: records on the local disk until the decision point has committed them."""

from sidecar.spool.interface import (
    Make,
    NotStored,
    SequenceGap,
    Spool,
    SpoolBusy,
    SpooledRecord,
    SpoolFailed,
    SpoolFull,
    SpoolIdentity,
    SpoolLimits,
)
from sidecar.spool.sqlite import open_spool

__all__ = [
    "Make",
    "NotStored",
    "SequenceGap",
    "Spool",
    "SpoolBusy",
    "SpoolFailed",
    "SpoolFull",
    "SpoolIdentity",
    "SpoolLimits",
    "SpooledRecord",
    "open_spool",
]
