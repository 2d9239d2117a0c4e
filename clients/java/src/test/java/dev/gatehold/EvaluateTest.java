package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehold.v1.Decision;
import dev.gatehold.v1.DecisionSource;
import dev.gatehold.v1.EvaluateRequest;
import dev.gatehold.v1.EvaluateResponse;
import dev.gatehold.v1.Intent;
import dev.gatehold.v1.Obligation;
import dev.gatehold.v1.ReasonCode;
import dev.gatehold.v1.RiskLevel;
import io.grpc.Status;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EvaluateTest extends GateTest {
    private static final Map<String, Object> ARGS = Map.of("amount", 250);

    @Test
    void anAllowIsOne() {
        Answer answer = guard.evaluate(VERB, ARGS);

        assertTrue(answer.allowed());
        assertEquals(DecisionSource.DECISION_SOURCE_POLICY, answer.source());
        assertEquals("policy", answer.policyMatched());
        assertEquals(7, answer.revision());
        assertEquals(ScriptedGate.digest("{\"amount\":250}"), answer.argsDigest());
    }

    @Test
    void theGateSeesWhatWasAsked() {
        Options options = Options.none()
                .withContext(Map.of("channel", "mail"))
                .withOnBehalfOf("kim")
                .withRequestId("r-1")
                .withToolDefinitionDigest("ab")
                .withPreflight();
        guard.evaluate(VERB, ARGS, options);

        EvaluateRequest seen = gate.evaluated.get(0);
        assertEquals(VERB, seen.getVerb());
        assertEquals("{\"amount\":250}", seen.getArgsJson());
        assertEquals("{\"channel\":\"mail\"}", seen.getContextJson());
        assertEquals("kim", seen.getOnBehalfOf());
        assertEquals("r-1", seen.getRequestId());
        assertEquals("ab", seen.getToolDefinitionDigest());
        assertEquals(Intent.INTENT_PREFLIGHT, seen.getIntent());
    }

    @ParameterizedTest
    @CsvSource({"DECISION_BLOCK", "DECISION_REQUIRE_APPROVAL"})
    void nothingElseIsAnAllow(Decision decision) {
        gate.evaluate = ask -> ScriptedGate.allow(ask).setDecision(decision).build();

        Answer answer = guard.evaluate(VERB, ARGS);

        assertFalse(answer.allowed());
        assertEquals(decision, answer.decision());
        assertEquals(ReasonCode.REASON_CODE_POLICY, answer.reasonCode());
    }

    static Stream<Arguments> garbage() {
        return Stream.of(
                spoilt("no decision", answer -> answer.setDecision(Decision.DECISION_UNSPECIFIED)),
                spoilt("a new decision", answer -> answer.setDecisionValue(99)),
                spoilt("no source", answer -> answer.setSource(DecisionSource.DECISION_SOURCE_UNSPECIFIED)),
                spoilt("a new source", answer -> answer.setSourceValue(99)),
                spoilt("nobody decided", answer -> answer.setSource(DecisionSource.DECISION_SOURCE_FAIL_CLOSED)),
                spoilt("no reason code", answer -> answer.setReasonCode(ReasonCode.REASON_CODE_UNSPECIFIED)),
                spoilt("a new reason code", answer -> answer.setReasonCodeValue(999)),
                spoilt("no risk", answer -> answer.setRiskLevel(RiskLevel.RISK_LEVEL_UNSPECIFIED)),
                spoilt("a new risk", answer -> answer.setRiskLevelValue(99)),
                spoilt("no revision", answer -> answer.setRevision(0)),
                spoilt("no decision id", answer -> answer.setDecisionId("")),
                spoilt("no digest", answer -> answer.setArgsDigest("")),
                spoilt("another call's digest", answer -> answer.setArgsDigest(ScriptedGate.digest("{}"))),
                spoilt("a time that passed", answer -> answer.setValidUntilBoottimeNs(1)),
                spoilt("a negative time", answer -> answer.setValidUntilBoottimeNs(-1)),
                spoilt("an obligation without id", answer -> answer.addObligations(obligation("", "notification", ""))),
                spoilt("an obligation without type", answer -> answer.addObligations(obligation("o", "", ""))),
                spoilt("bad properties", answer -> answer.addObligations(obligation("o", "notification", "[]"))),
                spoilt("nothing at all", answer -> answer.clear()));
    }

    private static Arguments spoilt(String name, UnaryOperator<EvaluateResponse.Builder> spoil) {
        return Arguments.of(name, spoil);
    }

    private static Obligation obligation(String id, String type, String properties) {
        return Obligation.newBuilder()
                .setId(id)
                .setType(type)
                .setPropertiesJson(properties)
                .build();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void garbage(String name, UnaryOperator<EvaluateResponse.Builder> spoil) {
        gate.evaluate = ask -> spoil.apply(ScriptedGate.allow(ask)).build();

        assertBlocked(ReasonCode.REASON_CODE_INVALID_RESPONSE, guard.evaluate(VERB, ARGS));
    }

    @Test
    void aTimeThatLiesAheadIsNoHindrance() {
        gate.evaluate = ask -> ScriptedGate.allow(ask)
                .setSource(DecisionSource.DECISION_SOURCE_CACHE)
                .setValidUntilBoottimeNs(Long.MAX_VALUE)
                .build();

        assertTrue(guard.evaluate(VERB, ARGS).allowed());
    }

    @Test
    void anObligationThatIsNotKnownBlocks() {
        gate.evaluate = ask -> ScriptedGate.allow(ask)
                .addObligations(obligation("o", "watermark", ""))
                .build();

        assertBlocked(ReasonCode.REASON_CODE_UNKNOWN_OBLIGATION, guard.evaluate(VERB, ARGS));
    }

    @Test
    void knownObligationsAreHandedOut() {
        gate.evaluate = ask -> ScriptedGate.allow(ask)
                .addObligations(obligation("o", "notification", "{\"channel\":\"ops\"}"))
                .build();

        Answer answer = guard.evaluate(VERB, ARGS);

        assertTrue(answer.allowed());
        assertEquals(
                List.of(new dev.gatehold.Obligation("o", "notification", Map.of("channel", "ops"))),
                answer.obligations());
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT, REASON_CODE_REFUSED",
        "UNAUTHENTICATED, REASON_CODE_REFUSED",
        "PERMISSION_DENIED, REASON_CODE_REFUSED",
        "RESOURCE_EXHAUSTED, REASON_CODE_REFUSED",
        "FAILED_PRECONDITION, REASON_CODE_REFUSED",
        "NOT_FOUND, REASON_CODE_REFUSED",
        "UNIMPLEMENTED, REASON_CODE_REFUSED",
        "UNAVAILABLE, REASON_CODE_SIDECAR_UNREACHABLE",
        "INTERNAL, REASON_CODE_SIDECAR_UNREACHABLE",
        "ABORTED, REASON_CODE_SIDECAR_UNREACHABLE",
        "UNKNOWN, REASON_CODE_SIDECAR_UNREACHABLE"
    })
    void everyErrorBlocks(Status.Code code, ReasonCode expected) {
        gate.evaluate = ask -> {
            throw code.toStatus().asRuntimeException();
        };

        assertBlocked(expected, guard.evaluate(VERB, ARGS));
    }

    @Test
    void anAnswerThatTakesTooLongBlocks() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        gate.evaluate = ask -> {
            await(over);
            return ScriptedGate.allow(ask).build();
        };
        try (Guard hasty = gate.guard().deadline(Duration.ofMillis(50)).open()) {
            assertBlocked(ReasonCode.REASON_CODE_SIDECAR_UNREACHABLE, hasty.evaluate(VERB, ARGS));
        } finally {
            over.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }

    @Test
    void aGateThatIsGoneBlocksAndIsFoundAgain() throws Exception {
        gate.close();
        assertBlocked(ReasonCode.REASON_CODE_SIDECAR_UNREACHABLE, guard.evaluate(VERB, ARGS));
        gate = new ScriptedGate(folder);
        assertTrue(guard.evaluate(VERB, ARGS).allowed());
    }

    @Test
    void aGateThatDiedAndLeftItsSocketBlocksAndIsFoundAgain() throws Exception {
        gate.die();
        assertBlocked(ReasonCode.REASON_CODE_SIDECAR_UNREACHABLE, guard.evaluate(VERB, ARGS));
        assertBlocked(ReasonCode.REASON_CODE_SIDECAR_UNREACHABLE, guard.evaluate(VERB, ARGS));
        gate.close();
        gate = new ScriptedGate(folder);
        assertTrue(guard.evaluate(VERB, ARGS).allowed());
    }

    @Test
    void callsLookForTheGateAgainAtOnce() throws Exception {
        gate.close();
        AtomicInteger connections = new AtomicInteger();
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(gate.socket));
            CompletableFuture.runAsync(() -> hangUp(listener, connections));
            for (int calls = 0; calls < 100 && connections.get() < 5; calls++) {
                assertBlocked(ReasonCode.REASON_CODE_SIDECAR_UNREACHABLE, guard.evaluate(VERB, ARGS));
            }
        }
        assertTrue(connections.get() >= 5, "waiting before it looks again, it would have looked once or twice");
    }

    private static void hangUp(ServerSocketChannel listener, AtomicInteger connections) {
        try {
            while (true) {
                listener.accept().close();
                connections.incrementAndGet();
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Test
    void aClosedGuardBlocks() {
        guard.close();
        assertBlocked(ReasonCode.REASON_CODE_SIDECAR_UNREACHABLE, guard.evaluate(VERB, ARGS));
    }

    @Test
    void aThreadThatIsInterruptedIsBlocked() {
        Thread.currentThread().interrupt();

        Answer answer = guard.evaluate(VERB, ARGS);

        assertTrue(Thread.interrupted());
        assertBlocked(ReasonCode.REASON_CODE_SIDECAR_UNREACHABLE, answer);
    }

    static Stream<Arguments> unfit() {
        Map<String, Object> circle = new HashMap<>();
        circle.put("self", circle);
        return Stream.of(
                Arguments.of("no JSON", VERB, Map.of("a", new Object()), Options.none()),
                Arguments.of("NaN", VERB, Map.of("a", Double.NaN), Options.none()),
                Arguments.of("a circle", VERB, circle, Options.none()),
                Arguments.of("bad context", VERB, Map.of(), Options.none().withContext(Map.of("a", new Object()))),
                Arguments.of("half a character in the verb", "p:\ud800", Map.of(), Options.none()),
                Arguments.of(
                        "and in the subject", VERB, Map.of(), Options.none().withOnBehalfOf("\ud800")),
                Arguments.of("and in the id", VERB, Map.of(), Options.none().withRequestId("\ud800")),
                Arguments.of("and in the digest", VERB, Map.of(), Options.none().withToolDefinitionDigest("\ud800")),
                Arguments.of("and in the reason", VERB, Map.of(), Options.none().withJustification("\ud800")),
                Arguments.of("no verb", null, Map.of(), Options.none()),
                Arguments.of("no arguments", VERB, null, Options.none()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void unfit(String name, String verb, Map<String, ?> args, Options options) {
        assertBlocked(ReasonCode.REASON_CODE_REFUSED, guard.evaluate(verb, args, options));
        assertTrue(gate.evaluated.isEmpty());
    }

    private static void assertBlocked(ReasonCode code, Answer answer) {
        assertEquals(Decision.DECISION_BLOCK, answer.decision());
        assertEquals(DecisionSource.DECISION_SOURCE_FAIL_CLOSED, answer.source());
        assertEquals(code, answer.reasonCode());
        assertFalse(answer.allowed());
    }
}
