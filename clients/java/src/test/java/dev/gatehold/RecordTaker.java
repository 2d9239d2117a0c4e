package dev.gatehold;

import dev.gatehold.v1.AuditRecord;
import dev.gatehold.v1.RecordAuditRequest;
import dev.gatehold.v1.RecordAuditResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** One RecordAudit stream at a scripted gate, as a sidecar takes it: in sequence, each record once. */
final class RecordTaker implements StreamObserver<RecordAuditRequest> {
    private final ScriptedGate gate;
    private final StreamObserver<RecordAuditResponse> answers;
    private String stream = "";
    private boolean over;

    RecordTaker(ScriptedGate gate, StreamObserver<RecordAuditResponse> answers) {
        this.gate = gate;
        this.answers = answers;
    }

    @Override
    public synchronized void onNext(RecordAuditRequest message) {
        if (over) {
            return;
        }
        if (message.hasOpen()) {
            stream = message.getOpen().getStreamId();
            acknowledge();
            return;
        }
        long sequence = message.getAgentRecord().getSequence();
        AuditRecord record = message.getAgentRecord().getRecord();
        RuntimeException refusal = gate.refusal.apply(record);
        if (refusal != null) {
            end(refusal);
        } else if (sequence > last() + 1) {
            end(Status.OUT_OF_RANGE.asRuntimeException());
        } else if (sequence == last() + 1) {
            gate.records.add(record);
            gate.stored.put(stream, sequence);
            acknowledge();
        }
    }

    private void acknowledge() {
        if (gate.losesAcknowledgements) {
            return;
        }
        answers.onNext(
                RecordAuditResponse.newBuilder().setAcknowledgedSequence(last()).build());
    }

    private long last() {
        return gate.stored.getOrDefault(stream, 0L);
    }

    private void end(RuntimeException error) {
        over = true;
        answers.onError(error);
    }

    @Override
    public void onError(Throwable error) {}

    @Override
    public synchronized void onCompleted() {
        if (!over) {
            answers.onCompleted();
        }
    }
}
