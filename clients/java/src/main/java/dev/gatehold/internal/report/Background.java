package dev.gatehold.internal.report;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** A guard's own threads, which never keep a process alive. After the guard is closed nothing more begins here. */
public final class Background implements AutoCloseable {
    private static final int THREADS = 2; // so that a report that hangs does not hold up the renewal of a claim

    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(THREADS, daemons());

    /** Starts no thread yet. */
    public Background() {
        threads.setRemoveOnCancelPolicy(true);
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Runs something once. */
    void later(Runnable task, Duration delay) {
        try {
            threads.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            // Whoever closes sends what waits.
        }
    }

    /**
     * Runs something again and again.
     *
     * @param task ends the repetition when it throws
     * @param period from start to start
     * @return cancels it
     */
    public Future<?> every(Runnable task, Duration period) {
        try {
            return threads.scheduleAtFixedRate(task, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            return new FutureTask<>(task, null);
        }
    }

    /** Waits for what has begun, which is bounded by the deadlines of its calls, so that nothing is sent twice. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            threads.awaitTermination(LONGEST.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
    }

    private static ThreadFactory daemons() {
        return task -> {
            Thread thread = new Thread(task, "gatehold-report");
            thread.setDaemon(true);
            return thread;
        };
    }
}
