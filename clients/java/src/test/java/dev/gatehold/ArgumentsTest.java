package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehold.digest.Json;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private final Arguments arguments = new Arguments(
            Json.parseObject(
                    "{\"s\":\"x\",\"i\":2.0,\"d\":2.5,\"b\":true,\"l\":[1],\"o\":{\"k\":\"v\"},\"n\":null}", "args"),
            "a-1");

    @Test
    void eachIsThereByItsType() {
        assertEquals("x", arguments.text("s"));
        assertEquals(2, arguments.integer("i"));
        assertEquals(2, arguments.number("i"));
        assertEquals(2.5, arguments.number("d"));
        assertTrue(arguments.flag("b"));
        assertEquals(List.of(1L), arguments.list("l"));
        assertEquals("v", arguments.object("o").text("k"));
        assertEquals("a-1", arguments.object("o").approvalId());
        assertTrue(arguments.has("s"));
        assertFalse(arguments.has("n"));
        assertFalse(arguments.has("absent"));
    }

    @Test
    void nothingIsTakenForAnotherType() {
        List<Consumer<String>> asking = List.of(
                arguments::text,
                arguments::integer,
                arguments::number,
                arguments::flag,
                arguments::list,
                arguments::object);
        for (Consumer<String> ask : asking) {
            assertThrows(IllegalArgumentException.class, () -> ask.accept("absent"));
            assertThrows(IllegalArgumentException.class, () -> ask.accept("n"));
        }
        assertThrows(IllegalArgumentException.class, () -> arguments.integer("d"));
        assertThrows(IllegalArgumentException.class, () -> arguments.number("s"));
        assertThrows(IllegalArgumentException.class, () -> arguments.text("i"));
        assertThrows(IllegalArgumentException.class, () -> arguments.flag("i"));
        assertThrows(IllegalArgumentException.class, () -> arguments.object("l"));
    }

    @Test
    void noValueIsShown() {
        assertEquals(
                "Arguments[b, d, i, l, n, o, s]",
                new Arguments(new java.util.TreeMap<>(arguments.asMap()), "").toString());
    }

    @Test
    void nothingCanBeChanged() {
        assertThrows(
                UnsupportedOperationException.class, () -> arguments.asMap().clear());
        assertThrows(
                UnsupportedOperationException.class, () -> arguments.list("l").clear());
    }
}
