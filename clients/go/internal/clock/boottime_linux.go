package clock

import "golang.org/x/sys/unix"

// CLOCK_MONOTONIC stops while a Linux host is suspended, so a lease would outlive its term by the length of the sleep.
const boottime = unix.CLOCK_BOOTTIME
