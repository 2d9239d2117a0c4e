package dev.gatehold.internal.report;

import dev.gatehold.internal.report.RecordStream.Reply;
import dev.gatehold.internal.sidecar.Connection;
import dev.gatehold.v1.AuditRecord;
import io.grpc.Status;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Brings the journal to the gate, whatever it answers. */
final class Recorder {
    private static final System.Logger LOG = System.getLogger("gatehold.record");
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Connection connection;
    private final Duration deadline;
    private final Background background;
    private final Journal journal = new Journal();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private Status.Code hindrance = Status.Code.OK; // why records wait, as far as it was logged

    Recorder(Connection connection, Duration deadline, Background background) {
        this.connection = connection;
        this.deadline = deadline;
        this.background = background;
    }

    /** Returns at once. What the record tells of has happened, so a full journal is logged, not thrown. */
    void record(AuditRecord record) {
        if (!journal.add(record)) {
            LOG.log(Level.WARNING, "an outcome is not on the record: too many wait for the sidecar already");
        }
        schedule(Duration.ZERO);
    }

    /** Tries once to send what waits. */
    synchronized void send() {
        boolean renewed = false;
        while (!journal.isEmpty()) {
            long last = journal.last();
            Reply reply = exchange(last);
            if (reply.status().getCode() == Status.Code.INVALID_ARGUMENT && isRefused(last)) {
                continue;
            }
            if (reply.status().getCode() == Status.Code.OUT_OF_RANGE && !renewed) {
                // The gate has forgotten the stream. It takes no record after a gap, so none of these is stored there.
                journal.renew();
                renewed = true;
                continue;
            }
            hindered(reply.status());
            return;
        }
    }

    private Reply exchange(long last) {
        Reply reply = RecordStream.exchange(connection, journal.messages(), last, deadline);
        journal.acknowledged(Math.min(reply.acknowledged(), last));
        return reply;
    }

    /**
     * Drops the record that the gate refused. It speaks of one record only here, and sending that again cannot help.
     */
    private boolean isRefused(long last) {
        // gRPC may drop acknowledgements that an error status overtakes, so ask anew how far the records came.
        Reply standing = RecordStream.exchange(connection, List.of(journal.opening()), 0, deadline);
        journal.acknowledged(Math.min(standing.acknowledged(), last));
        if (!standing.status().isOk() || standing.acknowledged() >= last) {
            return false;
        }
        LOG.log(
                Level.ERROR,
                "a record of {0} is lost, for the gate refused it",
                journal.refused().getVerb());
        return true;
    }

    private void hindered(Status status) {
        if (status.getCode() != hindrance && !status.isOk()) { // not at every attempt
            LOG.log(Level.WARNING, "records wait: {0}", status);
        }
        hindrance = status.getCode();
    }

    private void schedule(Duration delay) {
        if (scheduled.compareAndSet(false, true)) {
            background.later(this::attempt, delay);
        }
    }

    private void attempt() {
        scheduled.set(false);
        send();
        if (!journal.isEmpty()) {
            schedule(RETRY);
        }
    }
}
