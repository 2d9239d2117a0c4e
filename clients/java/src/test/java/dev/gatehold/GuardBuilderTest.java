package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardBuilderTest extends GateTest {
    private Path token(String text) throws IOException {
        return Files.writeString(folder.resolve("token"), text);
    }

    @Test
    void theVariablesCountWhereNothingIsSaid() throws Exception {
        Map<String, String> variables = Map.of(
                "GATEHOLD_SIDECAR", gate.target(),
                "GATEHOLD_TOKEN_FILE", token("t-1\n").toString());
        try (Guard plain = Guard.builder().environment(variables).open()) {
            assertTrue(plain.evaluate(VERB, Map.of()).allowed());
        }
        assertEquals("Bearer t-1", gate.tokens.get(0));
    }

    @Test
    void whatIsSaidCountsMore() throws Exception {
        Map<String, String> variables = Map.of("GATEHOLD_SIDECAR", "unix:elsewhere", "GATEHOLD_TOKEN_FILE", "absent");
        try (Guard plain =
                gate.guard().environment(variables).tokenFile(token("t-2")).open()) {
            assertTrue(plain.evaluate(VERB, Map.of()).allowed());
        }
        assertEquals("Bearer t-2", gate.tokens.get(0));
    }

    @Test
    void noTokenIsSentWhereThereIsNone() {
        guard.evaluate(VERB, Map.of());
        assertEquals("", gate.tokens.get(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", "a b", "a\nx-agent: b", "schl\u00fcssel"})
    void whatIsNoTokenIsRefusedAndNotShown(String text) throws IOException {
        GuardBuilder builder = gate.guard().tokenFile(token(text));
        RuntimeException error = assertThrows(RuntimeException.class, builder::open);
        assertFalse(error.getMessage().contains("x-agent"));
    }

    @Test
    void aTokenFileThatCannotBeReadIsAnError() {
        GuardBuilder builder = gate.guard().tokenFile(folder.resolve("absent"));
        assertThrows(UncheckedIOException.class, builder::open);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gate.example:1", "unix:"})
    void whatIsNotLocalIsRefused(String target) {
        assertThrows(
                IllegalArgumentException.class,
                () -> Guard.builder().target(target).open());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void aDeadlineIsNeeded(long seconds) {
        GuardBuilder builder = Guard.builder();
        assertThrows(IllegalArgumentException.class, () -> builder.deadline(Duration.ofSeconds(seconds)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "-1", " 1", "12345678901"})
    void whatIsNoUserIdIsRefused(String uid) {
        GuardBuilder builder = gate.guard().environment(Map.of("GATEHOLD_SIDECAR_UID", uid));
        assertThrows(IllegalArgumentException.class, builder::open);
    }

    @Test
    void aSocketThatOthersCouldReplaceIsNotAsked() throws Exception {
        Files.setAttribute(folder, "unix:mode", 0777);
        Answer answer = guard.evaluate(VERB, Map.of());
        assertFalse(answer.allowed());
        assertTrue(answer.reason().contains("chmod go-w"));
        assertTrue(gate.evaluated.isEmpty());
    }
}
