package dev.gatehold;

import dev.gatehold.internal.report.Backoff;
import dev.gatehold.internal.sidecar.Connection;
import dev.gatehold.v1.Approval;
import dev.gatehold.v1.DecisionPointServiceGrpc.DecisionPointServiceBlockingStub;
import dev.gatehold.v1.WatchApprovalRequest;
import dev.gatehold.v1.WatchApprovalResponse;
import io.grpc.Context;
import io.grpc.Status;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One wait for people, through every loss of the connection. */
final class Wait {
    private static final Set<Status.Code> FINAL = Set.of(
            Status.Code.NOT_FOUND,
            Status.Code.UNAUTHENTICATED,
            Status.Code.PERMISSION_DENIED,
            Status.Code.INVALID_ARGUMENT,
            Status.Code.UNIMPLEMENTED);

    private final Connection connection;
    private final FrozenCall call;
    private final Duration timeout;
    private final long began = System.nanoTime();
    private final Backoff backoff = new Backoff();
    private Held held;

    /** Begins now. {@code asked} is what the request for approval returned. */
    Wait(Connection connection, FrozenCall call, Held asked) {
        this.connection = connection;
        this.call = call;
        this.timeout = call.options().timeout();
        this.held = asked;
    }

    /**
     * Returns the call once people approved it.
     *
     * @throws BlockedException when the gate refuses to tell
     * @throws ApprovalRequiredException when it ended otherwise, or not within the timeout
     */
    Held untilApproved() {
        if (isApproved(held.approval())) { // the same call may have been approved before
            return held;
        }
        call.options().onWait().accept(held.approval());
        while (true) {
            requireTime();
            try {
                if (isApprovedNow()) {
                    return held;
                }
            } catch (NotAllowedException decided) {
                throw decided;
            } catch (RuntimeException error) {
                throwIfFinal(error);
            }
            pause();
        }
    }

    /** Follows one stream to its end. */
    private boolean isApprovedNow() {
        Context.CancellableContext context = Context.current().withCancellation();
        Context before = context.attach();
        try {
            Iterator<WatchApprovalResponse> changes = stub().watchApproval(request());
            while (changes.hasNext()) {
                backoff.reset();
                if (isApproved(changes.next().getApproval())) {
                    return true;
                }
            }
            return false;
        } finally {
            context.detach(before);
            context.cancel(null); // or the stream of an approved call would go on
        }
    }

    private boolean isApproved(Approval now) {
        if (!now.getApprovalId().equals(held.approval().getApprovalId()) || !Approvals.isAbout(now, call)) {
            throw new ApprovalRefusedException(held, "the gate told of another call");
        }
        held = held.as(now);
        return switch (now.getState()) {
            case APPROVAL_STATE_PENDING -> false;
            case APPROVAL_STATE_APPROVED -> true;
            case APPROVAL_STATE_DENIED -> throw new ApprovalDeniedException(held);
            case APPROVAL_STATE_EXPIRED -> throw new ApprovalExpiredException(held);
            case APPROVAL_STATE_CANCELLED -> throw new ApprovalCancelledException(held);
            case UNRECOGNIZED -> throw new ApprovalRefusedException(held, "its state is not known here");
            default ->
                throw new ApprovalRefusedException(held, "another process has it: it is " + Words.of(now.getState()));
        };
    }

    private void throwIfFinal(RuntimeException error) {
        if (FINAL.contains(Status.fromThrowable(error).getCode())) {
            throw new BlockedException(call.verb(), Reading.ofError(error, call.argsDigest()));
        }
    }

    private WatchApprovalRequest request() {
        return WatchApprovalRequest.newBuilder()
                .setApprovalId(held.approval().getApprovalId())
                .build();
    }

    private DecisionPointServiceBlockingStub stub() {
        DecisionPointServiceBlockingStub stub = connection.blocking();
        return timeout == null ? stub : stub.withDeadlineAfter(left(), TimeUnit.NANOSECONDS);
    }

    private void pause() {
        long nanos = backoff.next().toNanos();
        try {
            TimeUnit.NANOSECONDS.sleep(timeout == null ? nanos : Math.min(nanos, left()));
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new ApprovalPendingException(held, "the wait was interrupted");
        }
    }

    private void requireTime() {
        if (timeout != null && left() <= 0) {
            throw new ApprovalPendingException(held, "nobody decided in time");
        }
        if (connection.isClosed()) {
            throw new ApprovalPendingException(held, "the guard was closed");
        }
    }

    private long left() {
        return timeout.toNanos() - (System.nanoTime() - began);
    }
}
