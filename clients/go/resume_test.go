package gatehold_test

import (
	"context"
	"errors"
	"testing"

	gatehold "gatehold.dev/go"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc/codes"
)

type listRequest = gateholdv1.DecisionPointServiceListApprovalsRequest

// listed makes the gate list approvals, one on each page.
func (g *gate) listed(approvals ...*gateholdv1.Approval) {
	g.list = func(request *listRequest) *gateholdv1.DecisionPointServiceListApprovalsResponse {
		page := len(request.GetPageToken())
		response := &gateholdv1.DecisionPointServiceListApprovalsResponse{Approvals: approvals[page : page+1]}
		if page+1 < len(approvals) {
			response.NextPageToken = request.GetPageToken() + "x"
		}
		return response
	}
}

func reclaimable() *gateholdv1.Approval {
	approval := approval(indeterminate, askedArgs)
	approval.Reclaimable = true
	return approval
}

func TestWhatIsApprovedOrReclaimableIsResumed(t *testing.T) {
	gate := startAsking(t)
	other := approval(approved, askedArgs)
	other.Verb = "filesystem:write_file"
	forAnother := approval(approved, askedArgs)
	forAnother.OnBehalfOf = "user:2"
	running := reclaimable()
	running.State = claimed
	gate.listed(approval(indeterminate, askedArgs), other, forAnother, running, approval(approved, askedArgs), reclaimable())
	guard := gate.guard(t, gatehold.Options{})
	var ran runs[read]
	gatehold.Protect(guard, verb, ran.run, &gatehold.ProtectOptions{Context: map[string]any{"task": 1}})
	resumed, err := guard.Resume(t.Context())
	if err != nil || len(resumed) != 2 || ran.count != 2 || ran.args.Path != "README.md" {
		t.Fatalf("got %v, %v; ran %+v", resumed, err, ran)
	}
	for _, run := range resumed {
		if run.Value != "done" || run.Err != nil || run.Approval.GetApprovalId() != "a-1" {
			t.Errorf("got %+v", run)
		}
	}
	for _, claim := range heardOf[*gateholdv1.ClaimApprovalRequest](gate) {
		if claim.GetArgsDigest() != sum(askedArgs) || claim.GetContextDigest() != sum(`{"task":1}`) {
			t.Errorf("claimed %v", claim)
		}
	}
	gate.requireCompletion(t, gateholdv1.Outcome_OUTCOME_SUCCEEDED, "")
	if execution := gate.recorded(t, 2)[0].GetExecution(); execution.GetApprovalId() != "a-1" {
		t.Errorf("recorded %v", execution)
	}
}

func TestAVerbWithTwoFunctionsIsNotResumed(t *testing.T) {
	gate := startAsking(t)
	gate.listed(approval(approved, askedArgs))
	guard := gate.guard(t, gatehold.Options{})
	var ran runs[read]
	gatehold.Protect(guard, verb, ran.run, nil)
	gatehold.Protect(guard, verb, ran.run, nil)
	if resumed, err := guard.Resume(t.Context()); err != nil || len(resumed) != 0 {
		t.Errorf("got %v, %v", resumed, err)
	}
	ran.none(t)
	gate.requireNoClaim(t)
}

func TestWhatAnotherProcessClaimsIsNotResumed(t *testing.T) {
	gate := startAsking(t)
	noDigest := approval(approved, askedArgs)
	noDigest.ArgsDigest = ""
	gate.listed(approval(approved, askedArgs), noDigest)
	gate.claim = func(int, *gateholdv1.ClaimApprovalRequest) (*gateholdv1.ClaimApprovalResponse, error) {
		return nil, refusal(codes.Aborted, "CLAIM_CONFLICT", "gatehold.dev")
	}
	guard := gate.guard(t, gatehold.Options{})
	var ran runs[read]
	gatehold.Protect(guard, verb, ran.run, nil)
	resumed, err := guard.Resume(t.Context())
	if err != nil || len(resumed) != 2 {
		t.Fatalf("got %v, %v", resumed, err)
	}
	for _, run := range resumed {
		requireNotRun(t, run.Err, gatehold.ErrApprovalRefused)
	}
	ran.none(t)
	if ids := claimIDs(gate); len(ids) != 1 {
		t.Errorf("claimed with %v", ids)
	}
}

func TestWhatAResumedFunctionReturnsIsHandedOn(t *testing.T) {
	gate := startAsking(t)
	gate.listed(approval(approved, askedArgs))
	guard := gate.guard(t, gatehold.Options{})
	failure := errors.New("empty")
	gatehold.Protect(guard, verb, func(context.Context, read) (int, error) { return 7, failure }, nil)
	resumed, err := guard.Resume(t.Context())
	if err != nil || len(resumed) != 1 || resumed[0].Value != 7 || resumed[0].Err != failure {
		t.Errorf("got %v, %v", resumed, err)
	}
}

func TestAListWithoutEndIsAnError(t *testing.T) {
	gate := startAsking(t)
	gate.list = func(*listRequest) *gateholdv1.DecisionPointServiceListApprovalsResponse {
		return &gateholdv1.DecisionPointServiceListApprovalsResponse{NextPageToken: "more"}
	}
	if resumed, err := gate.guard(t, gatehold.Options{}).Resume(t.Context()); err == nil || resumed != nil {
		t.Errorf("got %v, %v", resumed, err)
	}
}

func TestApprovalsThatCannotBeListedAreAnError(t *testing.T) {
	gate := startAsking(t)
	if resumed, err := gate.guard(t, gatehold.Options{}).Resume(t.Context()); err == nil || resumed != nil {
		t.Errorf("got %v, %v", resumed, err)
	}
}
