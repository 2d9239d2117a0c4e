package dev.gatehold.digest;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as RFC 8785 writes them: as ECMAScript does (ECMA-262, Number::toString). */
final class Numbers {
    private static final int MOST_DIGITS = 17; // enough to tell all doubles apart
    private static final RoundingMode[] NEAREST_FIRST = {
        RoundingMode.HALF_EVEN, RoundingMode.FLOOR, RoundingMode.CEILING
    };

    private Numbers() {}

    /** Returns whole numbers within ±(2^53-1) as Long, so that 1 and 1.0, which have one digest, are one value. */
    static Object plain(double value) {
        if (value == Math.rint(value) && Math.abs(value) <= Limits.MAX_NUMBER) {
            return (long) value;
        }
        return value;
    }

    /** Writes a number within ±(2^53-1) that is not whole. */
    static String write(double value) {
        BigDecimal shortest = shortest(Math.abs(value));
        String digits = shortest.unscaledValue().toString();
        int point = digits.length() - shortest.scale(); // where the decimal point stands, from the first digit
        return (value < 0 ? "-" : "") + laidOut(digits, point);
    }

    // Double.toString does not give the shortest digits before Java 19 (JDK-4511638).
    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < MOST_DIGITS; digits++) {
            for (RoundingMode rounding : NEAREST_FIRST) {
                BigDecimal rounded = exact.round(new MathContext(digits, rounding));
                if (rounded.doubleValue() == value) {
                    return rounded.stripTrailingZeros();
                }
            }
        }
        return exact.round(new MathContext(MOST_DIGITS, RoundingMode.HALF_EVEN)).stripTrailingZeros();
    }

    private static String laidOut(String digits, int point) {
        if (point > 0) {
            return digits.substring(0, point) + "." + digits.substring(point);
        }
        if (point > -6) {
            return "0." + "0".repeat(-point) + digits;
        }
        return digits.charAt(0) + (digits.length() == 1 ? "" : "." + digits.substring(1)) + "e-" + (1 - point);
    }
}
