package gatehold_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	gatehold "gatehold.dev/go"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func completions(g *gate) int { return len(heardOf[*gateholdv1.CompleteApprovalRequest](g)) }

func TestACompletionIsToldUntilItIsTaken(t *testing.T) {
	gate := startAsking(t)
	lost := []codes.Code{codes.Unavailable, codes.Internal, codes.Unauthenticated}
	gate.complete = func(tries int) error {
		if tries <= len(lost) {
			return status.Error(lost[tries-1], "not now")
		}
		return nil
	}
	guard := gate.guard(t, gatehold.Options{})
	var ran runs[read]
	if result, err := gatehold.Run(t.Context(), guard, verb, asked, ran.run, nil); result != "done" || err != nil {
		t.Errorf("got %q, %v", result, err)
	}
	eventually(t, "the completion is taken", func() bool { return completions(gate) == 4 })
	if err := guard.Close(); err != nil || completions(gate) != 4 {
		t.Errorf("closed with %v, told %d times", err, completions(gate))
	}
}

func TestACompletionThatIsRefusedForGoodIsToldOnce(t *testing.T) {
	for _, code := range []codes.Code{
		codes.Aborted, codes.FailedPrecondition, codes.NotFound, codes.InvalidArgument, codes.AlreadyExists,
		codes.OutOfRange, codes.Unimplemented,
	} {
		gate := startAsking(t)
		gate.complete = func(int) error { return status.Error(code, "never") }
		guard := gate.guard(t, gatehold.Options{})
		var ran runs[read]
		if result, err := gatehold.Run(t.Context(), guard, verb, asked, ran.run, nil); result != "done" || err != nil {
			t.Errorf("got %q, %v", result, err)
		}
		eventually(t, "a completion", func() bool { return completions(gate) > 0 })
		guard.Close() // tries once more what is not settled
		if completions(gate) != 1 {
			t.Errorf("%v: told %d times", code, completions(gate))
		}
	}
}

func TestClosingTriesOnceMore(t *testing.T) {
	gate := startAsking(t)
	var recovered, taken atomic.Bool
	available := func() error {
		if recovered.Load() {
			return nil
		}
		return status.Error(codes.Unavailable, "not now")
	}
	gate.complete = func(int) error {
		taken.Store(recovered.Load())
		return available()
	}
	gate.record = func(string, *gateholdv1.AgentRecord) error { return available() }
	guard := gate.guard(t, gatehold.Options{})
	var ran runs[read]
	if _, err := gatehold.Run(t.Context(), guard, verb, asked, ran.run, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a completion that fails", func() bool { return completions(gate) > 0 })
	recovered.Store(true)
	guard.Close()
	if records := gate.recorded(t, 0); !taken.Load() || len(records) != 1 {
		t.Errorf("taken: %t, recorded %v", taken.Load(), records)
	}
}

func TestClosingDoesNotWaitForAGateThatNeverRecovers(t *testing.T) {
	gate := startAsking(t)
	gate.complete = func(int) error { return status.Error(codes.Unavailable, "not now") }
	gate.record = func(string, *gateholdv1.AgentRecord) error { return status.Error(codes.Unavailable, "not now") }
	guard := gate.guard(t, gatehold.Options{})
	var ran runs[read]
	if _, err := gatehold.Run(t.Context(), guard, verb, asked, ran.run, nil); err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() {
		guard.Close()
		close(closed)
	}()
	eventually(t, "the guard is closed", func() bool {
		select {
		case <-closed:
			return true
		default:
			return false
		}
	})
}

// runMany makes guarded calls, each under a decision of its own, and returns the ids of the decisions that are recorded.
func runMany(t *testing.T, gate *gate, count, recorded int) []string {
	t.Helper()
	guard := gate.guard(t, gatehold.Options{})
	for i := range count {
		gate.spoilt(func(r *gateholdv1.EvaluateResponse) { r.DecisionId = fmt.Sprint("d-", i) })
		var ran runs[read]
		if _, err := gatehold.Run(t.Context(), guard, verb, asked, ran.run, nil); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, record := range gate.recorded(t, recorded) {
		ids = append(ids, record.GetExecution().GetDecisionId())
	}
	return ids
}

func TestARecordThatWasStoredIsNotStoredAgain(t *testing.T) {
	gate := startGate(t)
	broken := false
	gate.record = func(_ string, sent *gateholdv1.AgentRecord) error {
		if sent.GetSequence() == 3 && !broken {
			broken = true
			return status.Error(codes.Unavailable, "not now")
		}
		return nil
	}
	if ids := runMany(t, gate, 5, 5); fmt.Sprint(ids) != "[d-0 d-1 d-2 d-3 d-4]" || !broken {
		t.Errorf("recorded %v", ids)
	}
}

func TestARecordThatIsRefusedForGoodHoldsUpNoOther(t *testing.T) {
	gate := startGate(t)
	gate.record = func(_ string, sent *gateholdv1.AgentRecord) error {
		if sent.GetRecord().GetExecution().GetDecisionId() == "d-1" {
			return status.Error(codes.InvalidArgument, "record.execution: is wrong")
		}
		return nil
	}
	if ids := runMany(t, gate, 4, 3); fmt.Sprint(ids) != "[d-0 d-2 d-3]" {
		t.Errorf("recorded %v", ids)
	}
}

func TestAStreamThatTheGateForgotIsStartedAnew(t *testing.T) {
	gate := startGate(t)
	forgot := false
	gate.record = func(stream string, sent *gateholdv1.AgentRecord) error {
		if sent.GetSequence() == 3 && !forgot {
			forgot = true
			gate.streams = map[string]uint64{}
		}
		return nil
	}
	if ids := runMany(t, gate, 5, 5); fmt.Sprint(ids) != "[d-0 d-1 d-2 d-3 d-4]" || len(gate.streams) != 1 {
		t.Errorf("recorded %v on %v", ids, gate.streams)
	}
}
