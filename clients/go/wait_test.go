package gatehold_test

import (
	"context"
	"errors"
	"testing"
	"time"

	gatehold "gatehold.dev/go"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

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
