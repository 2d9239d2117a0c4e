package dev.gatehold.internal.report;

import java.time.Duration;

/** Waits between attempts: 0.1 s, and twice as long each time, up to 2 s. */
public final class Backoff {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private Duration next = FIRST;

    /**
     * Says how long to wait now.
     *
     * @return longer with every call
     */
    public Duration next() {
        Duration now = next;
        next = now.multipliedBy(2).compareTo(LONGEST) > 0 ? LONGEST : now.multipliedBy(2);
        return now;
    }

    /** Begins anew, after an attempt that came to something. */
    public void reset() {
        next = FIRST;
    }
}
