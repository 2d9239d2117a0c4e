package gatehold

import (
	"fmt"
	"log/slog"
	"maps"
	"time"

	"gatehold.dev/go/internal/sidecar"
	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc"
)

const (
	decisionDeadline = time.Second     // by default
	approvalDeadline = 5 * time.Second // of every call about an approval, save WatchApproval
	renewalInterval  = 100 * time.Second
)

// Options of [Open]. The zero value has the defaults.
type Options struct {
	// Target is where the sidecar listens: unix:PATH, or HOST:PORT on loopback. Default: the variable GATEHOLD_SIDECAR,
	// else unix:.gatehold/agent.sock.
	Target string
	// TokenFile holds a key or token. Default: the variable GATEHOLD_TOKEN_FILE, else none; not needed on a Unix socket,
	// where the socket is the identity.
	TokenFile string
	// Deadline is how long a decision may take. Default: 1 s.
	Deadline time.Duration
	// Handlers meet obligations, by their type. notification is known; a type that is not listed blocks.
	Handlers map[string]Handler
	// RecordErrorText also records the text of the error that a guarded function returns, cut at 4,096 bytes. Default:
	// only its type, for the text often quotes arguments, and no list of sensitive arguments can find them there.
	RecordErrorText bool
	// SidecarUID is the user id of a sidecar that runs as another user. Default: the variable GATEHOLD_SIDECAR_UID, else
	// none: a Unix socket of anybody but this user and root blocks every call.
	SidecarUID *int
	// Logger is told of obligations, and of records that wait. Default: slog.Default().
	Logger *slog.Logger
}

// Guard asks the sidecar about calls, and runs functions only where it allows them. It is safe to share between
// goroutines. A closed one blocks.
type Guard struct {
	stub       gateholdv1.DecisionPointServiceClient
	connection *grpc.ClientConn
	deadline   time.Duration
	renewal    time.Duration
	handlers   map[string]Handler
	errorText  bool
	log        *slog.Logger
	protected  registry
	reports    *reports
	recorder   *recorder
}

// Open returns a guard. It connects when it is first asked. Close it: that sends what it still has to tell.
//
// The error says that the target is not local, the deadline is negative, the token file cannot be read, or the variable
// GATEHOLD_SIDECAR_UID is no user id.
func Open(options *Options) (*Guard, error) {
	if options == nil {
		options = &Options{}
	}
	if options.Deadline < 0 {
		return nil, fmt.Errorf("gatehold: deadline %s is negative", options.Deadline)
	}
	target, err := sidecar.Resolve(options.Target, options.TokenFile, options.SidecarUID)
	if err != nil {
		return nil, fmt.Errorf("gatehold: %w", err)
	}
	connection, err := target.Connect()
	if err != nil {
		return nil, fmt.Errorf("gatehold: %w", err)
	}
	return newGuard(connection, options), nil
}

func newGuard(connection *grpc.ClientConn, options *Options) *Guard {
	guard := &Guard{
		stub:       gateholdv1.NewDecisionPointServiceClient(connection),
		connection: connection,
		deadline:   options.Deadline,
		renewal:    renewalInterval,
		errorText:  options.RecordErrorText,
		log:        options.Logger,
		reports:    newReports(),
	}
	if guard.deadline == 0 {
		guard.deadline = decisionDeadline
	}
	if guard.log == nil {
		guard.log = slog.Default()
	}
	guard.handlers = map[string]Handler{"notification": guard.notify}
	maps.Copy(guard.handlers, options.Handlers)
	guard.recorder = newRecorder(guard.stub, guard.deadline, guard.log)
	guard.reports.start(guard.recorder.run)
	return guard
}

// Close ends the waiting for approvals, tries once more to send the outcomes that the gate has not taken yet, and closes
// the connection. The error is that of the connection; outcomes that nobody took are logged.
func (g *Guard) Close() error {
	g.reports.close()
	return g.connection.Close()
}
