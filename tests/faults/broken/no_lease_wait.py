"""A decision point that puts a change in force without waiting for the leases on the old revision to end."""

from typing import Any

from gatehold.cli import main
from pdp.fleet.leases import LeaseTable


def may_flip(table: Any, now_ns: int) -> bool:
    return table.prepared is not None


LeaseTable.may_flip = may_flip  # type: ignore
main()
