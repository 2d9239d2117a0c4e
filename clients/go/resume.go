package gatehold

import (
	"context"
	"fmt"
	"sync"

	gateholdv1 "gatehold.dev/go/v1"
)

const mostPages = 100 // more than an agent can have; a gate that never comes to the last one is not followed

// registry holds the functions that [Protect] guards, by verb.
type registry struct {
	mutex   sync.Mutex
	entries map[string][]newRun
}

// newRun returns a call of a guarded function, and what returns its result once it has run.
type newRun func() (*call, func() any)

func (r *registry) add(verb string, entry newRun) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.entries == nil {
		r.entries = map[string][]newRun{}
	}
	r.entries[verb] = append(r.entries[verb], entry)
}

// only returns the function for a verb where there is exactly one; nil otherwise.
func (r *registry) only(verb string) newRun {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if entries := r.entries[verb]; len(entries) == 1 {
		return entries[0]
	}
	return nil
}

// Resumed is what became of one approved call.
type Resumed struct {
	Approval *gateholdv1.Approval // as it was listed
	Value    any                  // what the function returned
	Err      error                // what the function returned, or a [*NotRunError]
}

// Resume runs the agent's own calls that are approved, or may be run again, and that no process waits for any more, for
// instance because the one that did was killed. Each is run by the function that [Protect] guards for its verb, where
// there is exactly one, and it acts for the same person; the others stay as they are. One that another process claims first is an [ErrApprovalRefused].
//
// The error is that of the listing.
func (g *Guard) Resume(ctx context.Context) ([]Resumed, error) {
	approvals, err := g.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("gatehold: the approvals could not be listed: %s", problem(err))
	}
	var resumed []Resumed
	for _, approval := range approvals {
		entry := g.protected.only(approval.GetVerb())
		if entry == nil || !isRunnable(approval) {
			continue
		}
		call, result := entry()
		if call.options.OnBehalfOf != approval.GetOnBehalfOf() {
			continue
		}
		err := g.resumeOne(ctx, call, approval)
		resumed = append(resumed, Resumed{approval, result(), err})
	}
	return resumed, nil
}

func isRunnable(approval *gateholdv1.Approval) bool {
	switch approval.GetState() {
	case gateholdv1.ApprovalState_APPROVAL_STATE_APPROVED:
		return true
	case gateholdv1.ApprovalState_APPROVAL_STATE_INDETERMINATE:
		return approval.GetReclaimable()
	}
	return false
}

func (g *Guard) resumeOne(ctx context.Context, call *call, approval *gateholdv1.Approval) error {
	frozenContext, err := freeze(call.options.Context, "context")
	if err != nil {
		return call.notRun(ErrApprovalRefused, err.Error(), approval)
	}
	return g.runClaimed(ctx, call, frozenContext.digest, approval)
}

// open lists the agent's own approvals that may have a run left.
func (g *Guard) open(ctx context.Context) ([]*gateholdv1.Approval, error) {
	request := &gateholdv1.DecisionPointServiceListApprovalsRequest{States: []gateholdv1.ApprovalState{
		gateholdv1.ApprovalState_APPROVAL_STATE_APPROVED,
		gateholdv1.ApprovalState_APPROVAL_STATE_INDETERMINATE,
	}}
	var approvals []*gateholdv1.Approval
	for range mostPages {
		response, err := g.page(ctx, request)
		if err != nil {
			return nil, err
		}
		approvals = append(approvals, response.GetApprovals()...)
		if response.GetNextPageToken() == "" {
			return approvals, nil
		}
		request.PageToken = response.GetNextPageToken()
	}
	return nil, fmt.Errorf("they fill more than %d pages", mostPages)
}

func (g *Guard) page(
	ctx context.Context, request *gateholdv1.DecisionPointServiceListApprovalsRequest,
) (*gateholdv1.DecisionPointServiceListApprovalsResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, approvalDeadline)
	defer cancel()
	return g.stub.ListApprovals(ctx, request)
}
