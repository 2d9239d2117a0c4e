package gatehold

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/protobuf/types/known/durationpb"
)

const longestText = 4096 // bytes of UTF-8; the gate refuses more

var errNoReturn = errors.New("it panicked, or ended its goroutine")

// outcome is how a guarded run ended.
type outcome struct {
	value    gateholdv1.Outcome
	text     string // of the error; empty when it succeeded
	duration time.Duration
}

// execute runs the function and reports how it ended. What it returned passes unchanged, and so does a panic.
func (g *Guard) execute(ctx context.Context, run execution, report func(outcome)) error {
	began, err := time.Now(), errNoReturn
	defer func() {
		ended := outcome{gateholdv1.Outcome_OUTCOME_SUCCEEDED, "", time.Since(began)}
		if err != nil {
			ended.value, ended.text = gateholdv1.Outcome_OUTCOME_FAILED, describe(err, g.errorText)
		}
		report(ended)
	}()
	err = run(ctx)
	return err
}

// describe returns the error's type, and its text where that is wanted; a text is the function's own code, and may panic.
func describe(err error, withText bool) (text string) {
	name := fmt.Sprintf("%T", err)
	if err == errNoReturn {
		return "panic"
	}
	if !withText {
		return name
	}
	defer func() {
		if recover() != nil {
			text = name
		}
	}()
	return cut(name + ": " + err.Error())
}

func cut(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "") // half a character may be left of the last one
	}
	return text
}

func (o outcome) record(verb, decisionID, approvalID string) *gateholdv1.AuditRecord {
	return &gateholdv1.AuditRecord{
		Kind: gateholdv1.RecordKind_RECORD_KIND_TOOL_EXECUTION,
		Verb: verb,
		Detail: &gateholdv1.AuditRecord_Execution{Execution: &gateholdv1.ExecutionDetail{
			DecisionId: decisionID,
			Outcome:    o.value,
			Error:      o.text,
			Duration:   durationpb.New(o.duration),
			ApprovalId: approvalID,
		}},
	}
}
