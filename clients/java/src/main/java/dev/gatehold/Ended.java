package dev.gatehold;

import com.google.protobuf.Duration;
import dev.gatehold.v1.AuditRecord;
import dev.gatehold.v1.ExecutionDetail;
import dev.gatehold.v1.Outcome;
import dev.gatehold.v1.RecordKind;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * How a run ended.
 *
 * @param outcome succeeded or failed
 * @param error what the function threw; empty when it succeeded
 * @param duration how long it ran
 */
record Ended(Outcome outcome, String error, Duration duration) {
    private static final int ERROR_TEXT = 4_096; // bytes of UTF-8; the gate refuses more
    private static final long NANOS = 1_000_000_000;

    /**
     * {@code thrown} is null when the function returned. {@code withText} also takes the text, which may quote
     * arguments.
     */
    static Ended of(Throwable thrown, long nanos, boolean withText) {
        Duration duration = Duration.newBuilder()
                .setSeconds(nanos / NANOS)
                .setNanos((int) (nanos % NANOS))
                .build();
        return thrown == null
                ? new Ended(Outcome.OUTCOME_SUCCEEDED, "", duration)
                : new Ended(Outcome.OUTCOME_FAILED, cut(described(thrown, withText)), duration);
    }

    /** The record of it. {@code decisionId} and {@code approvalId} are empty where it ran under none. */
    AuditRecord toRecord(String verb, String decisionId, String approvalId) {
        ExecutionDetail detail = ExecutionDetail.newBuilder()
                .setDecisionId(decisionId)
                .setApprovalId(approvalId)
                .setOutcome(outcome)
                .setError(error)
                .setDuration(duration)
                .build();
        return AuditRecord.newBuilder()
                .setKind(RecordKind.RECORD_KIND_TOOL_EXECUTION)
                .setVerb(verb)
                .setExecution(detail)
                .build();
    }

    private static String described(Throwable thrown, boolean withText) {
        String name = thrown.getClass().getName();
        if (!withText) {
            return name;
        }
        try {
            return name + ": " + thrown.getMessage();
        } catch (RuntimeException error) { // getMessage is the function's own code
            return name;
        }
    }

    /** Cut between characters; what has no UTF-8 becomes a question mark. */
    static String cut(String text) {
        ByteBuffer bytes = ByteBuffer.allocate(ERROR_TEXT);
        StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .encode(CharBuffer.wrap(text), bytes, true);
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }
}
