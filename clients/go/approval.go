package gatehold

import (
	"cmp"
	"context"
	"errors"

	gateholdv1 "gatehold.dev/go/v1"
)

var errUnusable = errors.New("the gate's approval is not about this call")

// request asks for an approval. The error is that of the call, or errUnusable.
func (g *Guard) request(ctx context.Context, call *call, question *question) (*gateholdv1.Approval, error) {
	ctx, cancel := context.WithTimeout(ctx, approvalDeadline)
	defer cancel()
	response, err := g.stub.RequestApproval(ctx, &gateholdv1.RequestApprovalRequest{
		Verb:                 question.request.GetVerb(),
		ArgsJson:             question.request.GetArgsJson(),
		ContextJson:          question.request.GetContextJson(),
		OnBehalfOf:           question.request.GetOnBehalfOf(),
		ToolDefinitionDigest: question.request.GetToolDefinitionDigest(),
		Justification:        call.options.Justification,
	})
	if err != nil {
		return nil, err
	}
	if !question.isAbout(response.GetApproval()) {
		return nil, errUnusable
	}
	return response.GetApproval(), nil
}

// isAbout tells whether an approval is of this very call, or of what an approver made of it.
func (q *question) isAbout(approval *gateholdv1.Approval) bool {
	mine := approval.GetEdited() || approval.GetArgsDigest() == q.args.digest
	return approval.GetApprovalId() != "" && approval.GetArgsDigest() != "" &&
		approval.GetVerb() == q.request.GetVerb() && mine
}

func fromRequest(err error, argsDigest string) Answer {
	if errors.Is(err, errUnusable) {
		return failClosed(ReasonInvalidResponse, err.Error(), argsDigest)
	}
	return fromError(err, argsDigest)
}

func (g *Guard) runApproved(ctx context.Context, call *call, question *question, approval *gateholdv1.Approval) error {
	if approval.GetState() == gateholdv1.ApprovalState_APPROVAL_STATE_PENDING {
		if call.options.OnWait != nil {
			call.options.OnWait(approval)
		}
		decided, err := g.await(ctx, call, approval)
		if err != nil {
			return err
		}
		approval = decided
	}
	if approval.GetState() != gateholdv1.ApprovalState_APPROVAL_STATE_APPROVED {
		return call.ended(approval)
	}
	if !question.isAbout(approval) {
		return call.notRun(ErrApprovalRefused, errUnusable.Error(), approval)
	}
	return g.runClaimed(ctx, call, question.context.digest, approval)
}

// ended says what became of an approval that may not be claimed.
func (c *call) ended(approval *gateholdv1.Approval) error {
	why := cmp.Or(approval.GetEndReason(), approval.GetReason())
	switch state := approval.GetState(); state {
	case gateholdv1.ApprovalState_APPROVAL_STATE_DENIED:
		return c.notRun(ErrApprovalDenied, why, approval)
	case gateholdv1.ApprovalState_APPROVAL_STATE_EXPIRED:
		return c.notRun(ErrApprovalExpired, why, approval)
	case gateholdv1.ApprovalState_APPROVAL_STATE_CANCELLED:
		return c.notRun(ErrApprovalCancelled, why, approval)
	default:
		return c.notRun(ErrApprovalRefused, "it is not this process that may run it: "+state.String(), approval)
	}
}

func (c *call) notRun(kind error, reason string, approval *gateholdv1.Approval) *NotRunError {
	return &NotRunError{Kind: kind, Verb: c.verb, Reason: reason, Answer: c.answer, Approval: approval}
}

type approvalKey struct{}

// ApprovalID returns the id of the approval that the guarded function with this context runs under; empty where it needed
// none. It is the idempotency key for the tool behind: one approved call has one id, however often it has to be tried.
func ApprovalID(ctx context.Context) string {
	id, _ := ctx.Value(approvalKey{}).(string)
	return id
}
