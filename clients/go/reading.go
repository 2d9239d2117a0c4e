package gatehold

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"gatehold.dev/go/digest"
	"gatehold.dev/go/internal/clock"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// fromError returns the block that an error status stands for.
func fromError(err error, argsDigest string) Answer {
	switch status.Code(err) {
	case codes.InvalidArgument, codes.Unauthenticated, codes.PermissionDenied, codes.ResourceExhausted,
		codes.FailedPrecondition, codes.NotFound, codes.Unimplemented:
		return failClosed(ReasonRefused, "The gate refused the request: "+problem(err), argsDigest)
	}
	return failClosed(ReasonSidecarUnreachable, "The gate could not be asked: "+problem(err), argsDigest)
}

func problem(err error) string {
	return fmt.Sprintf("%v: %s", status.Code(err), status.Convert(err).Message())
}

// fromResponse returns the answer, or a block where anything about the response is not as it must be.
func (g *Guard) fromResponse(response *gateholdv1.EvaluateResponse, argsDigest string) Answer {
	answer, err := read(response, argsDigest)
	if err != nil {
		return failClosed(ReasonInvalidResponse, fmt.Sprintf("The gate's answer is unusable: %v", err), argsDigest)
	}
	for _, obligation := range answer.Obligations {
		if _, known := g.handlers[obligation.Type]; !known && answer.Decision != Block {
			reason := fmt.Sprintf("The call carries an obligation nobody here knows: %s", obligation.Type)
			return failClosed(ReasonUnknownObligation, reason, argsDigest)
		}
	}
	return answer
}

func read(response *gateholdv1.EvaluateResponse, argsDigest string) (Answer, error) {
	words := words{}
	answer := Answer{
		Decision:      Decision(words.lower(gateholdv1.Decision_name, int32(response.GetDecision()))),
		RiskLevel:     RiskLevel(words.word(gateholdv1.RiskLevel_name, int32(response.GetRiskLevel()))),
		Reason:        response.GetReason(),
		ReasonCode:    ReasonCode(words.lower(gateholdv1.ReasonCode_name, int32(response.GetReasonCode()))),
		PolicyMatched: response.GetPolicyMatched(),
		DecisionID:    response.GetDecisionId(),
		Revision:      response.GetRevision(),
		Source:        Source(words.lower(gateholdv1.DecisionSource_name, int32(response.GetSource()))),
		ArgsDigest:    argsDigest,
		Trace:         response.GetTrace(),
		validUntil:    response.GetValidUntilBoottimeNs(),
	}
	words.trace(response.GetTrace())
	obligations, err := readObligations(response.GetObligations())
	answer.Obligations = obligations
	return answer, cmp.Or(words.err, err, answer.sound(response.GetArgsDigest()), answer.inTime())
}

// sound finds what is wrong with an answer that is made of known words.
func (a Answer) sound(argsDigest string) error {
	if a.Decision != Block && (a.Source == SourceFailClosed || a.Revision < 1) {
		return errors.New("it permits what nobody decided")
	}
	if a.DecisionID == "" || argsDigest != a.ArgsDigest {
		return errors.New("it is not about this call")
	}
	return nil
}

func (a Answer) inTime() error {
	if a.validUntil == 0 {
		return nil
	}
	if now, err := clock.BoottimeNS(); err != nil || now >= a.validUntil {
		return errors.New("it came too late")
	}
	return nil
}

func readObligations(asked []*gateholdv1.Obligation) ([]Obligation, error) {
	obligations := make([]Obligation, 0, len(asked))
	for _, obligation := range asked {
		properties, err := digest.Canonical([]byte(obligation.GetPropertiesJson()), "properties_json")
		if err != nil || obligation.GetId() == "" || obligation.GetType() == "" {
			return nil, errors.New("an obligation lacks its id, type or properties")
		}
		obligations = append(obligations, Obligation{obligation.GetId(), obligation.GetType(), properties})
	}
	return obligations, nil
}

// words reads enum values, and keeps an error for a number that this package does not know, and for the zero that means
// nothing was said.
type words struct{ err error }

func (w *words) word(names map[int32]string, number int32) string {
	if number == 0 {
		w.err = errors.New("it does not say all that it must")
		return ""
	}
	return strings.TrimPrefix(w.known(names, number), strings.TrimSuffix(names[0], "UNSPECIFIED"))
}

func (w *words) known(names map[int32]string, number int32) string {
	name, known := names[number]
	if !known {
		w.err = fmt.Errorf("it has a value that nobody here knows: %d", number)
	}
	return name
}

func (w *words) lower(names map[int32]string, number int32) string {
	return strings.ToLower(w.word(names, number))
}

// trace only lets through what this package knows; there, zero has a meaning.
func (w *words) trace(trace *gateholdv1.Trace) {
	for _, candidate := range trace.GetCandidates() {
		w.known(gateholdv1.Truth_name, int32(candidate.GetResult()))
		w.known(gateholdv1.CandidateRole_name, int32(candidate.GetRole()))
		for _, comparison := range candidate.GetComparisons() {
			w.known(gateholdv1.Truth_name, int32(comparison.GetResult()))
		}
	}
}
