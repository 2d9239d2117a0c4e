package gatehold

import (
	"errors"
	"fmt"

	gateholdv1 "gatehold.dev/go/v1"
)

// Why a guarded function did not run. Every [NotRunError] is one of these, for errors.Is.
var (
	// ErrBlocked: the call must not run, or nobody could decide.
	ErrBlocked = errors.New("blocked")
	// ErrApprovalPending: nobody decided in the time that was given. The approval stays open, and [Guard.Resume] runs it.
	ErrApprovalPending = errors.New("approval pending")
	// ErrApprovalDenied: a person said no, with a reason.
	ErrApprovalDenied = errors.New("approval denied")
	// ErrApprovalExpired: nobody decided, or nobody ran it, in time.
	ErrApprovalExpired = errors.New("approval expired")
	// ErrApprovalCancelled: it was taken back.
	ErrApprovalCancelled = errors.New("approval cancelled")
	// ErrApprovalRefused: it was approved, and this process may not run it: another one has it, or what was approved is
	// not what would run. Where the gate's reply was lost, nobody knows whether this process had claimed it.
	ErrApprovalRefused = errors.New("approval refused")
)

// NotRunError says that a guarded function did not run, and why.
type NotRunError struct {
	Kind     error                // one of the errors above
	Verb     string               // of the call
	Reason   string               // one sentence for a person
	Answer   Answer               // the decision; empty for a call that was resumed
	Approval *gateholdv1.Approval // the frozen call, as far as it was known; nil where there was none

	cause error // why the waiting ended, where the caller's context did that
}

func (e *NotRunError) Error() string {
	if e.Approval == nil {
		return fmt.Sprintf("%s: %v: %s [%s]", e.Verb, e.Kind, e.Reason, e.Answer.ReasonCode)
	}
	return fmt.Sprintf("%s: %v: %s [%s]", e.Verb, e.Kind, e.Reason, e.Approval.GetApprovalId())
}

// Unwrap returns Kind, and what ended the caller's context if that ended the waiting.
func (e *NotRunError) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.cause}
}

func blocked(verb string, answer Answer) error {
	return &NotRunError{Kind: ErrBlocked, Verb: verb, Reason: answer.Reason, Answer: answer}
}
