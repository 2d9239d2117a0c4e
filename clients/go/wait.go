package gatehold

import (
	"context"
	"time"

	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	firstPause = 100 * time.Millisecond
	lastPause  = 2 * time.Second
)

// pace is the time between tries: each twice as long as the one before, up to lastPause.
type pace struct{ last time.Duration }

// wait returns false when the context ended first.
func (p *pace) wait(ctx context.Context) bool {
	p.last = min(max(2*p.last, firstPause), lastPause)
	timer := time.NewTimer(p.last)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

// await returns the approval once it is not pending any more, through every loss of the stream. The error is a block, or
// that the time to wait is over; then the approval stays open.
func (g *Guard) await(ctx context.Context, call *call, asked *gateholdv1.Approval) (*gateholdv1.Approval, error) {
	waiting, cancel := g.patience(ctx, call.options.Timeout)
	defer cancel()
	var pace pace
	for {
		seen, err := g.watch(waiting, asked.GetApprovalId())
		if seen != nil && seen.GetState() != gateholdv1.ApprovalState_APPROVAL_STATE_PENDING {
			return seen, nil
		}
		if isLost(err) {
			return nil, blocked(call.verb, fromError(err, asked.GetArgsDigest()))
		}
		if seen != nil {
			pace.last = 0
		}
		if !pace.wait(waiting) {
			pending := call.notRun(ErrApprovalPending, "nobody has decided yet", asked)
			pending.cause = ctx.Err()
			return nil, pending
		}
	}
}

// patience returns a context that also ends after the timeout of [ProtectOptions], and when the guard is closed.
func (g *Guard) patience(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := limited(ctx, timeout)
	stop := context.AfterFunc(g.reports.life, cancel)
	return ctx, func() { stop(); cancel() }
}

func limited(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, timeout)
}

// watch returns the first approval that is not pending, else the last one that came and why no other did.
func (g *Guard) watch(ctx context.Context, approvalID string) (*gateholdv1.Approval, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := g.stub.WatchApproval(ctx, &gateholdv1.WatchApprovalRequest{ApprovalId: approvalID})
	if err != nil {
		return nil, err
	}
	var seen *gateholdv1.Approval
	for {
		response, err := stream.Recv()
		if err != nil {
			return seen, err
		}
		seen = response.GetApproval()
		if seen.GetApprovalId() != approvalID {
			return &gateholdv1.Approval{ApprovalId: approvalID}, nil // of no state: nothing may run
		}
		if seen.GetState() != gateholdv1.ApprovalState_APPROVAL_STATE_PENDING {
			return seen, nil
		}
	}
}

// isLost tells whether watching the approval again is of no use.
func isLost(err error) bool {
	switch status.Code(err) {
	case codes.NotFound, codes.Unauthenticated, codes.PermissionDenied, codes.InvalidArgument, codes.Unimplemented:
		return true
	}
	return false
}
