package gatehold

import (
	"encoding/json"

	gateholdv1 "gatehold.dev/go/v1"
)

// Decision is what the gate does with a call.
type Decision string

// The decisions. Every other value, the empty one too, is no permission.
const (
	Allow           Decision = "allow"
	RequireApproval Decision = "require_approval"
	Block           Decision = "block"
)

// RiskLevel is how much harm a verb can do: LOW, MEDIUM or HIGH.
type RiskLevel string

// Source says who answered.
type Source string

// The sources.
const (
	SourcePolicy     Source = "policy"      // the decision point, for this very call
	SourceCache      Source = "cache"       // the sidecar, with what the decision point would say again
	SourceFailClosed Source = "fail_closed" // nobody could decide, so the call is blocked
)

// ReasonCode says why, for programs: a value of the enum gatehold.v1.ReasonCode in lower case, for example policy or
// default_risk.
type ReasonCode string

// The reason codes of the blocks that this package makes by itself.
const (
	ReasonSidecarUnreachable ReasonCode = "sidecar_unreachable" // nobody answered within the deadline
	ReasonInvalidResponse    ReasonCode = "invalid_response"    // the answer was garbage, late, or about another call
	ReasonUnknownObligation  ReasonCode = "unknown_obligation"  // nobody here can meet an obligation
	ReasonRefused            ReasonCode = "refused"             // the request is malformed, not permitted or over a limit
)

// Obligation is something to do before an allowed call runs.
type Obligation struct {
	ID         string          `json:"id"`         // unique within the answer
	Type       string          `json:"type"`       // what to do
	Properties json.RawMessage `json:"properties"` // its parameters, a JSON object
}

// Answer is what the gate says of one call. Only where [Answer.Allowed] is true the call may run.
type Answer struct {
	Decision      Decision     `json:"decision"`
	RiskLevel     RiskLevel    `json:"risk_level"`     // HIGH where nobody could tell
	Reason        string       `json:"reason"`         // one sentence for a person
	ReasonCode    ReasonCode   `json:"reason_code"`    // why, for programs
	PolicyMatched string       `json:"policy_matched"` // id of the policy that decided; empty where none did
	DecisionID    string       `json:"decision_id"`    // of the record; empty where nobody could decide
	Revision      int64        `json:"revision"`       // of the configuration that decided; 0 where nobody could
	Source        Source       `json:"source"`
	Obligations   []Obligation `json:"obligations"` // to be met before the call runs
	ArgsDigest    string       `json:"args_digest"` // hex SHA-256 of the canonical arguments; empty where they have none

	// Trace is how the decision came about, when asked to explain; else nil.
	Trace *gateholdv1.Trace `json:"-"`

	validUntil int64 // nanoseconds on CLOCK_BOOTTIME; 0 for no end
}

// Allowed is true only where the call may run now.
func (a Answer) Allowed() bool { return a.Decision == Allow }

// failClosed is a block, because nobody could decide.
func failClosed(code ReasonCode, reason, argsDigest string) Answer {
	return Answer{
		Decision:    Block,
		RiskLevel:   "HIGH",
		Reason:      reason,
		ReasonCode:  code,
		Source:      SourceFailClosed,
		Obligations: []Obligation{},
		ArgsDigest:  argsDigest,
	}
}
