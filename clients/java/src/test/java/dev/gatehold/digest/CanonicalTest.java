package dev.gatehold.digest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CanonicalTest {
    private static final long SEED = 8785;

    static Stream<Arguments> written() {
        return Stream.of(
                Arguments.of(1, "1"),
                Arguments.of((byte) 1, "1"),
                Arguments.of((short) -1, "-1"),
                Arguments.of(Limits.MAX_NUMBER, "9007199254740991"),
                Arguments.of(1.0, "1"),
                Arguments.of(-0.0, "0"),
                Arguments.of(0.1f, "0.1"),
                Arguments.of(1.5, "1.5"),
                Arguments.of(BigInteger.TEN, "10"),
                Arguments.of(new BigDecimal("19.990"), "19.99"),
                Arguments.of(new BigDecimal("1e-400"), "0"),
                Arguments.of("\u2028\ud83d\ude00\u0001\"", "\"\u2028\ud83d\ude00\\u0001\\\"\""),
                Arguments.of(true, "true"),
                Arguments.of(null, "null"),
                Arguments.of(Arrays.asList(1, null, List.of()), "[1,null,[]]"),
                Arguments.of(Map.of("b", 1, "a", Map.of()), "{\"a\":{},\"b\":1}"));
    }

    @ParameterizedTest
    @MethodSource
    void written(Object value, String text) {
        assertEquals(text, Json.canonical(value, "value"));
    }

    static Stream<Object> refused() {
        Map<Object, Object> badKey = new HashMap<>();
        badKey.put(1, 1);
        List<Object> circle = new ArrayList<>();
        circle.add(circle);
        return Stream.of(
                new Object(),
                'c',
                new int[] {1},
                new AtomicLong(1),
                Double.NaN,
                Float.POSITIVE_INFINITY,
                Limits.MAX_NUMBER + 1,
                -Limits.MAX_NUMBER - 1,
                9.007199254740992e15,
                new BigDecimal("9007199254740991.5"),
                BigInteger.ONE.shiftLeft(100_000),
                "\ud800",
                Map.of("\udc00", 1),
                badKey,
                circle,
                Collections.nCopies(Limits.MAX_ITEMS + 1, 0),
                "x".repeat(Limits.MAX_BYTES),
                "é".repeat(Limits.MAX_BYTES / 2),
                Collections.nCopies(Limits.MAX_ITEMS, "x".repeat(1_000)));
    }

    @ParameterizedTest
    @MethodSource
    void refused(Object value) {
        InvalidInputException error = assertThrows(InvalidInputException.class, () -> Json.canonical(value, "args"));
        assertEquals("args", error.field());
    }

    @ParameterizedTest
    @CsvSource({
        // Here the nearest decimal of 16 digits is another double's, and its neighbour is this one's.
        "0x1p-1017, 7.120236347223045e-307",
        "1.1920928955078125e-7, 1.1920928955078125e-7",
        "2.2250738585072014e-308, 2.2250738585072014e-308",
        "4.9e-324, 5e-324"
    })
    void shortestDigits(double value, String text) {
        assertEquals(text, Json.canonical(value, "value"));
    }

    @Test
    void everyFractionIsReadBackAsItself() {
        Random random = new Random(SEED);
        for (int tried = 0; tried < 2_000; tried++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Math.abs(value) <= Limits.MAX_NUMBER) {
                assertEquals(value, Double.parseDouble(Json.canonical(value, "value")));
            }
        }
    }

    @Test
    void aTextThatIsAsLongAsItMayBe() {
        String text = "x".repeat(Limits.MAX_BYTES - "{\"a\":\"\"}".length());
        String written = Json.canonical(Map.of("a", text), "args");
        assertEquals(Map.of("a", text), Json.parseObject(written, "args"));
        assertThrows(InvalidInputException.class, () -> Json.parseObject(written + " ", "args"));
    }
}
