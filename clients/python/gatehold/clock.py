"""The one clock that leases are measured on."""

import time

# CLOCK_MONOTONIC stops while a Linux host is suspended, so a lease would outlive its term by the length of the sleep.
# macOS has no CLOCK_BOOTTIME; its CLOCK_MONOTONIC runs through sleep.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boottime_ns() -> int:
    """Nanoseconds since boot, suspend included. Unaffected by wall-clock changes; comparable in one time namespace."""
    return time.clock_gettime_ns(_CLOCK)
