package gatehold

import (
	"context"

	gateholdv1 "gatehold.dev/go/v1"
)

// EvaluateOptions are what a call says beside its verb and arguments. The zero value says nothing.
type EvaluateOptions struct {
	// Context is what the agent says of its situation: anything that encoding/json makes an object of.
	Context any
	// OnBehalfOf names whom the agent acts for; empty for nobody.
	OnBehalfOf string
	// ToolDefinitionDigest is the hex SHA-256 of the tool definition that the model was shown; empty for none.
	ToolDefinitionDigest string
	// RequestID is the caller's own correlation id for the record; empty for none.
	RequestID string
	// Preflight says that the call does not run next. It never changes the decision.
	Preflight bool
	// Explain asks for [Answer.Trace].
	Explain bool
}

// Evaluate asks what the gate says of one call. What could not be decided comes back as a block.
//
// verb is provider:tool; args is anything that encoding/json makes an object of, nil for none; options may be nil. That
// each obligation has a handler is checked; meeting them is the caller's.
func (g *Guard) Evaluate(ctx context.Context, verb string, args any, options *EvaluateOptions) Answer {
	if options == nil {
		options = &EvaluateOptions{}
	}
	question, err := prepare(verb, args, options)
	if err != nil {
		return failClosed(ReasonRefused, err.Error(), "")
	}
	return g.ask(ctx, question)
}

// question is a request, with the frozen arguments that its answer must be about.
type question struct {
	request *gateholdv1.EvaluateRequest
	args    frozen
	context frozen
}

func prepare(verb string, args any, options *EvaluateOptions) (*question, error) {
	frozenArgs, err := freeze(args, "args")
	if err != nil {
		return nil, err
	}
	frozenContext, err := freeze(options.Context, "context")
	if err != nil {
		return nil, err
	}
	request := &gateholdv1.EvaluateRequest{
		Verb:                 verb,
		ArgsJson:             string(frozenArgs.json),
		Intent:               gateholdv1.Intent_INTENT_EXECUTE,
		OnBehalfOf:           options.OnBehalfOf,
		RequestId:            options.RequestID,
		ToolDefinitionDigest: options.ToolDefinitionDigest,
		Explain:              options.Explain,
	}
	if string(frozenContext.json) != "{}" {
		request.ContextJson = string(frozenContext.json)
	}
	if options.Preflight {
		request.Intent = gateholdv1.Intent_INTENT_PREFLIGHT
	}
	return &question{request, frozenArgs, frozenContext}, nil
}

func (g *Guard) ask(ctx context.Context, question *question) Answer {
	ctx, cancel := context.WithTimeout(ctx, g.deadline)
	defer cancel()
	response, err := g.stub.Evaluate(ctx, question.request)
	if err != nil {
		return fromError(err, question.args.digest)
	}
	return g.fromResponse(response, question.args.digest)
}
