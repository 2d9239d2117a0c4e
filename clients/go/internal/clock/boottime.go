// Package clock reads the one clock that leases are measured on.
package clock

import "golang.org/x/sys/unix"

// BoottimeNS returns nanoseconds since boot, suspend included. It is unaffected by wall-clock changes, and comparable
// between processes of one host and time namespace.
func BoottimeNS() (int64, error) {
	var now unix.Timespec
	if err := unix.ClockGettime(boottime, &now); err != nil {
		return 0, err
	}
	return now.Nano(), nil
}
