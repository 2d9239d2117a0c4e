package gatehold_test

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	gatehold "gatehold.dev/go"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const verb = "filesystem:read_text_file"

var someArgs = map[string]any{"path": "README.md", "lines": 1.0}

func TestAnAllowIsHandedOn(t *testing.T) {
	gate := startGate(t)
	answer := gate.guard(t, gatehold.Options{}).Evaluate(t.Context(), verb, someArgs, nil)
	if !answer.Allowed() || answer.RiskLevel != "LOW" || answer.ReasonCode != "default_risk" || answer.Revision != 1 ||
		answer.Source != gatehold.SourcePolicy || answer.PolicyMatched != "builtin.low-allow" || answer.DecisionID != "d-1" ||
		answer.ArgsDigest != sum(`{"lines":1,"path":"README.md"}`) {
		t.Errorf("got %+v", answer)
	}
}

func TestWhatIsAsked(t *testing.T) {
	gate := startGate(t)
	options := &gatehold.EvaluateOptions{
		Context: struct {
			Task string `json:"task"`
		}{"<1>"},
		OnBehalfOf:           "user:1",
		ToolDefinitionDigest: strings.Repeat("a", 64),
		RequestID:            "r-1",
		Preflight:            true,
		Explain:              true,
	}
	gate.guard(t, gatehold.Options{}).Evaluate(t.Context(), verb, someArgs, options)
	asked := heardOf[*gateholdv1.EvaluateRequest](gate)[0]
	if asked.GetVerb() != verb || asked.GetArgsJson() != `{"lines":1,"path":"README.md"}` ||
		asked.GetContextJson() != `{"task":"<1>"}` || asked.GetOnBehalfOf() != "user:1" || asked.GetRequestId() != "r-1" ||
		asked.GetIntent() != gateholdv1.Intent_INTENT_PREFLIGHT || !asked.GetExplain() ||
		asked.GetToolDefinitionDigest() != strings.Repeat("a", 64) {
		t.Errorf("asked %v", asked)
	}
}

func TestNoArgumentsAreTheEmptyObject(t *testing.T) {
	gate := startGate(t)
	guard := gate.guard(t, gatehold.Options{})
	for _, args := range []any{nil, map[string]any(nil), struct{}{}} {
		if answer := guard.Evaluate(t.Context(), verb, args, nil); !answer.Allowed() {
			t.Errorf("%T: %+v", args, answer)
		}
	}
	for _, asked := range heardOf[*gateholdv1.EvaluateRequest](gate) {
		if asked.GetArgsJson() != "{}" || asked.GetContextJson() != "" || asked.GetIntent() != gateholdv1.Intent_INTENT_EXECUTE {
			t.Errorf("asked %v", asked)
		}
	}
}

func TestTheSizeOfArgumentsIsThatOfTheirCanonicalForm(t *testing.T) {
	gate := startGate(t)
	args := map[string]any{"html": strings.Repeat("<", 200_000)} // encoding/json would write six bytes for each
	if answer := gate.guard(t, gatehold.Options{}).Evaluate(t.Context(), verb, args, nil); !answer.Allowed() {
		t.Errorf("got %+v", answer)
	}
}

// unsound are answers that permit nothing, each an allow with one thing wrong.
var unsound = map[string]struct {
	code  gatehold.ReasonCode
	spoil func(*gateholdv1.EvaluateResponse)
}{
	"no decision":         {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.Decision = 0 }},
	"unknown decision":    {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.Decision = 99 }},
	"no source":           {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.Source = 0 }},
	"unknown source":      {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.Source = 99 }},
	"source fail_closed":  {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.Source = 3 }},
	"no reason code":      {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.ReasonCode = 0 }},
	"unknown reason code": {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.ReasonCode = 999 }},
	"no risk level":       {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.RiskLevel = 0 }},
	"unknown risk level":  {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.RiskLevel = 99 }},
	"no revision":         {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.Revision = 0 }},
	"no decision id":      {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.DecisionId = "" }},
	"no digest":           {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.ArgsDigest = "" }},
	"another digest":      {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.ArgsDigest = sum(`{"a":1}`) }},
	"too late":            {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.ValidUntilBoottimeNs = 1 }},
	"an end before boot":  {gatehold.ReasonInvalidResponse, func(r *gateholdv1.EvaluateResponse) { r.ValidUntilBoottimeNs = -1 }},
	"unknown obligation":  {gatehold.ReasonUnknownObligation, obligation("id", "two_keys", "")},
	"obligation, no id":   {gatehold.ReasonInvalidResponse, obligation("", "notification", "")},
	"obligation, no type": {gatehold.ReasonInvalidResponse, obligation("id", "", "")},
	"obligation, no JSON": {gatehold.ReasonInvalidResponse, obligation("id", "notification", "{")},
	"obligation, a list":  {gatehold.ReasonInvalidResponse, obligation("id", "notification", "[]")},
	"unknown truth":       {gatehold.ReasonInvalidResponse, trace(&gateholdv1.Candidate{Result: 99, Role: 1})},
	"unknown role":        {gatehold.ReasonInvalidResponse, trace(&gateholdv1.Candidate{Role: 99})},
	"no protobuf": {gatehold.ReasonSidecarUnreachable, func(r *gateholdv1.EvaluateResponse) {
		r.ProtoReflect().SetUnknown([]byte{0xff, 0xff})
	}},
	"no UTF-8": {gatehold.ReasonSidecarUnreachable, func(r *gateholdv1.EvaluateResponse) {
		r.ProtoReflect().SetUnknown([]byte{0x1a, 0x01, 0xff}) // field 3, the reason
	}},
}

func obligation(id, kind, properties string) func(*gateholdv1.EvaluateResponse) {
	return func(r *gateholdv1.EvaluateResponse) {
		r.Obligations = []*gateholdv1.Obligation{{Id: id, Type: kind, PropertiesJson: properties}}
	}
}

func trace(candidate *gateholdv1.Candidate) func(*gateholdv1.EvaluateResponse) {
	return func(r *gateholdv1.EvaluateResponse) {
		r.Trace = &gateholdv1.Trace{Candidates: []*gateholdv1.Candidate{candidate}}
	}
}

func (g *gate) spoilt(spoil func(*gateholdv1.EvaluateResponse)) {
	g.evaluate = func(_ context.Context, request *gateholdv1.EvaluateRequest) (*gateholdv1.EvaluateResponse, error) {
		response := allow(request)
		spoil(response)
		return response, nil
	}
}

func TestAnUnsoundAnswerIsABlock(t *testing.T) {
	for name, wrong := range unsound {
		t.Run(name, func(t *testing.T) {
			gate := startGate(t)
			gate.spoilt(wrong.spoil)
			answer := gate.guard(t, gatehold.Options{}).Evaluate(t.Context(), verb, someArgs, nil)
			requireFailClosed(t, answer, wrong.code)
		})
	}
}

func requireFailClosed(t *testing.T, answer gatehold.Answer, code gatehold.ReasonCode) {
	t.Helper()
	if answer.Decision != gatehold.Block || answer.Source != gatehold.SourceFailClosed || answer.RiskLevel != "HIGH" ||
		answer.ReasonCode != code || answer.Reason == "" {
		t.Errorf("got %+v, want a block for %s", answer, code)
	}
}

func TestTheZeroAnswerPermitsNothing(t *testing.T) {
	if (gatehold.Answer{}).Allowed() {
		t.Error("it is allowed")
	}
}

func TestABlockIsHandedOnWhateverItObliges(t *testing.T) {
	gate := startGate(t)
	gate.spoilt(func(r *gateholdv1.EvaluateResponse) {
		obligation("id", "two_keys", "")(r)
		r.Decision, r.ReasonCode = gateholdv1.Decision_DECISION_BLOCK, gateholdv1.ReasonCode_REASON_CODE_POLICY
	})
	answer := gate.guard(t, gatehold.Options{}).Evaluate(t.Context(), verb, someArgs, nil)
	if answer.Decision != gatehold.Block || answer.ReasonCode != "policy" || answer.Source != gatehold.SourcePolicy {
		t.Errorf("got %+v", answer)
	}
}

func TestAnApprovalThatObligesToSomethingUnknownIsABlock(t *testing.T) {
	gate := startGate(t)
	gate.spoilt(func(r *gateholdv1.EvaluateResponse) {
		obligation("id", "two_keys", "")(r)
		r.Decision = gateholdv1.Decision_DECISION_REQUIRE_APPROVAL
	})
	answer := gate.guard(t, gatehold.Options{}).Evaluate(t.Context(), verb, someArgs, nil)
	requireFailClosed(t, answer, gatehold.ReasonUnknownObligation)
}

func TestAnObligationWithAHandlerIsNoBlock(t *testing.T) {
	gate := startGate(t)
	gate.spoilt(obligation("id", "two_keys", `{"b":1,"a":2}`))
	handlers := map[string]gatehold.Handler{"two_keys": func(context.Context, gatehold.Obligation) error { return nil }}
	answer := gate.guard(t, gatehold.Options{Handlers: handlers}).Evaluate(t.Context(), verb, someArgs, nil)
	if !answer.Allowed() || string(answer.Obligations[0].Properties) != `{"a":2,"b":1}` {
		t.Errorf("got %+v", answer)
	}
}

func TestEveryErrorStatusIsABlock(t *testing.T) {
	refused := map[codes.Code]bool{
		codes.InvalidArgument: true, codes.Unauthenticated: true, codes.PermissionDenied: true, codes.ResourceExhausted: true,
		codes.FailedPrecondition: true, codes.NotFound: true, codes.Unimplemented: true,
	}
	gate := startGate(t)
	guard := gate.guard(t, gatehold.Options{})
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		gate.evaluate = func(context.Context, *gateholdv1.EvaluateRequest) (*gateholdv1.EvaluateResponse, error) {
			return nil, status.Error(code, "because")
		}
		want := gatehold.ReasonSidecarUnreachable
		if refused[code] {
			want = gatehold.ReasonRefused
		}
		requireFailClosed(t, guard.Evaluate(t.Context(), verb, someArgs, nil), want)
	}
}

func TestAGateThatIsTooSlowIsABlock(t *testing.T) {
	gate := startGate(t)
	gate.evaluate = func(ctx context.Context, request *gateholdv1.EvaluateRequest) (*gateholdv1.EvaluateResponse, error) {
		<-ctx.Done()
		return allow(request), nil
	}
	guard := gate.guard(t, gatehold.Options{Deadline: 50 * time.Millisecond})
	requireFailClosed(t, guard.Evaluate(t.Context(), verb, someArgs, nil), gatehold.ReasonSidecarUnreachable)
}

func TestAGateThatIsDeadIsABlock(t *testing.T) {
	gate := startGate(t)
	guard := gate.guard(t, gatehold.Options{})
	if answer := guard.Evaluate(t.Context(), verb, someArgs, nil); !answer.Allowed() {
		t.Fatalf("got %+v", answer)
	}
	gate.server.Stop()
	requireFailClosed(t, guard.Evaluate(t.Context(), verb, someArgs, nil), gatehold.ReasonSidecarUnreachable)
}

func TestAClosedGuardBlocks(t *testing.T) {
	guard := startGate(t).guard(t, gatehold.Options{})
	if err := guard.Close(); err != nil {
		t.Fatal(err)
	}
	requireFailClosed(t, guard.Evaluate(t.Context(), verb, someArgs, nil), gatehold.ReasonSidecarUnreachable)
}

func TestWhatIsNotJSONIsNotAsked(t *testing.T) {
	gate := startGate(t)
	guard := gate.guard(t, gatehold.Options{})
	for _, args := range []any{
		math.NaN(), "text", []int{1}, make(chan int), map[string]any{"n": 1 << 53},
		json.RawMessage(`{"a":1,"a":1}`), json.RawMessage(`{"a":"\ud800"}`), json.RawMessage("{\"a\":\"\xff\"}"),
	} {
		requireFailClosed(t, guard.Evaluate(t.Context(), verb, args, nil), gatehold.ReasonRefused)
		options := &gatehold.EvaluateOptions{Context: args}
		requireFailClosed(t, guard.Evaluate(t.Context(), verb, someArgs, options), gatehold.ReasonRefused)
	}
	if asked := heardOf[*gateholdv1.EvaluateRequest](gate); len(asked) != 0 {
		t.Errorf("asked %v", asked)
	}
}

func TestAnAnswerAsJSONHasTheShortSpellings(t *testing.T) {
	gate := startGate(t)
	text, err := json.Marshal(gate.guard(t, gatehold.Options{}).Evaluate(t.Context(), verb, nil, nil))
	want := `{"decision":"allow","risk_level":"LOW","reason":"LOW risk is allowed","reason_code":"default_risk",` +
		`"policy_matched":"builtin.low-allow","decision_id":"d-1","revision":1,"source":"policy","obligations":[],` +
		`"args_digest":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
}
