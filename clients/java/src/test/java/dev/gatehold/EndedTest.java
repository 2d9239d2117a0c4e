package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Duration;
import dev.gatehold.v1.Outcome;
import org.junit.jupiter.api.Test;

class EndedTest {
    @Test
    void theDurationIsExact() {
        Duration expected = Duration.newBuilder().setSeconds(2).setNanos(5).build();
        assertEquals(new Ended(Outcome.OUTCOME_SUCCEEDED, "", expected), Ended.of(null, 2_000_000_005L, true));
    }

    @Test
    void theTextIsCutBetweenCharacters() {
        assertEquals("€".repeat(1_365), Ended.cut("€".repeat(2_000)));
        assertEquals("a".repeat(4_096), Ended.cut("a".repeat(5_000)));
    }

    @Test
    void whatHasNoUtf8IsReplaced() {
        assertEquals("a?b", Ended.cut("a\ud800b"));
    }

    @Test
    void aTextThatCannotBeHadIsLeftOut() {
        RuntimeException hostile = new RuntimeException() {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                throw new IllegalStateException();
            }
        };
        assertEquals(hostile.getClass().getName(), Ended.of(hostile, 0, true).error());
    }
}
