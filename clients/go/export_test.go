package gatehold

import "time"

// RenewEvery shortens the time between two renewals of a claim.
func (g *Guard) RenewEvery(interval time.Duration) { g.renewal = interval }
