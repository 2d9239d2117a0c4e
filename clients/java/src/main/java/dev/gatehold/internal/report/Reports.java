package dev.gatehold.internal.report;

import dev.gatehold.internal.sidecar.Connection;
import dev.gatehold.v1.AuditRecord;
import dev.gatehold.v1.CompleteApprovalRequest;
import java.time.Duration;

/** All that a guard tells of its runs. Nothing here throws, for the run is over and its own end must pass. */
public final class Reports implements AutoCloseable {
    private final Recorder recorder;
    private final Completions completions;
    private final Background background;

    /**
     * Sends nothing yet.
     *
     * @param connection to the gate
     * @param deadline of one attempt
     * @param background what sends
     */
    public Reports(Connection connection, Duration deadline, Background background) {
        this.recorder = new Recorder(connection, deadline, background);
        this.completions = new Completions(connection, deadline, background);
        this.background = background;
    }

    /**
     * Puts an outcome on the record. Returns at once.
     *
     * @param record of kind tool_execution
     */
    public void record(AuditRecord record) {
        recorder.record(record);
    }

    /**
     * Tells how a claimed call ended. Returns at once.
     *
     * @param completion what to tell
     */
    public void complete(CompleteApprovalRequest completion) {
        completions.complete(completion);
    }

    /** Tries once more to send what waits, and stops. */
    @Override
    public void close() {
        background.close();
        completions.send();
        recorder.send();
    }
}
