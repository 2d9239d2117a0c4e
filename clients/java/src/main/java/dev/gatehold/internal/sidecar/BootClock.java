package dev.gatehold.internal.sidecar;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The latest that CLOCK_BOOTTIME can be, from /proc, for no Java API reads it.
 *
 * <p>/proc/uptime is that clock, rounded down to hundredths of a second, but a container may show its own there. So the
 * time at which Linux noted that a thread started, which is that clock always, and what has passed since then is asked
 * too. That one stops while the host sleeps; the later of the two counts.
 */
public final class BootClock {
    private static final long HUNDREDTH = 10_000_000; // ns
    private static final int START_TIME = 22; // field of proc_pid_stat(5), in hundredths of a second, rounded down
    private static final Path UPTIME = Path.of("/proc/uptime");

    private final Path uptime;
    private final OptionalLong zero; // of System.nanoTime; empty where there is no /proc

    /** Reads the clock of this host. */
    public BootClock() {
        this(UPTIME);
    }

    /**
     * Reads another file than /proc/uptime.
     *
     * @param uptime in the same form
     */
    public BootClock(Path uptime) {
        this.uptime = uptime;
        this.zero = bootOnNanoTime();
    }

    /**
     * Reads it.
     *
     * @return nanoseconds since boot, at most a hundredth of a second late and never early; empty where it cannot be
     *     read
     */
    public OptionalLong latest() {
        if (zero.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            String seconds = Files.readString(uptime).split(" ", 2)[0];
            long shown = new BigDecimal(seconds).movePointRight(9).longValueExact();
            return OptionalLong.of(Math.max(shown, System.nanoTime() - zero.getAsLong()) + HUNDREDTH);
        } catch (IOException | ArithmeticException | NumberFormatException error) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong bootOnNanoTime() {
        long before = System.nanoTime();
        FutureTask<Long> started = new FutureTask<>(BootClock::startOfThisThread);
        Thread thread = new Thread(started, "gatehold-clock");
        thread.setDaemon(true);
        thread.start();
        try {
            return OptionalLong.of(before - started.get());
        } catch (ExecutionException error) {
            return OptionalLong.empty();
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }

    private static long startOfThisThread() {
        try {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            // The second field, a name in brackets, may hold spaces and brackets of its own.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[START_TIME - 3]) * HUNDREDTH;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
