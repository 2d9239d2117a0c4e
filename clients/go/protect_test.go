package gatehold_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	gatehold "gatehold.dev/go"
	"gatehold.dev/go/internal/clock"
	gateholdv1 "gatehold.dev/go/v1"
)

type read struct {
	Path   string   `json:"path"`
	Lines  float64  `json:"lines,omitempty"`
	Tags   []string `json:"tags,omitempty"`
	secret string
}

// runs counts how often a guarded function ran, and keeps what it ran with.
type runs[A any] struct {
	count int
	args  A
	err   error
}

func (r *runs[A]) run(_ context.Context, args A) (string, error) {
	r.count++
	r.args = args
	return "done", r.err
}

func (r *runs[A]) none(t *testing.T) {
	t.Helper()
	if r.count != 0 {
		t.Errorf("it ran with %v", r.args)
	}
}

func requireNotRun(t *testing.T, err, kind error) *gatehold.NotRunError {
	t.Helper()
	var notRun *gatehold.NotRunError
	if !errors.Is(err, kind) || !errors.As(err, &notRun) || notRun.Reason == "" {
		t.Fatalf("got %v, want %v", err, kind)
	}
	return notRun
}

func TestAnAllowedFunctionRunsWithTheFrozenArguments(t *testing.T) {
	gate := startGate(t)
	given := read{Path: "README.md", Tags: []string{"a"}, secret: "s"}
	gate.evaluate = func(_ context.Context, request *gateholdv1.EvaluateRequest) (*gateholdv1.EvaluateResponse, error) {
		given.Tags[0] = "changed meanwhile"
		return allow(request), nil
	}
	var ran runs[read]
	guarded := gatehold.Protect(gate.guard(t, gatehold.Options{}), verb, ran.run, nil)
	result, err := guarded(t.Context(), given)
	if result != "done" || err != nil || ran.count != 1 {
		t.Fatalf("got %q, %v; ran %d times", result, err, ran.count)
	}
	if ran.args.Path != "README.md" || ran.args.Tags[0] != "a" || ran.args.secret != "" {
		t.Errorf("ran with %+v", ran.args)
	}
	record := gate.recorded(t, 1)[0]
	execution := record.GetExecution()
	if record.GetKind() != gateholdv1.RecordKind_RECORD_KIND_TOOL_EXECUTION || record.GetVerb() != verb ||
		execution.GetDecisionId() != "d-1" || execution.GetOutcome() != gateholdv1.Outcome_OUTCOME_SUCCEEDED ||
		execution.GetError() != "" || execution.GetDuration() == nil || execution.GetApprovalId() != "" {
		t.Errorf("recorded %v", record)
	}
}

func TestAnUnsoundAnswerRunsNothing(t *testing.T) {
	for name, wrong := range unsound {
		t.Run(name, func(t *testing.T) {
			gate := startGate(t)
			gate.spoilt(wrong.spoil)
			var ran runs[read]
			_, err := gatehold.Run(t.Context(), gate.guard(t, gatehold.Options{}), verb, read{}, ran.run, nil)
			requireFailClosed(t, requireNotRun(t, err, gatehold.ErrBlocked).Answer, wrong.code)
			ran.none(t)
		})
	}
}

func TestABlockRunsNothing(t *testing.T) {
	gate := startGate(t)
	gate.spoilt(func(r *gateholdv1.EvaluateResponse) {
		r.Decision, r.Reason = gateholdv1.Decision_DECISION_BLOCK, "not today"
	})
	var ran runs[read]
	_, err := gatehold.Run(t.Context(), gate.guard(t, gatehold.Options{}), verb, read{}, ran.run, nil)
	if notRun := requireNotRun(t, err, gatehold.ErrBlocked); notRun.Reason != "not today" || notRun.Verb != verb {
		t.Errorf("got %+v", notRun)
	}
	if !strings.Contains(err.Error(), verb+": blocked: not today [default_risk]") {
		t.Errorf("got %v", err)
	}
	ran.none(t)
}

func TestEveryObligationIsMetBeforeTheRun(t *testing.T) {
	gate := startGate(t)
	gate.spoilt(func(r *gateholdv1.EvaluateResponse) {
		r.Obligations = []*gateholdv1.Obligation{{Id: "p1", Type: "notification"}, {Id: "p2", Type: "two_keys"}}
	})
	var ran runs[read]
	var met []string
	handler := func(_ context.Context, obligation gatehold.Obligation) error {
		ran.none(t)
		met = append(met, obligation.ID)
		return nil
	}
	guard := gate.guard(t, gatehold.Options{Handlers: map[string]gatehold.Handler{"two_keys": handler, "notification": handler}})
	if _, err := gatehold.Run(t.Context(), guard, verb, read{}, ran.run, nil); err != nil || ran.count != 1 {
		t.Errorf("got %v", err)
	}
	if fmt.Sprint(met) != "[p1 p2]" {
		t.Errorf("met %v", met)
	}
}

func TestAnObligationThatIsNotMetIsABlock(t *testing.T) {
	for name, handler := range map[string]gatehold.Handler{
		"error": func(context.Context, gatehold.Obligation) error { return errors.New("no") },
		"panic": func(context.Context, gatehold.Obligation) error { panic("no") },
		"nil":   nil,
	} {
		t.Run(name, func(t *testing.T) {
			gate := startGate(t)
			gate.spoilt(obligation("id", "two_keys", ""))
			guard := gate.guard(t, gatehold.Options{Handlers: map[string]gatehold.Handler{"two_keys": handler}})
			var ran runs[read]
			_, err := gatehold.Run(t.Context(), guard, verb, read{}, ran.run, nil)
			requireFailClosed(t, requireNotRun(t, err, gatehold.ErrBlocked).Answer, gatehold.ReasonUnknownObligation)
			ran.none(t)
		})
	}
}

func now(t *testing.T) int64 {
	t.Helper()
	now, err := clock.BoottimeNS()
	if err != nil {
		t.Fatal(err)
	}
	return now
}

func TestAnAnswerThatEndsWhileObligationsAreMetIsABlock(t *testing.T) {
	gate := startGate(t)
	end := now(t) + int64(time.Second)
	gate.spoilt(func(r *gateholdv1.EvaluateResponse) {
		obligation("id", "two_keys", "")(r)
		r.ValidUntilBoottimeNs = end
	})
	handled := false
	handler := func(context.Context, gatehold.Obligation) error {
		handled = true
		eventually(t, "the answer's end", func() bool { return now(t) >= end })
		return nil
	}
	guard := gate.guard(t, gatehold.Options{Handlers: map[string]gatehold.Handler{"two_keys": handler}})
	var ran runs[read]
	_, err := gatehold.Run(t.Context(), guard, verb, read{}, ran.run, nil)
	requireFailClosed(t, requireNotRun(t, err, gatehold.ErrBlocked).Answer, gatehold.ReasonInvalidResponse)
	if !handled {
		t.Error("it was over before")
	}
	ran.none(t)
}

// scrambled becomes another value on the way back.
type scrambled struct{ Amount int }

func (s *scrambled) UnmarshalJSON([]byte) error {
	s.Amount = 1_000
	return nil
}

func TestArgumentsThatDoNotComeBackAreNotAsked(t *testing.T) {
	gate := startGate(t)
	guard := gate.guard(t, gatehold.Options{})
	var ran runs[scrambled]
	_, err := gatehold.Run(t.Context(), guard, verb, scrambled{1}, ran.run, nil)
	requireFailClosed(t, requireNotRun(t, err, gatehold.ErrBlocked).Answer, gatehold.ReasonRefused)
	ran.none(t)
	if asked := heardOf[*gateholdv1.EvaluateRequest](gate); len(asked) != 0 {
		t.Errorf("asked %v", asked)
	}
}

func TestWhatTheFunctionReturnsPassesUnchanged(t *testing.T) {
	gate := startGate(t)
	guard := gate.guard(t, gatehold.Options{})
	ran := runs[read]{err: errors.New("the card 4242 is empty")}
	result, err := gatehold.Run(t.Context(), guard, verb, read{}, ran.run, nil)
	if result != "done" || err != ran.err {
		t.Errorf("got %q, %v", result, err)
	}
	execution := gate.recorded(t, 1)[0].GetExecution()
	if execution.GetOutcome() != gateholdv1.Outcome_OUTCOME_FAILED || execution.GetError() != "*errors.errorString" {
		t.Errorf("recorded %v", execution)
	}
}

func TestAPanicPassesAndIsRecorded(t *testing.T) {
	gate := startGate(t)
	guard := gate.guard(t, gatehold.Options{RecordErrorText: true})
	defer func() {
		if recovered := recover(); recovered != "told to" {
			t.Errorf("recovered %v", recovered)
		}
		execution := gate.recorded(t, 1)[0].GetExecution()
		if execution.GetOutcome() != gateholdv1.Outcome_OUTCOME_FAILED || execution.GetError() != "panic" {
			t.Errorf("recorded %v", execution)
		}
	}()
	gatehold.Run(t.Context(), guard, verb, read{}, func(context.Context, read) (int, error) { panic("told to") }, nil)
}

// mute has no text.
type mute struct{}

func (mute) Error() string { panic("no text") }

func TestTheTextOfAnErrorIsRecordedOnlyWhereItIsAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"text":       {errors.New("empty"), "*errors.errorString: empty"},
		"long":       {errors.New(strings.Repeat("é", 4_000)), "*errors.errorString: " + strings.Repeat("é", 2_037)},
		"not UTF-8":  {errors.New("a\xffb"), "*errors.errorString: a?b"},
		"text panic": {mute{}, "gatehold_test.mute"},
	} {
		t.Run(name, func(t *testing.T) {
			gate := startGate(t)
			guard := gate.guard(t, gatehold.Options{RecordErrorText: true})
			ran := runs[read]{err: c.err}
			gatehold.Run(t.Context(), guard, verb, read{}, ran.run, nil)
			if got := gate.recorded(t, 1)[0].GetExecution().GetError(); got != c.want {
				t.Errorf("recorded %d bytes: %.60s", len(got), got)
			}
		})
	}
}

func TestCancellingTheContextIsABlock(t *testing.T) {
	gate := startGate(t)
	ctx, cancel := context.WithCancel(t.Context())
	gate.evaluate = func(asked context.Context, request *gateholdv1.EvaluateRequest) (*gateholdv1.EvaluateResponse, error) {
		cancel()
		<-asked.Done()
		return allow(request), nil
	}
	var ran runs[read]
	_, err := gatehold.Run(ctx, gate.guard(t, gatehold.Options{}), verb, read{}, ran.run, nil)
	requireNotRun(t, err, gatehold.ErrBlocked)
	ran.none(t)
}
