package gatehold_test

import (
	"context"
	"slices"
	"testing"
	"time"

	gatehold "gatehold.dev/go"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

func TestTheEditedArgumentsRun(t *testing.T) {
	gate := startAsking(t)
	gate.watched(edited(approved, editedArgs))
	gate.claim = func(_ int, request *gateholdv1.ClaimApprovalRequest) (*gateholdv1.ClaimApprovalResponse, error) {
		return claim(request, editedArgs), nil
	}
	ran, err := gate.try(t, nil)
	if err != nil || ran.count != 1 || ran.args.Path != "LICENSE" {
		t.Errorf("got %v; ran %+v", err, ran)
	}
}

func TestEditedArgumentsThatDoNotFitAreRefused(t *testing.T) {
	for _, args := range []string{`{"path":1}`, `{"path":"a","more":1}`, `{"Path":"a"}`} {
		gate := startAsking(t)
		gate.watched(edited(approved, args))
		gate.claim = func(_ int, request *gateholdv1.ClaimApprovalRequest) (*gateholdv1.ClaimApprovalResponse, error) {
			return claim(request, args), nil
		}
		ran, err := gate.try(t, nil)
		requireNotRun(t, err, gatehold.ErrApprovalRefused)
		ran.none(t)
		gate.requireCompletion(t, gateholdv1.Outcome_OUTCOME_FAILED, "the arguments do not")
	}
}

func claimIDs(g *gate) []string {
	var ids []string
	for _, claim := range heardOf[*gateholdv1.ClaimApprovalRequest](g) {
		ids = append(ids, claim.GetClaimId())
	}
	return ids
}

func TestAClaimWhoseReplyIsLostIsMadeAgain(t *testing.T) {
	lost := []codes.Code{codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Unknown}
	gate := startAsking(t)
	gate.claim = func(tries int, request *gateholdv1.ClaimApprovalRequest) (*gateholdv1.ClaimApprovalResponse, error) {
		if tries <= len(lost) {
			return nil, status.Error(lost[tries-1], "lost")
		}
		return claim(request, askedArgs), nil
	}
	ran, err := gate.try(t, nil)
	if err != nil || ran.count != 1 {
		t.Errorf("got %v; ran %+v", err, ran)
	}
	if ids := claimIDs(gate); len(ids) != 5 || len(slices.Compact(ids)) != 1 {
		t.Errorf("claimed with %v", ids)
	}
}

func TestAClaimThatIsNeverAnsweredRunsNothing(t *testing.T) {
	gate := startAsking(t)
	gate.claim = func(int, *gateholdv1.ClaimApprovalRequest) (*gateholdv1.ClaimApprovalResponse, error) {
		return nil, status.Error(codes.Unavailable, "lost")
	}
	ran, err := gate.try(t, nil)
	requireNotRun(t, err, gatehold.ErrApprovalRefused)
	ran.none(t)
	if ids := claimIDs(gate); len(ids) != 5 {
		t.Errorf("claimed with %v", ids)
	}
}

func TestAClaimThatIsRefusedRunsNothing(t *testing.T) {
	for _, refused := range []error{
		refusal(codes.Aborted, "CLAIM_CONFLICT", "gatehold.dev"),
		refusal(codes.FailedPrecondition, "APPROVAL_ARGS_CHANGED", "gatehold.dev"),
		status.Error(codes.NotFound, "none"),
		status.Error(codes.Internal, "oh"),
	} {
		gate := startAsking(t)
		gate.claim = func(int, *gateholdv1.ClaimApprovalRequest) (*gateholdv1.ClaimApprovalResponse, error) {
			return nil, refused
		}
		ran, err := gate.try(t, nil)
		requireNotRun(t, err, gatehold.ErrApprovalRefused)
		ran.none(t)
		if ids := claimIDs(gate); len(ids) != 1 {
			t.Errorf("%v: claimed with %v", refused, ids)
		}
	}
}

func TestAReplyThatIsNotOfThisClaimRunsNothing(t *testing.T) {
	for name, spoil := range map[string]func(*gateholdv1.Approval){
		"no state":         func(a *gateholdv1.Approval) { a.State = 0 },
		"approved":         func(a *gateholdv1.Approval) { a.State = approved },
		"unknown state":    func(a *gateholdv1.Approval) { a.State = 99 },
		"no claim":         func(a *gateholdv1.Approval) { a.ClaimId = "" },
		"another claim":    func(a *gateholdv1.Approval) { a.ClaimId = "other" },
		"another approval": func(a *gateholdv1.Approval) { a.ApprovalId = "a-2" },
		"another verb":     func(a *gateholdv1.Approval) { a.Verb = "filesystem:write_file" },
		"other args":       func(a *gateholdv1.Approval) { a.ArgsJson = editedArgs },
		"other args whole": func(a *gateholdv1.Approval) { a.ArgsJson, a.ArgsDigest = editedArgs, sum(editedArgs) },
		"another digest":   func(a *gateholdv1.Approval) { a.ArgsDigest = sum(editedArgs) },
		"no args":          func(a *gateholdv1.Approval) { a.ArgsJson = "" },
		"redacted":         func(a *gateholdv1.Approval) { a.ArgsJson = `{"path":"[redacted]"}` },
		"twice the key":    func(a *gateholdv1.Approval) { a.ArgsJson = `{"path":"x","path":"README.md"}` },
		"nothing":          func(a *gateholdv1.Approval) { proto.Reset(a) },
	} {
		t.Run(name, func(t *testing.T) {
			gate := startAsking(t)
			gate.claim = func(_ int, request *gateholdv1.ClaimApprovalRequest) (*gateholdv1.ClaimApprovalResponse, error) {
				response := claim(request, askedArgs)
				spoil(response.Approval)
				return response, nil
			}
			guard := gate.guard(t, gatehold.Options{})
			var ran runs[read]
			_, err := gatehold.Run(t.Context(), guard, verb, asked, ran.run, nil)
			requireNotRun(t, err, gatehold.ErrApprovalRefused)
			ran.none(t)
			guard.Close() // has sent what there was to tell
			if told := heardOf[*gateholdv1.CompleteApprovalRequest](gate); len(told) != 0 {
				t.Errorf("told %v", told)
			}
		})
	}
}

func TestAnObligationOfTheClaimThatIsNotMetRunsNothing(t *testing.T) {
	for name, obligation := range map[string]*gateholdv1.Obligation{
		"unknown":    {Id: "p1", Type: "two_keys"},
		"no type":    {Id: "p1"},
		"properties": {Id: "p1", Type: "notification", PropertiesJson: "["},
	} {
		t.Run(name, func(t *testing.T) {
			gate := startAsking(t)
			gate.claim = func(_ int, request *gateholdv1.ClaimApprovalRequest) (*gateholdv1.ClaimApprovalResponse, error) {
				response := claim(request, askedArgs)
				response.Obligations = []*gateholdv1.Obligation{obligation}
				return response, nil
			}
			ran, err := gate.try(t, nil)
			requireNotRun(t, err, gatehold.ErrApprovalRefused)
			ran.none(t)
			gate.requireCompletion(t, gateholdv1.Outcome_OUTCOME_FAILED, "obligation ")
		})
	}
}

func TestAClaimThatIsOverBeforeTheRunIsRefused(t *testing.T) {
	gate := startAsking(t)
	gate.claim = func(_ int, request *gateholdv1.ClaimApprovalRequest) (*gateholdv1.ClaimApprovalResponse, error) {
		response := claim(request, askedArgs)
		response.Approval.TimeLeft = durationpb.New(time.Nanosecond)
		return response, nil
	}
	ran, err := gate.try(t, nil)
	requireNotRun(t, err, gatehold.ErrApprovalRefused)
	ran.none(t)
	gate.requireCompletion(t, gateholdv1.Outcome_OUTCOME_FAILED, "the claim was over")
}

func TestTheClaimIsRenewedWhileTheFunctionRuns(t *testing.T) {
	gate := startAsking(t)
	guard := gate.guard(t, gatehold.Options{})
	guard.RenewEvery(time.Millisecond)
	_, err := gatehold.Run(t.Context(), guard, verb, asked, func(context.Context, read) (int, error) {
		eventually(t, "two renewals", func() bool { return len(claimIDs(gate)) >= 3 })
		return 0, nil
	}, nil)
	if err != nil {
		t.Error(err)
	}
	if ids := claimIDs(gate); len(slices.Compact(ids)) != 1 {
		t.Errorf("claimed with %v", ids)
	}
	gate.requireCompletion(t, gateholdv1.Outcome_OUTCOME_SUCCEEDED, "")
}
