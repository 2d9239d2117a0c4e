package gatehold

import (
	"context"
	"time"

	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// renew keeps the claim while the function runs, until stop is called.
func (g *Guard) renew(claim *gateholdv1.ClaimApprovalRequest) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		ticker := time.NewTicker(g.renewal)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			// The run goes on either way: nothing here could stop it halfway.
			if _, err := g.claim(ctx, claim); err != nil && ctx.Err() == nil {
				g.log.Warn("a claim was not renewed", "approval", claim.GetApprovalId(), "error", problem(err))
			}
		}
	}()
	return cancel
}

// complete tells the gate how a claimed call ended, in the background, until the gate takes it or refuses it for good.
func (g *Guard) complete(claim *gateholdv1.ClaimApprovalRequest, ended outcome) {
	request := &gateholdv1.CompleteApprovalRequest{
		ApprovalId: claim.GetApprovalId(),
		ClaimId:    claim.GetClaimId(),
		Outcome:    ended.value,
		Error:      ended.text,
		Duration:   durationpb.New(ended.duration),
	}
	g.reports.start(func(life context.Context) {
		var pace pace
		for {
			last := life.Err() != nil
			err := g.completeOnce(request)
			if err == nil {
				return
			}
			if last || isRefusal(err) {
				g.log.Error("the gate does not know how an approved call ended",
					"approval", claim.GetApprovalId(), "error", problem(err))
				return
			}
			pace.wait(life)
		}
	})
}

func (g *Guard) completeOnce(request *gateholdv1.CompleteApprovalRequest) error {
	ctx, cancel := context.WithTimeout(context.Background(), approvalDeadline)
	defer cancel()
	_, err := g.stub.CompleteApproval(ctx, request)
	return err
}

// isRefusal tells whether saying the same again is of no use. A credential that is refused is no such end: it may be made
// good.
func isRefusal(err error) bool {
	switch status.Code(err) {
	case codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.FailedPrecondition, codes.Aborted,
		codes.OutOfRange, codes.Unimplemented:
		return true
	}
	return false
}
