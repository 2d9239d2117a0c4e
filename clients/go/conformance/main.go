// Command conformance makes one guarded call for the tests that every language's client shares: it reads one JSON object
// from standard input and prints one JSON line.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"os"
	"time"

	gatehold "gatehold.dev/go"
	"gatehold.dev/go/digest"
	gateholdv1 "gatehold.dev/go/v1"
)

type order struct {
	Target               string   `json:"target"`
	Operation            string   `json:"operation"` // evaluate, protect or digests
	Verb                 string   `json:"verb"`
	ArgsJSON             string   `json:"args_json"`
	ContextJSON          string   `json:"context_json"`
	OnBehalfOf           string   `json:"on_behalf_of"`
	ToolDefinitionDigest string   `json:"tool_definition_digest"`
	Justification        string   `json:"justification"`
	TimeoutSeconds       *float64 `json:"timeout_seconds"`  // of the waiting for a person; null for no end
	DeadlineSeconds      *float64 `json:"deadline_seconds"` // of a decision; null for the default
	Handlers             []string `json:"handlers"`         // types of obligation that are met, beside notification
	Fails                bool     `json:"fails"`            // the guarded function returns an error
	Texts                [][]byte `json:"texts"`            // to digest
}

type result struct {
	Result     string          `json:"result"`
	ReasonCode string          `json:"reason_code"`
	Source     string          `json:"source"`
	ArgsDigest string          `json:"args_digest"`
	Runs       int             `json:"runs"`
	RanWith    json.RawMessage `json:"ran_with"`
	Waited     bool            `json:"waited"`
	Digests    []*string       `json:"digests"`
}

func main() {
	log.SetFlags(0)
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	var asked order
	if err := json.Unmarshal(text, &asked); err != nil {
		log.Fatal(err)
	}
	done, err := asked.carryOut(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(done); err != nil {
		log.Fatal(err)
	}
}

func (o *order) carryOut(ctx context.Context) (*result, error) {
	done := &result{Digests: []*string{}}
	if o.Operation == "digests" {
		done.Digests = o.digests()
		return done, nil
	}
	guard, err := gatehold.Open(o.options())
	if err != nil {
		return nil, err
	}
	switch o.Operation {
	case "evaluate":
		o.evaluate(ctx, guard, done)
	case "protect":
		o.protect(ctx, guard, done)
	default:
		return nil, errors.New("no such operation: " + o.Operation)
	}
	return done, guard.Close()
}

func (o *order) options() *gatehold.Options {
	options := &gatehold.Options{Target: o.Target, Handlers: map[string]gatehold.Handler{}}
	if o.DeadlineSeconds != nil {
		options.Deadline = seconds(*o.DeadlineSeconds)
	}
	for _, name := range o.Handlers {
		options.Handlers[name] = func(context.Context, gatehold.Obligation) error { return nil }
	}
	return options
}

func seconds(number float64) time.Duration { return time.Duration(number * float64(time.Second)) }

func (o *order) digests() []*string {
	digests := make([]*string, len(o.Texts))
	for i, text := range o.Texts {
		if canonical, err := digest.Canonical(text, "args_json"); err == nil {
			sum := digest.Sum(canonical)
			digests[i] = &sum
		}
	}
	return digests
}

func (o *order) evaluate(ctx context.Context, guard *gatehold.Guard, done *result) {
	done.tell(guard.Evaluate(ctx, o.Verb, object(o.ArgsJSON), &gatehold.EvaluateOptions{
		Context:              object(o.ContextJSON),
		OnBehalfOf:           o.OnBehalfOf,
		ToolDefinitionDigest: o.ToolDefinitionDigest,
	}))
}

// object returns a JSON text as encoding/json writes it out, and nil for none.
func object(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

func (r *result) tell(answer gatehold.Answer) {
	r.Result = string(answer.Decision)
	r.ReasonCode = string(answer.ReasonCode)
	r.Source = string(answer.Source)
	r.ArgsDigest = answer.ArgsDigest
}

var errFails = errors.New("told to fail")

func (o *order) protect(ctx context.Context, guard *gatehold.Guard, done *result) {
	function := func(_ context.Context, args json.RawMessage) (struct{}, error) {
		done.Runs++
		done.RanWith = args
		if o.Fails {
			return struct{}{}, errFails
		}
		return struct{}{}, nil
	}
	options := &gatehold.ProtectOptions{
		Context:              object(o.ContextJSON),
		OnBehalfOf:           o.OnBehalfOf,
		ToolDefinitionDigest: o.ToolDefinitionDigest,
		Justification:        o.Justification,
		OnWait:               func(*gateholdv1.Approval) { done.Waited = true },
	}
	if o.TimeoutSeconds != nil {
		options.Timeout = cmp.Or(seconds(*o.TimeoutSeconds), -1)
	}
	_, err := gatehold.Run(ctx, guard, o.Verb, object(o.ArgsJSON), function, options)
	done.conclude(err)
}

var spellings = map[error]string{
	gatehold.ErrBlocked:           "blocked",
	gatehold.ErrApprovalPending:   "pending",
	gatehold.ErrApprovalDenied:    "denied",
	gatehold.ErrApprovalExpired:   "expired",
	gatehold.ErrApprovalCancelled: "cancelled",
	gatehold.ErrApprovalRefused:   "refused",
}

// conclude tells how a guarded call ended. args_digest is that of what ran, else of what did not.
func (r *result) conclude(err error) {
	var notRun *gatehold.NotRunError
	switch {
	case errors.As(err, &notRun):
		r.tell(notRun.Answer)
		r.Result = spellings[notRun.Kind]
		return
	case err != nil:
		r.Result = "failed"
	default:
		r.Result = "ran"
	}
	if canonical, err := digest.Canonical(r.RanWith, "args_json"); err == nil {
		r.ArgsDigest = digest.Sum(canonical)
	}
}
