package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehold.internal.sidecar.BootClock;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadingTest {
    @Test
    void anEndIsPassedWhereNobodyCanTellTheTime() {
        Reading blind = new Reading(new Obligations(Map.of()), new BootClock(Path.of("absent")));
        assertTrue(blind.isTooLate(Long.MAX_VALUE));
        assertFalse(blind.isTooLate(0));
    }
}
