package dev.gatehold;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.function.BooleanSupplier;

/** Waits for what happens in the background. */
final class Until {
    private static final long LONGEST = 20_000_000_000L; // ns

    private Until() {}

    static void holds(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LONGEST;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail("it did not come to hold");
            }
            Thread.sleep(5);
        }
    }
}
