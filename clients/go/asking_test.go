package gatehold_test

import (
	"strings"
	"testing"

	gatehold "gatehold.dev/go"
	gateholdv1 "gatehold.dev/go/v1"
)

const (
	pending       = gateholdv1.ApprovalState_APPROVAL_STATE_PENDING
	approved      = gateholdv1.ApprovalState_APPROVAL_STATE_APPROVED
	denied        = gateholdv1.ApprovalState_APPROVAL_STATE_DENIED
	expired       = gateholdv1.ApprovalState_APPROVAL_STATE_EXPIRED
	cancelled     = gateholdv1.ApprovalState_APPROVAL_STATE_CANCELLED
	claimed       = gateholdv1.ApprovalState_APPROVAL_STATE_CLAIMED
	indeterminate = gateholdv1.ApprovalState_APPROVAL_STATE_INDETERMINATE

	askedArgs  = `{"path":"README.md"}`
	editedArgs = `{"path":"LICENSE"}`
)

var asked = read{Path: "README.md"}

// startAsking returns a gate that asks a person for every call, and where the person says yes.
func startAsking(t *testing.T) *gate {
	gate := startGate(t)
	gate.spoilt(requireApproval)
	gate.request = func(request *gateholdv1.RequestApprovalRequest) (*gateholdv1.Approval, error) {
		return approval(pending, request.GetArgsJson()), nil
	}
	gate.watch = func(_ int, send func(*gateholdv1.Approval)) error {
		send(approval(pending, askedArgs))
		send(approval(approved, askedArgs))
		return nil
	}
	gate.claim = func(_ int, request *gateholdv1.ClaimApprovalRequest) (*gateholdv1.ClaimApprovalResponse, error) {
		return claim(request, askedArgs), nil
	}
	return gate
}

func requireApproval(r *gateholdv1.EvaluateResponse) {
	r.Decision = gateholdv1.Decision_DECISION_REQUIRE_APPROVAL
}

func approval(state gateholdv1.ApprovalState, args string) *gateholdv1.Approval {
	return &gateholdv1.Approval{
		ApprovalId: "a-1",
		State:      state,
		Verb:       verb,
		ArgsJson:   `{"path":"[redacted]"}`,
		ArgsDigest: sum(args),
		Reason:     "a person must look at it",
	}
}

func edited(state gateholdv1.ApprovalState, args string) *gateholdv1.Approval {
	approval := approval(state, args)
	approval.Edited = true
	return approval
}

// claim is a sound reply to a claim.
func claim(request *gateholdv1.ClaimApprovalRequest, args string) *gateholdv1.ClaimApprovalResponse {
	approval := approval(claimed, args)
	approval.ArgsJson, approval.ClaimId = args, request.GetClaimId()
	return &gateholdv1.ClaimApprovalResponse{Approval: approval}
}

// watched makes every watch send one approval, and stay open.
func (g *gate) watched(approval *gateholdv1.Approval) {
	g.watch = func(_ int, send func(*gateholdv1.Approval)) error {
		send(approval)
		return nil
	}
}

// try makes a guarded call.
func (g *gate) try(t *testing.T, options *gatehold.ProtectOptions) (*runs[read], error) {
	t.Helper()
	ran := &runs[read]{}
	_, err := gatehold.Run(t.Context(), g.guard(t, gatehold.Options{}), verb, asked, ran.run, options)
	return ran, err
}

// requireCompletion waits until the gate is told how the claimed call ended.
func (g *gate) requireCompletion(t *testing.T, outcome gateholdv1.Outcome, text string) {
	t.Helper()
	eventually(t, "a completion", func() bool { return len(heardOf[*gateholdv1.CompleteApprovalRequest](g)) > 0 })
	told := heardOf[*gateholdv1.CompleteApprovalRequest](g)[0]
	claimed := heardOf[*gateholdv1.ClaimApprovalRequest](g)[0]
	if told.GetOutcome() != outcome || !strings.HasPrefix(told.GetError(), text) || told.GetApprovalId() != "a-1" ||
		told.GetClaimId() != claimed.GetClaimId() {
		t.Errorf("told %v", told)
	}
}

func (g *gate) requireNoClaim(t *testing.T) {
	t.Helper()
	if claims := heardOf[*gateholdv1.ClaimApprovalRequest](g); len(claims) != 0 {
		t.Errorf("claimed %v", claims)
	}
}
