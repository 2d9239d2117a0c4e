// Package gatehold guards what an agent does: each call is held until the sidecar beside the agent says that it may run.
//
// [Open] a [Guard], then wrap functions with [Protect], or run one at once with [Run]. They run on an allow only, with
// the very arguments that were decided on, and where a person must approve first, they wait. [Guard.Evaluate] only asks.
//
// Everything fails closed: an error, a timeout, an answer that is garbage, late or about another call, a value that this
// package does not know, and an obligation that nobody meets are all a block. No option turns one into an allow.
package gatehold
