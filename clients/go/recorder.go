package gatehold

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	gateholdv1 "gatehold.dev/go/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const recordRetry = time.Second

// recorder brings records to the gate until it has made them durable.
type recorder struct {
	stub     gateholdv1.DecisionPointServiceClient
	deadline time.Duration // of one attempt
	log      *slog.Logger
	journal  *journal
	wake     chan struct{}
}

func newRecorder(stub gateholdv1.DecisionPointServiceClient, deadline time.Duration, log *slog.Logger) *recorder {
	return &recorder{stub, deadline, log, newJournal(log), make(chan struct{}, 1)}
}

// put keeps a record and returns at once.
func (r *recorder) put(record *gateholdv1.AuditRecord) {
	r.journal.add(record)
	select {
	case r.wake <- struct{}{}:
	default: // it is awake
	}
}

// run sends what is put, until life ends; then it tries once more.
func (r *recorder) run(life context.Context) {
	for life.Err() == nil {
		var retry <-chan time.Time
		if r.journal.waiting() > 0 {
			retry = time.After(recordRetry)
		}
		select {
		case <-life.Done():
		case <-r.wake:
			r.send()
		case <-retry:
			r.send()
		}
	}
	r.send()
	if waiting := r.journal.waiting(); waiting > 0 {
		r.log.Error("outcomes are not on the record", "records", waiting)
	}
}

// send tries to empty the journal. Only INVALID_ARGUMENT speaks of one record, and sending that again cannot help. Every
// other error speaks of the connection, the stream or the gate's state, so it costs no record.
func (r *recorder) send() {
	renewed := false
	for r.journal.waiting() > 0 {
		messages, last := r.journal.messages()
		err := r.exchange(messages, last)
		switch {
		case err == nil:
			return
		case status.Code(err) == codes.InvalidArgument:
			if !r.dropRefused(last, err) {
				return
			}
		case status.Code(err) == codes.OutOfRange && !renewed:
			// The gate has forgotten the stream. It takes no record after a gap, so none of these is stored there.
			r.journal.renew()
			renewed = true
		default:
			r.log.Warn("records wait", "error", problem(err))
			return
		}
	}
}

// dropRefused drops the record that the gate refused. gRPC may lose acknowledgements that an error status overtakes, so
// it asks anew how far the records came. It tells whether it did.
func (r *recorder) dropRefused(last uint64, refusal error) bool {
	if err := r.exchange([]*gateholdv1.RecordAuditRequest{r.journal.opening()}, last); err != nil {
		r.log.Warn("records wait", "error", problem(err))
		return false
	}
	return r.journal.refused(last, problem(refusal))
}

// exchange sends the messages on a stream of its own, and forgets the records that are acknowledged, up to the last.
func (r *recorder) exchange(messages []*gateholdv1.RecordAuditRequest, last uint64) error {
	ctx, cancel := context.WithTimeout(context.Background(), r.deadline)
	defer cancel()
	stream, err := r.stub.RecordAudit(ctx)
	if err != nil {
		return err
	}
	for _, message := range messages {
		if err := stream.Send(message); err != nil {
			break // Recv tells why
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r.journal.acknowledged(min(response.GetAcknowledgedSequence(), last))
		if response.GetAcknowledgedSequence() >= last {
			return nil
		}
	}
}
