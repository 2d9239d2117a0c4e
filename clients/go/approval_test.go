package gatehold_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	gatehold "gatehold.dev/go"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
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

func TestAnApprovalThatEndsOtherwiseRunsNothing(t *testing.T) {
	ends := map[gateholdv1.ApprovalState]error{
		denied: gatehold.ErrApprovalDenied, expired: gatehold.ErrApprovalExpired, cancelled: gatehold.ErrApprovalCancelled,
	}
	for state := range gateholdv1.ApprovalState(12) { // some have no name
		if state == pending || state == approved {
			continue
		}
		t.Run(state.String(), func(t *testing.T) {
			kind, ended := ends[state]
			if !ended {
				kind = gatehold.ErrApprovalRefused
			}
			gate := startAsking(t)
			end := approval(state, askedArgs)
			end.EndReason = "too much"
			gate.watched(end)
			ran, err := gate.try(t, nil)
			notRun := requireNotRun(t, err, kind)
			if ended && notRun.Reason != "too much" || !proto.Equal(notRun.Approval, end) || notRun.Answer.DecisionID != "d-1" {
				t.Errorf("got %+v", notRun)
			}
			ran.none(t)
			gate.requireNoClaim(t)
		})
	}
}

func TestALostWatchIsOpenedAgain(t *testing.T) {
	gate := startAsking(t)
	gate.watch = func(tries int, send func(*gateholdv1.Approval)) error {
		switch tries {
		case 1:
			return status.Error(codes.Unavailable, "not now")
		case 2:
			send(approval(pending, askedArgs))
			return status.Error(codes.Internal, "oh")
		}
		send(approval(approved, askedArgs))
		return nil
	}
	if ran, err := gate.try(t, nil); err != nil || ran.count != 1 {
		t.Errorf("got %v; ran %+v", err, ran)
	}
}

func TestAWatchThatIsRefusedForGoodIsABlock(t *testing.T) {
	for _, code := range []codes.Code{
		codes.NotFound, codes.Unauthenticated, codes.PermissionDenied, codes.InvalidArgument, codes.Unimplemented,
	} {
		gate := startAsking(t)
		gate.watch = func(int, func(*gateholdv1.Approval)) error { return status.Error(code, "never") }
		ran, err := gate.try(t, nil)
		requireFailClosed(t, requireNotRun(t, err, gatehold.ErrBlocked).Answer, gatehold.ReasonRefused)
		ran.none(t)
		if watches := heardOf[*gateholdv1.WatchApprovalRequest](gate); len(watches) != 1 {
			t.Errorf("%v: watched %d times", code, len(watches))
		}
	}
}

func TestTheApprovalStaysOpenWhereNobodyDecides(t *testing.T) {
	for name, timeout := range map[string]time.Duration{"in time": 50 * time.Millisecond, "at once": -1} {
		t.Run(name, func(t *testing.T) {
			gate := startAsking(t)
			gate.watched(approval(pending, askedArgs))
			ran, err := gate.try(t, &gatehold.ProtectOptions{Timeout: timeout})
			if notRun := requireNotRun(t, err, gatehold.ErrApprovalPending); notRun.Approval.GetApprovalId() != "a-1" {
				t.Errorf("got %+v", notRun)
			}
			if errors.Is(err, context.DeadlineExceeded) {
				t.Error("the caller's context is not over")
			}
			ran.none(t)
			gate.requireNoClaim(t)
		})
	}
}

func TestCancellingTheContextEndsTheWait(t *testing.T) {
	gate := startAsking(t)
	ctx, cancel := context.WithCancel(t.Context())
	gate.watch = func(int, func(*gateholdv1.Approval)) error {
		cancel()
		return nil
	}
	var ran runs[read]
	_, err := gatehold.Run(ctx, gate.guard(t, gatehold.Options{}), verb, asked, ran.run, nil)
	requireNotRun(t, err, gatehold.ErrApprovalPending)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	ran.none(t)
}

func TestClosingTheGuardEndsTheWait(t *testing.T) {
	gate := startAsking(t)
	guard := gate.guard(t, gatehold.Options{})
	gate.watch = func(int, func(*gateholdv1.Approval)) error {
		go guard.Close()
		return nil
	}
	var ran runs[read]
	_, err := gatehold.Run(t.Context(), guard, verb, asked, ran.run, nil)
	requireNotRun(t, err, gatehold.ErrApprovalPending)
	ran.none(t)
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

func TestAWatchOfAnotherCallIsNotClaimed(t *testing.T) {
	other := approval(approved, askedArgs)
	other.ApprovalId = "a-2"
	verbless := approval(approved, askedArgs)
	verbless.Verb = ""
	for name, seen := range map[string]*gateholdv1.Approval{
		"another approval": other,
		"another digest":   approval(approved, editedArgs),
		"no verb":          verbless,
		"nothing":          nil,
	} {
		t.Run(name, func(t *testing.T) {
			gate := startAsking(t)
			gate.watched(seen)
			ran, err := gate.try(t, nil)
			requireNotRun(t, err, gatehold.ErrApprovalRefused)
			ran.none(t)
			gate.requireNoClaim(t)
		})
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
