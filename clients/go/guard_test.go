package gatehold_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	gatehold "gatehold.dev/go"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc/metadata"
)

func TestTheTokenAndNothingElseIsSentAlong(t *testing.T) {
	gate := startGate(t)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("gh_secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	guard := gate.guard(t, gatehold.Options{TokenFile: file})
	ctx := metadata.NewOutgoingContext(t.Context(), metadata.Pairs("authorization", "Bearer mine", "x-mine", "1"))
	if answer := guard.Evaluate(ctx, verb, nil, nil); !answer.Allowed() {
		t.Errorf("got %+v", answer)
	}
	if got := gate.metadata["authorization"]; len(got) != 1 || got[0] != "Bearer gh_secret" || gate.metadata["x-mine"] != nil {
		t.Errorf("sent %v", gate.metadata)
	}
}

func TestWithoutATokenNothingIsSentAlong(t *testing.T) {
	gate := startGate(t)
	ctx := metadata.NewOutgoingContext(t.Context(), metadata.Pairs("authorization", "Bearer mine", "x-mine", "1"))
	gate.guard(t, gatehold.Options{}).Evaluate(ctx, verb, nil, nil)
	if gate.metadata["authorization"] != nil || gate.metadata["x-mine"] != nil {
		t.Errorf("sent %v", gate.metadata)
	}
}

func TestAGuardThatCannotBeSafeIsNotOpened(t *testing.T) {
	for name, options := range map[string]gatehold.Options{
		"another host":  {Target: "192.0.2.1:8181"},
		"no token file": {TokenFile: "/nonexistent/token"},
		"no deadline":   {Deadline: -1},
	} {
		t.Run(name, func(t *testing.T) {
			if guard, err := gatehold.Open(&options); err == nil || guard != nil {
				t.Errorf("got %v, %v", guard, err)
			}
		})
	}
}

func TestAGateOnLoopbackIsAsked(t *testing.T) {
	gate := startGate(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go gate.server.Serve(listener)
	gate.target = listener.Addr().String()
	if answer := gate.guard(t, gatehold.Options{}).Evaluate(t.Context(), verb, nil, nil); !answer.Allowed() {
		t.Errorf("got %+v", answer)
	}
}

func TestTheEnvironmentSaysWhereTheGateIs(t *testing.T) {
	gate := startGate(t)
	t.Setenv("GATEHOLD_SIDECAR", gate.target)
	guard, err := gatehold.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	if answer := guard.Evaluate(t.Context(), verb, nil, nil); !answer.Allowed() {
		t.Errorf("got %+v", answer)
	}
}

func TestASocketInAFolderOfOthersIsNotAsked(t *testing.T) {
	gate := startGate(t)
	guard := gate.guard(t, gatehold.Options{})
	if answer := guard.Evaluate(t.Context(), verb, nil, nil); !answer.Allowed() {
		t.Fatalf("got %+v", answer)
	}
	// The connection stands, and the next call is refused all the same.
	if err := os.Chmod(filepath.Dir(gate.target[len("unix:"):]), 0o777); err != nil {
		t.Fatal(err)
	}
	requireFailClosed(t, guard.Evaluate(t.Context(), verb, nil, nil), gatehold.ReasonSidecarUnreachable)
	if len(heardOf[*gateholdv1.EvaluateRequest](gate)) != 1 {
		t.Error("it was asked")
	}
}
