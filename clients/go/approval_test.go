package gatehold_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	gatehold "gatehold.dev/go"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

func TestAnApprovedCallRunsOnce(t *testing.T) {
	gate := startAsking(t)
	var waited []*gateholdv1.Approval
	ran := &runs[read]{}
	var id string
	result, err := gatehold.Run(t.Context(), gate.guard(t, gatehold.Options{}), verb, asked,
		func(ctx context.Context, args read) (string, error) {
			id = gatehold.ApprovalID(ctx)
			return ran.run(ctx, args)
		},
		&gatehold.ProtectOptions{
			Context:              map[string]any{"task": 1},
			OnBehalfOf:           "user:1",
			ToolDefinitionDigest: strings.Repeat("a", 64),
			Justification:        "the user asked for it",
			OnWait:               func(approval *gateholdv1.Approval) { waited = append(waited, approval) },
		})
	if result != "done" || err != nil || ran.count != 1 || ran.args.Path != "README.md" || id != "a-1" {
		t.Fatalf("got %q, %v; ran %+v under %q", result, err, ran, id)
	}
	if len(waited) != 1 || waited[0].GetApprovalId() != "a-1" {
		t.Errorf("waited for %v", waited)
	}
	request := heardOf[*gateholdv1.RequestApprovalRequest](gate)[0]
	if request.GetVerb() != verb || request.GetArgsJson() != askedArgs || request.GetContextJson() != `{"task":1}` ||
		request.GetOnBehalfOf() != "user:1" || request.GetToolDefinitionDigest() != strings.Repeat("a", 64) ||
		request.GetJustification() != "the user asked for it" {
		t.Errorf("requested %v", request)
	}
	claim := heardOf[*gateholdv1.ClaimApprovalRequest](gate)[0]
	if claim.GetApprovalId() != "a-1" || claim.GetArgsDigest() != sum(askedArgs) || len(claim.GetClaimId()) != 36 ||
		claim.GetContextDigest() != sum(`{"task":1}`) || claim.GetToolDefinitionDigest() != strings.Repeat("a", 64) {
		t.Errorf("claimed %v", claim)
	}
	gate.requireCompletion(t, gateholdv1.Outcome_OUTCOME_SUCCEEDED, "")
	execution := gate.recorded(t, 1)[0].GetExecution()
	if execution.GetApprovalId() != "a-1" || execution.GetDecisionId() != "d-1" {
		t.Errorf("recorded %v", execution)
	}
}

func TestWhatIsApprovedAlreadyRunsWithoutAWait(t *testing.T) {
	gate := startAsking(t)
	gate.request = func(*gateholdv1.RequestApprovalRequest) (*gateholdv1.Approval, error) {
		return approval(approved, askedArgs), nil
	}
	ran, err := gate.try(t, &gatehold.ProtectOptions{
		Timeout: -1,
		OnWait:  func(*gateholdv1.Approval) { t.Error("it waits") },
	})
	if err != nil || ran.count != 1 {
		t.Errorf("got %v; ran %+v", err, ran)
	}
}

func TestWhatHasEndedAlreadyRunsNothing(t *testing.T) {
	for state, kind := range map[gateholdv1.ApprovalState]error{
		denied: gatehold.ErrApprovalDenied, claimed: gatehold.ErrApprovalRefused, 0: gatehold.ErrApprovalRefused,
	} {
		gate := startAsking(t)
		gate.request = func(*gateholdv1.RequestApprovalRequest) (*gateholdv1.Approval, error) {
			return approval(state, askedArgs), nil
		}
		ran, err := gate.try(t, nil)
		requireNotRun(t, err, kind)
		ran.none(t)
		gate.requireNoClaim(t)
	}
}

func TestAnApprovedCallThatFailsIsToldAsFailed(t *testing.T) {
	gate := startAsking(t)
	ran := runs[read]{err: errors.New("secret")}
	_, err := gatehold.Run(t.Context(), gate.guard(t, gatehold.Options{}), verb, asked, ran.run, nil)
	if err != ran.err {
		t.Errorf("got %v", err)
	}
	gate.requireCompletion(t, gateholdv1.Outcome_OUTCOME_FAILED, "*errors.errorString")
	if text := heardOf[*gateholdv1.CompleteApprovalRequest](gate)[0].GetError(); strings.Contains(text, "secret") {
		t.Errorf("told %s", text)
	}
}

func refusal(code codes.Code, reason, domain string) error {
	refused, err := status.New(code, "because").WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: domain})
	if err != nil {
		panic(err)
	}
	return refused.Err()
}

func TestACallThatNeedsNoApprovalAnyMoreIsDecidedAnew(t *testing.T) {
	gate := startAsking(t)
	gate.evaluate = func(_ context.Context, request *gateholdv1.EvaluateRequest) (*gateholdv1.EvaluateResponse, error) {
		response := allow(request)
		if len(heardOf[*gateholdv1.EvaluateRequest](gate)) < 3 {
			requireApproval(response)
		}
		return response, nil
	}
	gate.request = func(*gateholdv1.RequestApprovalRequest) (*gateholdv1.Approval, error) {
		return nil, refusal(codes.FailedPrecondition, "APPROVAL_NOT_REQUIRED", "gatehold.dev")
	}
	if ran, err := gate.try(t, nil); err != nil || ran.count != 1 {
		t.Errorf("got %v; ran %+v", err, ran)
	}
	gate.requireNoClaim(t)
}

func TestAGateThatNeverMakesUpItsMindIsABlock(t *testing.T) {
	gate := startAsking(t)
	gate.request = func(*gateholdv1.RequestApprovalRequest) (*gateholdv1.Approval, error) {
		return nil, refusal(codes.FailedPrecondition, "APPROVAL_NOT_REQUIRED", "gatehold.dev")
	}
	ran, err := gate.try(t, nil)
	requireNotRun(t, err, gatehold.ErrBlocked)
	ran.none(t)
	if asked := heardOf[*gateholdv1.EvaluateRequest](gate); len(asked) != 3 {
		t.Errorf("asked %d times", len(asked))
	}
}

func TestARequestThatIsRefusedIsABlock(t *testing.T) {
	for name, refused := range map[string]error{
		"too many":       refusal(codes.ResourceExhausted, "TOO_MANY_APPROVALS", "gatehold.dev"),
		"precondition":   status.Error(codes.FailedPrecondition, "because"),
		"another domain": refusal(codes.FailedPrecondition, "APPROVAL_NOT_REQUIRED", "example.com"),
		"another reason": refusal(codes.FailedPrecondition, "APPROVAL_STATE", "gatehold.dev"),
		"unavailable":    status.Error(codes.Unavailable, "because"),
	} {
		t.Run(name, func(t *testing.T) {
			gate := startAsking(t)
			gate.request = func(*gateholdv1.RequestApprovalRequest) (*gateholdv1.Approval, error) { return nil, refused }
			ran, err := gate.try(t, nil)
			requireNotRun(t, err, gatehold.ErrBlocked)
			ran.none(t)
			if asked := heardOf[*gateholdv1.EvaluateRequest](gate); len(asked) != 1 {
				t.Errorf("asked %d times", len(asked))
			}
		})
	}
}

func TestAnApprovalOfAnotherCallIsABlock(t *testing.T) {
	for name, spoil := range map[string]func(*gateholdv1.Approval){
		"no id":          func(a *gateholdv1.Approval) { a.ApprovalId = "" },
		"no digest":      func(a *gateholdv1.Approval) { a.ArgsDigest, a.Edited = "", true },
		"another digest": func(a *gateholdv1.Approval) { a.ArgsDigest = sum(editedArgs) },
		"another verb":   func(a *gateholdv1.Approval) { a.Verb = "filesystem:write_file" },
		"nothing":        func(a *gateholdv1.Approval) { proto.Reset(a) },
	} {
		t.Run(name, func(t *testing.T) {
			gate := startAsking(t)
			gate.request = func(*gateholdv1.RequestApprovalRequest) (*gateholdv1.Approval, error) {
				wrong := approval(pending, askedArgs)
				spoil(wrong)
				return wrong, nil
			}
			ran, err := gate.try(t, nil)
			requireFailClosed(t, requireNotRun(t, err, gatehold.ErrBlocked).Answer, gatehold.ReasonInvalidResponse)
			ran.none(t)
		})
	}
}
