package dev.gatehold;

import dev.gatehold.internal.sidecar.Connection;
import dev.gatehold.v1.EvaluateRequest;
import dev.gatehold.v1.EvaluateResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Asks the gate what it says of a call. */
final class Gate {
    private final Connection connection;
    private final Duration deadline;
    private final Reading reading;

    Gate(Connection connection, Duration deadline, Reading reading) {
        this.connection = connection;
        this.deadline = deadline;
        this.reading = reading;
    }

    /** Never throws an exception: what could not be decided is a block. */
    Answer ask(FrozenCall call) {
        EvaluateRequest request = call.evaluateRequest();
        EvaluateResponse response;
        try {
            response = connection
                    .blocking()
                    .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
                    .evaluate(request);
        } catch (RuntimeException error) {
            return Reading.ofError(error, call.argsDigest());
        }
        return reading.of(response, call.argsDigest());
    }
}
