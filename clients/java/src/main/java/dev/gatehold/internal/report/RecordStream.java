package dev.gatehold.internal.report;

import dev.gatehold.internal.sidecar.Connection;
import dev.gatehold.v1.RecordAuditRequest;
import dev.gatehold.v1.RecordAuditResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One RecordAudit stream, from its first message to its end. */
final class RecordStream implements StreamObserver<RecordAuditResponse> {
    private final CountDownLatch over = new CountDownLatch(1);
    private final long last;
    private volatile long acknowledged;
    private volatile Status status = Status.CANCELLED; // until it ends

    /**
     * How a stream went.
     *
     * @param acknowledged the highest sequence that came back
     * @param status it ended with; OK also where all that was sent is acknowledged
     */
    record Reply(long acknowledged, Status status) {}

    private RecordStream(long last) {
        this.last = last;
    }

    /**
     * Sends the messages. {@code last} is the sequence whose acknowledgement ends the stream; 0 waits for the gate to
     * end it.
     */
    static Reply exchange(Connection connection, List<RecordAuditRequest> messages, long last, Duration deadline) {
        RecordStream stream = new RecordStream(last);
        try {
            StreamObserver<RecordAuditRequest> requests = connection
                    .streaming()
                    .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
                    .recordAudit(stream);
            messages.forEach(requests::onNext);
            requests.onCompleted();
            stream.over.await(); // the deadline ends it, if nothing else does
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException error) {
            stream.onError(error);
        }
        return new Reply(stream.acknowledged, stream.status);
    }

    @Override
    public void onNext(RecordAuditResponse response) {
        acknowledged = Math.max(acknowledged, response.getAcknowledgedSequence());
        if (last > 0 && acknowledged >= last) {
            onCompleted();
        }
    }

    @Override
    public void onError(Throwable error) {
        end(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
        end(Status.OK);
    }

    private synchronized void end(Status how) {
        if (over.getCount() > 0) { // the first counts: what was acknowledged stays so, however the stream ends then
            status = how;
            over.countDown();
        }
    }
}
