package dev.gatehold.digest;

import static dev.gatehold.digest.Limits.MAX_BYTES;
import static dev.gatehold.digest.Limits.MAX_DEPTH;
import static dev.gatehold.digest.Limits.MAX_ITEMS;
import static dev.gatehold.digest.Limits.MAX_NUMBER;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes one value in its RFC 8785 form, within the bounds of {@link Limits}. */
final class CanonicalWriter {
    private static final BigDecimal LARGEST = BigDecimal.valueOf(MAX_NUMBER);

    private final StringBuilder out = new StringBuilder();
    private final String field;
    private int depth;

    CanonicalWriter(String field) {
        this.field = field;
    }

    String write(Object value) {
        append(value);
        String text = out.toString();
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw tooLong();
        }
        return text;
    }

    private void append(Object value) {
        if (out.length() > MAX_BYTES) { // before a container that goes on for ever fills the memory
            throw tooLong();
        }
        if (value == null || value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof String text) {
            appendString(text);
        } else if (value instanceof Number number) {
            appendNumber(number);
        } else if (value instanceof Map<?, ?> map) {
            appendObject(map);
        } else if (value instanceof List<?> items) {
            appendArray(items);
        } else {
            throw refused("has a " + value.getClass().getName() + ", which is not JSON");
        }
    }

    private void appendObject(Map<?, ?> map) {
        TreeMap<String, Object> sorted = new TreeMap<>(); // by UTF-16 code units, as RFC 8785 asks
        map.forEach((key, value) -> {
            if (!(key instanceof String name)) {
                throw refused("has a key that is no string");
            }
            sorted.put(name, value);
        });
        open('{');
        String separator = "";
        for (Map.Entry<String, Object> member : sorted.entrySet()) {
            out.append(separator);
            appendString(member.getKey());
            out.append(':');
            append(member.getValue());
            separator = ",";
        }
        close('}', sorted.size());
    }

    private void appendArray(List<?> items) {
        open('[');
        int count = 0;
        for (Object item : items) {
            out.append(count++ == 0 ? "" : ",");
            append(item);
        }
        close(']', count);
    }

    private void open(char bracket) {
        if (++depth > MAX_DEPTH) {
            throw refused("is nested deeper than " + MAX_DEPTH + " levels");
        }
        out.append(bracket);
    }

    private void close(char bracket, int count) {
        if (count > MAX_ITEMS) {
            throw refused("has more than " + MAX_ITEMS + " keys or items");
        }
        out.append(bracket);
        depth--;
    }

    private void appendNumber(Number number) {
        BigDecimal value = decimal(number);
        if (value.abs().compareTo(LARGEST) > 0) {
            throw refused("has a number beyond ±(2^53-1); send it as a string");
        }
        Object plain = Numbers.plain(value.doubleValue());
        out.append(plain instanceof Double fraction ? Numbers.write(fraction) : plain);
    }

    private BigDecimal decimal(Number number) {
        if (number instanceof Double || number instanceof Float) {
            if (!Double.isFinite(number.doubleValue())) {
                throw refused("has NaN or Infinity, which JSON does not have");
            }
            return new BigDecimal(number.toString()); // a float's own digits: 0.1f is meant as 0.1
        }
        if (number instanceof BigDecimal decimal) {
            return decimal;
        }
        if (number instanceof BigInteger integer) {
            return new BigDecimal(integer);
        }
        if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
            return BigDecimal.valueOf(number.longValue());
        }
        throw refused("has a " + number.getClass().getName() + ", which is not JSON");
    }

    private void appendString(String text) {
        Json.requireText(text, field);
        out.append('"');
        text.chars().forEach(unit -> appendUnit((char) unit));
        out.append('"');
    }

    private void appendUnit(char unit) {
        switch (unit) {
            case '"', '\\' -> out.append('\\').append(unit);
            case '\b' -> out.append("\\b");
            case '\t' -> out.append("\\t");
            case '\n' -> out.append("\\n");
            case '\f' -> out.append("\\f");
            case '\r' -> out.append("\\r");
            default -> {
                if (unit < ' ') {
                    out.append(String.format("\\u%04x", (int) unit));
                } else {
                    out.append(unit);
                }
            }
        }
    }

    private InvalidInputException tooLong() {
        return refused("is longer than " + MAX_BYTES + " bytes");
    }

    private InvalidInputException refused(String message) {
        return new InvalidInputException(field, message);
    }
}
