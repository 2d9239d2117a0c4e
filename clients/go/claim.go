package gatehold

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"gatehold.dev/go/internal/clock"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	claimTries = 5
	claimLease = 5 * time.Minute // where the gate does not say how long a claim holds
)

// runClaimed claims an approved call and runs it. Without a reply to the claim that passes every check nothing runs.
func (g *Guard) runClaimed(
	ctx context.Context, call *call, contextDigest string, approval *gateholdv1.Approval,
) error {
	if approval.GetArgsDigest() == "" {
		return call.notRun(ErrApprovalRefused, errUnusable.Error(), approval)
	}
	claim := &gateholdv1.ClaimApprovalRequest{
		ApprovalId:           approval.GetApprovalId(),
		ClaimId:              randomUUID(),
		ArgsDigest:           approval.GetArgsDigest(),
		ContextDigest:        contextDigest,
		ToolDefinitionDigest: call.options.ToolDefinitionDigest,
	}
	reply, err := g.claim(ctx, claim)
	if err != nil {
		refused := call.notRun(ErrApprovalRefused, "it could not be claimed: "+problem(err), approval)
		refused.cause = ctx.Err()
		return refused
	}
	args, err := claimed(reply.GetApproval(), claim, call.verb)
	if err != nil {
		return call.notRun(ErrApprovalRefused, err.Error(), approval)
	}
	return g.runFrozen(ctx, call, claim, args, reply)
}

// runFrozen runs what a sound reply to a claim carries, and tells how it ended.
func (g *Guard) runFrozen(
	ctx context.Context, call *call, claim *gateholdv1.ClaimApprovalRequest, args frozen,
	reply *reply,
) error {
	execution, err := call.bind(args)
	if err == nil {
		err = g.meetClaimed(ctx, reply.GetObligations())
	}
	if err == nil {
		err = reply.inTime() // handlers take their time, so this is looked at last
	}
	if err != nil {
		g.complete(claim, outcome{value: gateholdv1.Outcome_OUTCOME_FAILED, text: cut(err.Error())})
		return call.notRun(ErrApprovalRefused, err.Error(), reply.GetApproval())
	}
	stop := g.renew(claim)
	ctx = context.WithValue(ctx, approvalKey{}, claim.GetApprovalId())
	return g.execute(ctx, execution, func(ended outcome) {
		stop()
		g.complete(claim, ended)
		g.recorder.put(ended.record(call.verb, call.answer.DecisionID, claim.GetApprovalId()))
	})
}

// reply is a reply to a claim, and when the claim was made.
type reply struct {
	*gateholdv1.ClaimApprovalResponse
	began int64 // nanoseconds on CLOCK_BOOTTIME, before the claim was sent
}

// inTime keeps a process that slept past the end of its claim from running what others may have run by now.
func (r *reply) inTime() error {
	lease := claimLease
	if left := r.GetApproval().GetTimeLeft(); left != nil {
		lease = left.AsDuration()
	}
	if now, err := clock.BoottimeNS(); err != nil || now-r.began >= lease.Nanoseconds() {
		return errors.New("the claim was over before the call could run")
	}
	return nil
}

// claim tries again where the gate may have taken the claim and its reply was lost: the same claim_id gets the same reply.
func (g *Guard) claim(ctx context.Context, request *gateholdv1.ClaimApprovalRequest) (*reply, error) {
	var pace pace
	for try := 1; ; try++ {
		began, err := clock.BoottimeNS()
		if err != nil {
			return nil, err
		}
		response, err := g.claimOnce(ctx, request)
		if err == nil || try == claimTries || !isUnknown(err) || !pace.wait(ctx) {
			return &reply{response, began}, err
		}
	}
}

func (g *Guard) claimOnce(
	ctx context.Context, request *gateholdv1.ClaimApprovalRequest,
) (*gateholdv1.ClaimApprovalResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, approvalDeadline)
	defer cancel()
	return g.stub.ClaimApproval(ctx, request)
}

// isUnknown tells whether nobody knows what became of a call.
func isUnknown(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Unknown:
		return true
	}
	return false
}

// claimed returns the arguments to run, which are the approver's where it edited them.
func claimed(
	approval *gateholdv1.Approval, claim *gateholdv1.ClaimApprovalRequest, verb string,
) (frozen, error) {
	if approval.GetState() != gateholdv1.ApprovalState_APPROVAL_STATE_CLAIMED ||
		approval.GetApprovalId() != claim.GetApprovalId() || approval.GetClaimId() != claim.GetClaimId() {
		return frozen{}, errors.New("the gate's reply is not about this claim")
	}
	args, err := refreeze([]byte(approval.GetArgsJson()), "args_json")
	if err != nil {
		return frozen{}, fmt.Errorf("the gate's reply is unusable: %w", err)
	}
	if approval.GetVerb() != verb || args.digest != approval.GetArgsDigest() || args.digest != claim.GetArgsDigest() {
		return frozen{}, errors.New("the gate's reply is not about the call that was approved")
	}
	return args, nil
}

// randomUUID returns one of version 4 (RFC 9562, section 5.4).
func randomUUID() string {
	var id [16]byte
	rand.Read(id[:]) // never fails
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
