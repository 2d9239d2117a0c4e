package dev.gatehold.internal.report;

import dev.gatehold.v1.AgentRecord;
import dev.gatehold.v1.AuditRecord;
import dev.gatehold.v1.AuditStream;
import dev.gatehold.v1.RecordAuditRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;

/** Records that wait for their acknowledgement: numbered, kept, and sent again after a failure. */
final class Journal {
    private static final int MOST_KEPT = 1_000;
    private static final int PROTOCOL_VERSION = 1;

    private final Deque<AuditRecord> waiting = new ArrayDeque<>();
    private String streamId = UUID.randomUUID().toString();
    private long stored; // sequence before the first that waits

    /** Keeps a record, last in line. Returns false where 1,000 wait already: one more would grow without bound. */
    synchronized boolean add(AuditRecord record) {
        return waiting.size() < MOST_KEPT && waiting.add(record);
    }

    synchronized boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Returns the sequence of the last record that waits. */
    synchronized long last() {
        return stored + waiting.size();
    }

    /** Returns the first message of a stream, which the gate answers with how far it has the records. */
    synchronized RecordAuditRequest opening() {
        AuditStream stream = AuditStream.newBuilder()
                .setStreamId(streamId)
                .setProtocolVersion(PROTOCOL_VERSION)
                .build();
        return RecordAuditRequest.newBuilder().setOpen(stream).build();
    }

    /** Returns a stream of what waits. What was stored before is recognised by its sequence and stored once. */
    synchronized List<RecordAuditRequest> messages() {
        List<RecordAuditRequest> messages = new ArrayList<>(List.of(opening()));
        long sequence = stored;
        for (AuditRecord record : waiting) {
            AgentRecord numbered = AgentRecord.newBuilder()
                    .setSequence(++sequence)
                    .setRecord(record)
                    .build();
            messages.add(
                    RecordAuditRequest.newBuilder().setAgentRecord(numbered).build());
        }
        return messages;
    }

    /** Forgets the records up to {@code sequence}. */
    synchronized void acknowledged(long sequence) {
        while (stored < sequence && waiting.poll() != null) {
            stored++;
        }
    }

    /** Drops the first record that waits, and gives those behind it a stream without its gap. Returns the record. */
    synchronized AuditRecord refused() {
        renew();
        return waiting.remove();
    }

    /** Starts a new stream, with what waits numbered from 1. */
    synchronized void renew() {
        streamId = UUID.randomUUID().toString();
        stored = 0;
    }
}
