package dev.gatehold.internal.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootClockTest {
    private static final long HOUR = 3_600_000_000_000L; // ns

    @TempDir
    Path folder;

    private static long uptime() throws IOException {
        String seconds = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
        return new BigDecimal(seconds).movePointRight(9).longValueExact();
    }

    private BootClock showing(String text) throws IOException {
        return new BootClock(Files.writeString(folder.resolve("uptime"), text));
    }

    @Test
    void itIsNeverEarlyAndHardlyLate() throws IOException {
        BootClock clock = new BootClock();
        long before = uptime();
        long shown = clock.latest().getAsLong();
        assertTrue(before < shown);
        assertTrue(shown <= uptime() + 30_000_000, "two roundings and what starting a thread took");
    }

    @Test
    void aContainersOwnUptimeDoesNotHoldItBack() throws IOException {
        BootClock clock = showing("0.50 0.00\n");
        long before = uptime();
        assertTrue(before < clock.latest().getAsLong());
    }

    @Test
    void whatTheHostSleptCounts() throws IOException {
        long later = uptime() + HOUR;
        String seconds = BigDecimal.valueOf(later).movePointLeft(9).toPlainString();
        assertEquals(later + 10_000_000, showing(seconds + " 0.00\n").latest().getAsLong());
    }

    @Test
    void whatCannotBeReadIsNoTime() throws IOException {
        assertEquals(OptionalLong.empty(), showing("").latest());
        assertEquals(OptionalLong.empty(), showing("soon 0.00\n").latest());
        assertEquals(OptionalLong.empty(), new BootClock(folder.resolve("absent")).latest());
    }
}
