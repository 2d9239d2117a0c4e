package gatehold

import (
	"log/slog"
	"sync"

	gateholdv1 "gatehold.dev/go/v1"
)

const (
	mostKept       = 1_000
	recordProtocol = 1
)

// journal is the guard's stream of records: numbered, kept until they are acknowledged, sent again after a failure.
type journal struct {
	log   *slog.Logger
	mutex sync.Mutex

	stream  string // its id
	stored  uint64 // sequence before the first that waits
	records []*gateholdv1.AuditRecord
}

func newJournal(log *slog.Logger) *journal {
	return &journal{log: log, stream: randomUUID()}
}

// add keeps a record, last in line. What it tells of has happened, so a full journal is logged and nothing else.
func (j *journal) add(record *gateholdv1.AuditRecord) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if len(j.records) == mostKept {
		j.log.Error("an outcome is not on the record: too many wait", "verb", record.GetVerb(), "waiting", mostKept)
		return
	}
	j.records = append(j.records, record)
}

func (j *journal) waiting() int {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return len(j.records)
}

// opening is the first message of a stream, which the gate answers with how far it has the records.
func (j *journal) opening() *gateholdv1.RecordAuditRequest {
	return &gateholdv1.RecordAuditRequest{Message: &gateholdv1.RecordAuditRequest_Open{Open: &gateholdv1.AuditStream{
		Stream:          &gateholdv1.AuditStream_StreamId{StreamId: j.stream},
		ProtocolVersion: recordProtocol,
	}}}
}

// messages are the opening and what waits, numbered, and the last sequence of it. What was stored before is known by its
// sequence and stored once.
func (j *journal) messages() (messages []*gateholdv1.RecordAuditRequest, last uint64) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	messages = append(messages, j.opening())
	for i, record := range j.records {
		messages = append(messages, &gateholdv1.RecordAuditRequest{Message: &gateholdv1.RecordAuditRequest_AgentRecord{
			AgentRecord: &gateholdv1.AgentRecord{Sequence: j.stored + uint64(i) + 1, Record: record},
		}})
	}
	return messages, j.stored + uint64(len(j.records))
}

// acknowledged forgets the records up to a sequence.
func (j *journal) acknowledged(sequence uint64) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if sequence > j.stored {
		j.records, j.stored = j.records[sequence-j.stored:], sequence
	}
}

// refused drops the first record that waits, and gives those behind it a stream without its gap. It returns false where
// all up to the last are stored, so that none of them was refused.
func (j *journal) refused(last uint64, why string) bool {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if j.stored >= last {
		return false
	}
	j.log.Error("a record is lost, for the gate refused it", "verb", j.records[0].GetVerb(), "error", why)
	j.records = j.records[1:]
	j.stream, j.stored = randomUUID(), 0
	return true
}

// renew starts a new stream, with what waits numbered from 1.
func (j *journal) renew() {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.stream, j.stored = randomUUID(), 0
}
