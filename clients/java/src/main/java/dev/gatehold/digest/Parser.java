package dev.gatehold.digest;

import static dev.gatehold.digest.Limits.MAX_DEPTH;
import static dev.gatehold.digest.Limits.MAX_ITEMS;
import static dev.gatehold.digest.Limits.MAX_NUMBER;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one JSON text, whole. */
final class Parser {
    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]*+)(?:(\\.[0-9]++)?([eE][+-]?[0-9]++)?)");
    private static final int LONGEST_INTEGER = Long.toString(-MAX_NUMBER).length();
    private static final String WHITE_SPACE = " \t\n\r"; // RFC 8259, section 2

    private final String text;
    private final String field;
    private int at;
    private int depth;

    Parser(String text, String field) {
        this.text = text;
        this.field = field;
    }

    Map<String, Object> object() {
        skipWhiteSpace();
        if (peek() != '{') {
            throw refused("must be a JSON object");
        }
        Map<String, Object> members = members();
        skipWhiteSpace();
        if (at < text.length()) {
            throw refused("goes on after its JSON value ends");
        }
        return members;
    }

    private Object value() {
        return switch (peek()) {
            case '{' -> members();
            case '[' -> items();
            case '"' -> string();
            case 't' -> word("true", Boolean.TRUE);
            case 'f' -> word("false", Boolean.FALSE);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        open();
        while (another('}', members.size())) {
            String key = string();
            if (members.containsKey(key)) {
                throw refused("has a key given more than once");
            }
            skipWhiteSpace();
            expect(':');
            skipWhiteSpace();
            members.put(key, value());
        }
        return Collections.unmodifiableMap(members);
    }

    private List<Object> items() {
        List<Object> items = new ArrayList<>();
        open();
        while (another(']', items.size())) {
            items.add(value());
        }
        return Collections.unmodifiableList(items);
    }

    private void open() {
        at++;
        if (++depth > MAX_DEPTH) {
            throw refused("is nested deeper than " + MAX_DEPTH + " levels");
        }
    }

    /** Stands before the next member or item, or behind the closing bracket. */
    private boolean another(char closing, int before) {
        skipWhiteSpace();
        if (peek() == closing) {
            at++;
            depth--;
            return false;
        }
        if (before > 0) {
            expect(',');
            skipWhiteSpace();
        }
        if (before == MAX_ITEMS) {
            throw refused("has more than " + MAX_ITEMS + " keys or items");
        }
        return true;
    }

    private Object word(String word, Object meaning) {
        if (!text.startsWith(word, at)) {
            throw refused("is not JSON");
        }
        at += word.length();
        return meaning;
    }

    private Object number() {
        Matcher literal = NUMBER.matcher(text).region(at, text.length());
        if (!literal.lookingAt()) {
            throw refused("is not JSON");
        }
        boolean whole = literal.group(1) == null && literal.group(2) == null;
        // A long integer is refused before anything is made of its digits.
        double value = whole && literal.end() - at > LONGEST_INTEGER ? Double.NaN : Double.parseDouble(literal.group());
        if (!(Math.abs(value) <= MAX_NUMBER)) {
            throw refused("has a number beyond ±(2^53-1); send it as a string");
        }
        at = literal.end();
        return Numbers.plain(value);
    }

    private String string() {
        expect('"');
        StringBuilder string = new StringBuilder();
        while (peek() != '"') {
            char next = text.charAt(at++);
            if (next < ' ') {
                throw refused("has a control character that is not escaped");
            }
            string.append(next == '\\' ? escaped() : next);
        }
        at++;
        return Json.requireText(string.toString(), field);
    }

    private char escaped() {
        char mark = peek();
        at++;
        return switch (mark) {
            case '"', '\\', '/' -> mark;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> codeUnit();
            default -> throw refused("has an escape that JSON does not have");
        };
    }

    private char codeUnit() {
        int unit = 0;
        for (int digit = 0; digit < 4; digit++) {
            char next = peek();
            if (!((next >= '0' && next <= '9') || (next >= 'a' && next <= 'f') || (next >= 'A' && next <= 'F'))) {
                throw refused("has an escape that JSON does not have");
            }
            unit = unit * 16 + Character.digit(next, 16);
            at++;
        }
        return (char) unit;
    }

    private void expect(char mark) {
        if (peek() != mark) {
            throw refused("is not JSON");
        }
        at++;
    }

    private char peek() {
        if (at >= text.length()) {
            throw refused("is not JSON: it ends too early");
        }
        return text.charAt(at);
    }

    private void skipWhiteSpace() {
        while (at < text.length() && WHITE_SPACE.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private InvalidInputException refused(String message) {
        return new InvalidInputException(field, "at character " + at + ": " + message);
    }
}
