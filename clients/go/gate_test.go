package gatehold_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	gatehold "gatehold.dev/go"
	"gatehold.dev/go/digest"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

const patience = 10 * time.Second // for what a test waits for; none waits this long unless it fails

// gate plays the sidecar by script on a real Unix socket, and keeps what it was asked.
type gate struct {
	gateholdv1.UnimplementedDecisionPointServiceServer

	target string
	server *grpc.Server

	evaluate func(context.Context, *gateholdv1.EvaluateRequest) (*gateholdv1.EvaluateResponse, error)
	request  func(*gateholdv1.RequestApprovalRequest) (*gateholdv1.Approval, error)
	watch    func(tries int, send func(*gateholdv1.Approval)) error // holds the stream open where it returns nil
	claim    func(tries int, request *gateholdv1.ClaimApprovalRequest) (*gateholdv1.ClaimApprovalResponse, error)
	complete func(tries int) error
	list     func(*gateholdv1.DecisionPointServiceListApprovalsRequest) *gateholdv1.DecisionPointServiceListApprovalsResponse
	record   func(stream string, sent *gateholdv1.AgentRecord) error // an error ends the stream

	mutex    sync.Mutex
	received []proto.Message
	metadata metadata.MD
	streams  map[string]uint64
	records  []*gateholdv1.AuditRecord
}

func startGate(t *testing.T) *gate {
	t.Helper()
	folder, err := os.MkdirTemp("", "gate") // short: a Unix socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	path := filepath.Join(folder, "gate.sock")
	gate := &gate{target: "unix:" + path, server: grpc.NewServer(), streams: map[string]uint64{}}
	gate.evaluate = func(_ context.Context, request *gateholdv1.EvaluateRequest) (*gateholdv1.EvaluateResponse, error) {
		return allow(request), nil
	}
	gateholdv1.RegisterDecisionPointServiceServer(gate.server, gate)
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false) // a gate that is killed leaves its socket
	go gate.server.Serve(listener)
	t.Cleanup(gate.server.Stop)
	return gate
}

func (g *gate) guard(t *testing.T, options gatehold.Options) *gatehold.Guard {
	t.Helper()
	options.Target, options.Logger = g.target, slog.New(slog.DiscardHandler)
	if options.Deadline == 0 {
		options.Deadline = patience
	}
	guard, err := gatehold.Open(&options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { guard.Close() })
	return guard
}

// allow is a sound allow for this very call.
func allow(request *gateholdv1.EvaluateRequest) *gateholdv1.EvaluateResponse {
	return &gateholdv1.EvaluateResponse{
		Decision:      gateholdv1.Decision_DECISION_ALLOW,
		RiskLevel:     gateholdv1.RiskLevel_RISK_LEVEL_LOW,
		Reason:        "LOW risk is allowed",
		ReasonCode:    gateholdv1.ReasonCode_REASON_CODE_DEFAULT_RISK,
		PolicyMatched: "builtin.low-allow",
		DecisionId:    "d-1",
		Revision:      1,
		Source:        gateholdv1.DecisionSource_DECISION_SOURCE_POLICY,
		ArgsDigest:    sum(request.GetArgsJson()),
	}
}

func sum(text string) string {
	canonical, err := digest.Canonical([]byte(text), "text")
	if err != nil {
		panic(err)
	}
	return digest.Sum(canonical)
}

func (g *gate) heard(ctx context.Context, message proto.Message) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.received = append(g.received, message)
	g.metadata, _ = metadata.FromIncomingContext(ctx)
}

// heardOf returns the requests of one type that came so far.
func heardOf[M proto.Message](g *gate) []M {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	var found []M
	for _, message := range g.received {
		if message, isWanted := message.(M); isWanted {
			found = append(found, message)
		}
	}
	return found
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it never came to this: " + what)
		}
	}
}

func (g *gate) Evaluate(ctx context.Context, r *gateholdv1.EvaluateRequest) (*gateholdv1.EvaluateResponse, error) {
	g.heard(ctx, r)
	return g.evaluate(ctx, r)
}

func (g *gate) RequestApproval(
	ctx context.Context, r *gateholdv1.RequestApprovalRequest,
) (*gateholdv1.RequestApprovalResponse, error) {
	g.heard(ctx, r)
	approval, err := g.request(r)
	return &gateholdv1.RequestApprovalResponse{Approval: approval}, err
}

func (g *gate) WatchApproval(
	r *gateholdv1.WatchApprovalRequest, stream grpc.ServerStreamingServer[gateholdv1.WatchApprovalResponse],
) error {
	g.heard(stream.Context(), r)
	send := func(approval *gateholdv1.Approval) {
		stream.Send(&gateholdv1.WatchApprovalResponse{Approval: approval})
	}
	if err := g.watch(len(heardOf[*gateholdv1.WatchApprovalRequest](g)), send); err != nil {
		return err
	}
	<-stream.Context().Done()
	return nil
}

func (g *gate) ClaimApproval(
	ctx context.Context, r *gateholdv1.ClaimApprovalRequest,
) (*gateholdv1.ClaimApprovalResponse, error) {
	g.heard(ctx, r)
	return g.claim(len(heardOf[*gateholdv1.ClaimApprovalRequest](g)), r)
}

func (g *gate) CompleteApproval(
	ctx context.Context, r *gateholdv1.CompleteApprovalRequest,
) (*gateholdv1.CompleteApprovalResponse, error) {
	g.heard(ctx, r)
	if g.complete == nil {
		return &gateholdv1.CompleteApprovalResponse{}, nil
	}
	return &gateholdv1.CompleteApprovalResponse{}, g.complete(len(heardOf[*gateholdv1.CompleteApprovalRequest](g)))
}

func (g *gate) ListApprovals(
	ctx context.Context, r *gateholdv1.DecisionPointServiceListApprovalsRequest,
) (*gateholdv1.DecisionPointServiceListApprovalsResponse, error) {
	g.heard(ctx, r)
	if g.list == nil {
		return nil, status.Error(codes.Unavailable, "not now")
	}
	return g.list(r), nil
}

func (g *gate) RecordAudit(
	stream grpc.BidiStreamingServer[gateholdv1.RecordAuditRequest, gateholdv1.RecordAuditResponse],
) error {
	id := ""
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if message.GetOpen() != nil {
			id = message.GetOpen().GetStreamId()
		} else if err := g.take(id, message.GetAgentRecord()); err != nil {
			return err
		}
		g.mutex.Lock()
		stored := g.streams[id]
		g.mutex.Unlock()
		if err := stream.Send(&gateholdv1.RecordAuditResponse{AcknowledgedSequence: stored}); err != nil {
			return err
		}
	}
}

func (g *gate) take(id string, sent *gateholdv1.AgentRecord) error {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.record != nil {
		if err := g.record(id, sent); err != nil {
			return err
		}
	}
	if sent.GetSequence() > g.streams[id]+1 {
		return status.Error(codes.OutOfRange, "a sequence is missing")
	}
	if sent.GetSequence() == g.streams[id]+1 {
		g.streams[id]++
		g.records = append(g.records, sent.GetRecord())
	}
	return nil
}

// recorded waits until so many records are stored, and returns them.
func (g *gate) recorded(t *testing.T, count int) []*gateholdv1.AuditRecord {
	t.Helper()
	var records []*gateholdv1.AuditRecord
	eventually(t, "the records are stored", func() bool {
		g.mutex.Lock()
		defer g.mutex.Unlock()
		records = append(records[:0], g.records...)
		return len(records) >= count
	})
	return records
}
