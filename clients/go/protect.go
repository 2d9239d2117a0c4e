package gatehold

import (
	"context"
	"time"

	gateholdv1 "gatehold.dev/go/v1"
)

// rounds is how often a call is decided on anew because policy changed while a person was to be asked.
const rounds = 3

// ProtectOptions are what [Protect] and [Run] say of every call. The zero value says nothing and waits.
type ProtectOptions struct {
	// Context is what the agent says of its situation: anything that encoding/json makes an object of.
	Context any
	// OnBehalfOf names whom the agent acts for; empty for nobody.
	OnBehalfOf string
	// ToolDefinitionDigest is the hex SHA-256 of the tool definition that the model was shown; empty for none.
	ToolDefinitionDigest string
	// Justification tells those who decide why the agent wants it, in at most 4 KiB; empty where it does not say.
	Justification string
	// Timeout is how long to wait for a person. 0: as long as the context permits. Negative: not at all.
	Timeout time.Duration
	// OnWait is told of the approval when the wait begins; nil for nobody.
	OnWait func(*gateholdv1.Approval)
}

// Protect returns the guarded form of a function, for calls of one verb, and registers it for [Guard.Resume].
//
// A is what encoding/json makes an object of. The function runs only on an allow, once every obligation is met, or after
// a person approved, with the arguments that were decided on: a copy by way of JSON, so what JSON does not carry, such as
// unexported fields, is not in it. They may be other arguments than the ones it was called with, where an approver edited
// them. Its outcome goes on the record, and what it returns passes unchanged. Otherwise the error is a [*NotRunError].
//
// options may be nil.
func Protect[A, R any](
	guard *Guard, verb string, function func(context.Context, A) (R, error), options *ProtectOptions,
) func(context.Context, A) (R, error) {
	guard.protected.add(verb, func() (*call, func() any) {
		var result R
		return newCall(verb, bind(function, &result), options), func() any { return result }
	})
	return func(ctx context.Context, args A) (R, error) {
		return Run(ctx, guard, verb, args, function, options)
	}
}

// Run guards one call of a function, as [Protect] does. Nothing resumes it in another process.
func Run[A, R any](
	ctx context.Context, guard *Guard, verb string, args A,
	function func(context.Context, A) (R, error), options *ProtectOptions,
) (R, error) {
	var result R
	err := guard.run(ctx, newCall(verb, bind(function, &result), options), args)
	return result, err
}

// execution calls a guarded function with arguments that were frozen.
type execution func(context.Context) error

// binding hides a guarded function's types: from frozen arguments to its execution.
type binding func(frozen) (execution, error)

func bind[A, R any](function func(context.Context, A) (R, error), result *R) binding {
	return func(args frozen) (execution, error) {
		value, err := thaw[A](args)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (err error) {
			*result, err = function(ctx, value)
			return err
		}, nil
	}
}

// call is one guarded call on its way.
type call struct {
	verb    string
	bind    binding
	options ProtectOptions
	answer  Answer // the decision that asks for approval; empty for a call that is resumed
}

func newCall(verb string, bind binding, options *ProtectOptions) *call {
	if options == nil {
		options = &ProtectOptions{}
	}
	return &call{verb: verb, bind: bind, options: *options}
}

func (c *call) prepare(args any) (*question, error) {
	return prepare(c.verb, args, &EvaluateOptions{
		Context:              c.options.Context,
		OnBehalfOf:           c.options.OnBehalfOf,
		ToolDefinitionDigest: c.options.ToolDefinitionDigest,
	})
}

func (g *Guard) run(ctx context.Context, call *call, args any) error {
	question, err := call.prepare(args)
	if err != nil {
		return blocked(call.verb, failClosed(ReasonRefused, err.Error(), ""))
	}
	execution, err := call.bind(question.args)
	if err != nil {
		return blocked(call.verb, failClosed(ReasonRefused, err.Error(), question.args.digest))
	}
	for range rounds {
		answer := g.ask(ctx, question)
		if answer.Decision != RequireApproval {
			return g.runAllowed(ctx, call, answer, execution)
		}
		approval, err := g.request(ctx, call, question)
		if reasonOf(err) == gateholdv1.ErrorReason_ERROR_REASON_APPROVAL_NOT_REQUIRED {
			continue
		}
		if err != nil {
			return blocked(call.verb, fromRequest(err, question.args.digest))
		}
		call.answer = answer
		return g.runApproved(ctx, call, question, approval)
	}
	reason := "The gate asks for an approval, and then wants none"
	return blocked(call.verb, failClosed(ReasonInvalidResponse, reason, question.args.digest))
}

func (g *Guard) runAllowed(ctx context.Context, call *call, answer Answer, execution execution) error {
	if !answer.Allowed() {
		return blocked(call.verb, answer)
	}
	if err := g.meet(ctx, answer.Obligations); err != nil {
		return blocked(call.verb, failClosed(ReasonUnknownObligation, err.Error(), answer.ArgsDigest))
	}
	// Handlers take their time, so this is looked at last.
	if err := answer.inTime(); err != nil {
		return blocked(call.verb, failClosed(ReasonInvalidResponse, err.Error(), answer.ArgsDigest))
	}
	return g.execute(ctx, execution, func(outcome outcome) {
		g.recorder.put(outcome.record(call.verb, answer.DecisionID, ""))
	})
}
