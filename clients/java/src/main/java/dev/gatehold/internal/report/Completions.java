package dev.gatehold.internal.report;

import dev.gatehold.internal.sidecar.Connection;
import dev.gatehold.v1.CompleteApprovalRequest;
import io.grpc.Status;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Tells the gate how claimed calls ended, until it has taken each or refused it for good. */
final class Completions {
    private static final System.Logger LOG = System.getLogger("gatehold.record");
    private static final int MOST_KEPT = 1_000;
    // Sending it again cannot help. A credential that is refused is no such end: a sidecar may get a new one.
    private static final Set<Status.Code> FINAL = Set.of(
            Status.Code.ABORTED,
            Status.Code.ALREADY_EXISTS,
            Status.Code.FAILED_PRECONDITION,
            Status.Code.INVALID_ARGUMENT,
            Status.Code.NOT_FOUND,
            Status.Code.OUT_OF_RANGE,
            Status.Code.UNIMPLEMENTED);

    private final Connection connection;
    private final Duration deadline;
    private final Background background;
    private final Map<CompleteApprovalRequest, Backoff> waiting = new ConcurrentHashMap<>();

    Completions(Connection connection, Duration deadline, Background background) {
        this.connection = connection;
        this.deadline = deadline;
        this.background = background;
    }

    /** Returns at once. */
    void complete(CompleteApprovalRequest completion) {
        if (waiting.size() >= MOST_KEPT) {
            LOG.log(Level.ERROR, "the end of approval {0} is not told: too many wait", completion.getApprovalId());
            return;
        }
        waiting.put(completion, new Backoff());
        background.later(() -> attempt(completion), Duration.ZERO);
    }

    /** Tries once to tell what waits. */
    void send() {
        waiting.keySet().forEach(this::isSettled);
    }

    private void attempt(CompleteApprovalRequest completion) {
        Backoff backoff = waiting.get(completion);
        if (backoff != null && !isSettled(completion)) {
            background.later(() -> attempt(completion), backoff.next());
        }
    }

    private boolean isSettled(CompleteApprovalRequest completion) {
        try {
            connection
                    .blocking()
                    .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
                    .completeApproval(completion);
        } catch (RuntimeException error) {
            Status status = Status.fromThrowable(error);
            if (!FINAL.contains(status.getCode())) {
                return false;
            }
            LOG.log(Level.ERROR, "the gate refused the end of approval {0}: {1}", completion.getApprovalId(), status);
        }
        waiting.remove(completion);
        return true;
    }
}
