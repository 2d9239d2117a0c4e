package dev.gatehold.digest;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** Strict JSON (RFC 8259 within the bounds of RFC 7493), its canonical form (RFC 8785) and digest. */
public final class Json {
    private Json() {}

    /**
     * Parses a JSON object. The empty text, which the wire has for "absent", is the empty object.
     *
     * @param text one JSON object
     * @param field what errors call it, for example {@code args}
     * @return unmodifiable, in the order of the text; built of Map, List, String, Boolean, null, Long for whole numbers
     *     however they were written, and Double for the others
     * @throws InvalidInputException for what is no text or no JSON object, and for a byte order mark, duplicate keys,
     *     numbers beyond ±(2^53-1), lone surrogates, and anything past {@link Limits}
     */
    public static Map<String, Object> parseObject(String text, String field) {
        if (text.isEmpty()) {
            return Map.of();
        }
        requireText(text, field);
        // Characters never outnumber bytes, so the first check spares encoding a text that is too long anyway.
        if (text.length() > Limits.MAX_BYTES || text.getBytes(StandardCharsets.UTF_8).length > Limits.MAX_BYTES) {
            throw new InvalidInputException(field, "is longer than " + Limits.MAX_BYTES + " bytes");
        }
        return new Parser(text, field).object();
    }

    /**
     * Parses a JSON object from UTF-8, as {@link #parseObject(String, String)} does.
     *
     * @param text one JSON object as UTF-8
     * @param field what errors call it
     * @return as there
     * @throws InvalidInputException as there, and for what is not UTF-8
     */
    public static Map<String, Object> parseObject(byte[] text, String field) {
        try {
            // A new decoder reports what is malformed; String's own constructor would replace it.
            return parseObject(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(text))
                            .toString(),
                    field);
        } catch (CharacterCodingException error) {
            throw new InvalidInputException(field, "is not valid UTF-8");
        }
    }

    /**
     * Writes the RFC 8785 form.
     *
     * @param value built of Map with String keys, List, String, Boolean, null and the numbers of java.lang and
     *     java.math
     * @param field what errors call it
     * @return the one text that stands for all with the same meaning
     * @throws InvalidInputException for another type, NaN, Infinity, a number beyond ±(2^53-1), a lone surrogate, and
     *     anything past {@link Limits}
     */
    public static String canonical(Object value, String field) {
        return new CanonicalWriter(field).write(value);
    }

    /**
     * Names a value.
     *
     * @param value as for {@link #canonical}
     * @return lowercase hex SHA-256 of its canonical form
     * @throws InvalidInputException as {@link #canonical} does, on the field {@code value}
     */
    public static String digest(Object value) {
        byte[] bytes = canonical(value, "value").getBytes(StandardCharsets.UTF_8);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException(error); // every Java has it (MessageDigest)
        }
    }

    /**
     * Refuses text that has no UTF-8 form: protobuf would send question marks in the place of lone surrogates.
     *
     * @param text anything
     * @param field what errors call it
     * @return the text
     * @throws InvalidInputException when it has a lone surrogate
     */
    public static String requireText(String text, String field) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new InvalidInputException(field, "is not valid UTF-8");
        }
        return text;
    }
}
