package clock

import "golang.org/x/sys/unix"

// macOS has no CLOCK_BOOTTIME; its CLOCK_MONOTONIC runs through sleep.
const boottime = unix.CLOCK_MONOTONIC
