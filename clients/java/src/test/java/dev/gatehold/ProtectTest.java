package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehold.v1.AuditRecord;
import dev.gatehold.v1.Decision;
import dev.gatehold.v1.EvaluateResponse;
import dev.gatehold.v1.Obligation;
import dev.gatehold.v1.Outcome;
import dev.gatehold.v1.ReasonCode;
import dev.gatehold.v1.RecordKind;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProtectTest extends GateTest {
    private final List<Map<String, Object>> ran = new ArrayList<>();

    private Guarded<String, RuntimeException> counted(Guard by) {
        return by.protect(VERB, this::run);
    }

    private String run(dev.gatehold.Arguments arguments) {
        ran.add(arguments.asMap());
        return "done";
    }

    @Test
    void anAllowRunsTheFunctionWithWhatWasDecidedOn() {
        assertEquals("done", counted(guard).call(Map.of("amount", 1.0, "note", "é")));
        assertEquals(List.of(Map.of("amount", 1L, "note", "é")), ran);
        assertEquals("{\"amount\":1,\"note\":\"é\"}", gate.evaluated.get(0).getArgsJson());
    }

    @Test
    void whatTheCallerChangesAfterwardsDoesNotMatter() {
        Map<String, Object> args = new HashMap<>(Map.of("amount", 1));
        gate.evaluate = ask -> {
            args.put("amount", 1_000_000);
            return ScriptedGate.allow(ask).build();
        };

        counted(guard).call(args);

        assertEquals(List.of(Map.of("amount", 1L)), ran);
    }

    @Test
    void theOutcomeGoesOnTheRecord() throws Exception {
        counted(guard).call(Map.of());

        Until.holds(() -> gate.records.size() == 1);
        AuditRecord record = gate.records.get(0);
        assertEquals(RecordKind.RECORD_KIND_TOOL_EXECUTION, record.getKind());
        assertEquals(VERB, record.getVerb());
        assertEquals("d-1", record.getExecution().getDecisionId());
        assertEquals(Outcome.OUTCOME_SUCCEEDED, record.getExecution().getOutcome());
        assertEquals("", record.getExecution().getError());
        assertEquals("", record.getExecution().getApprovalId());
        assertTrue(record.getExecution().hasDuration());
    }

    @Test
    void closingSendsTheRecord() {
        counted(guard).call(Map.of());
        guard.close();
        assertEquals(1, gate.records.size());
    }

    @Test
    void whatTheFunctionThrowsPassesAndOnlyItsTypeIsTold() throws Exception {
        IOException thrown = new IOException("card 4111");
        Guarded<String, IOException> failing = guard.protect(VERB, arguments -> {
            throw thrown;
        });

        assertSame(thrown, assertThrows(IOException.class, () -> failing.call(Map.of())));

        Until.holds(() -> gate.records.size() == 1);
        assertEquals(Outcome.OUTCOME_FAILED, gate.records.get(0).getExecution().getOutcome());
        assertEquals("java.io.IOException", gate.records.get(0).getExecution().getError());
    }

    @Test
    void anErrorPassesAndIsTold() throws Exception {
        Guarded<String, RuntimeException> failing = guard.protect(VERB, arguments -> {
            throw new StackOverflowError();
        });

        assertThrows(StackOverflowError.class, () -> failing.call(Map.of()));

        Until.holds(() -> gate.records.size() == 1);
        assertEquals(Outcome.OUTCOME_FAILED, gate.records.get(0).getExecution().getOutcome());
    }

    @Test
    void theTextIsToldWhereItIsAskedFor() throws Exception {
        try (Guard open = gate.guard().recordErrorText(true).open()) {
            Guarded<String, IOException> failing = open.protect(VERB, arguments -> {
                throw new IOException("no such charge");
            });
            assertThrows(IOException.class, () -> failing.call(Map.of()));
        }
        assertEquals(
                "java.io.IOException: no such charge",
                gate.records.get(0).getExecution().getError());
    }

    @Test
    void aBlockRunsNothing() {
        gate.evaluate = ask ->
                ScriptedGate.allow(ask).setDecision(Decision.DECISION_BLOCK).build();

        BlockedException blocked =
                assertThrows(BlockedException.class, () -> counted(guard).call(Map.of()));

        assertEquals(VERB, blocked.verb());
        assertEquals("policy", blocked.answer().policyMatched());
        assertEquals("p:t: blocked: because [policy]", blocked.getMessage());
        assertTrue(ran.isEmpty());
    }

    @Test
    void anErrorRunsNothing() {
        gate.evaluate = ask -> {
            throw Status.UNAVAILABLE.asRuntimeException();
        };
        assertThrows(BlockedException.class, () -> counted(guard).call(Map.of()));
        assertTrue(ran.isEmpty());
    }

    @Test
    void garbageRunsNothing() {
        gate.evaluate = ask -> EvaluateResponse.getDefaultInstance();
        assertThrows(BlockedException.class, () -> counted(guard).call(Map.of()));
        assertTrue(ran.isEmpty());
    }

    @Test
    void argumentsThatAreNotJsonRunNothing() {
        BlockedException blocked =
                assertThrows(BlockedException.class, () -> counted(guard).call(Map.of("a", new Object())));
        assertEquals(ReasonCode.REASON_CODE_REFUSED, blocked.answer().reasonCode());
        assertTrue(ran.isEmpty());
    }

    @Test
    void obligationsAreMetBeforeTheRun() throws Exception {
        List<String> order = new ArrayList<>();
        obliges("watermark");
        try (Guard able = gate.guard()
                .handler(
                        "watermark",
                        asked -> order.add("met " + asked.properties().get("text")))
                .open()) {
            able.protect(VERB, arguments -> order.add("ran")).call(Map.of());
        }
        assertEquals(List.of("met draft", "ran"), order);
    }

    @Test
    void notificationIsKnown() {
        obliges("notification");
        counted(guard).call(Map.of());
        assertEquals(1, ran.size());
    }

    @Test
    void anObligationThatIsNotKnownRunsNothing() {
        obliges("watermark");
        assertUnmet(guard);
    }

    @Test
    void anObligationThatCannotBeMetRunsNothing() throws Exception {
        obliges("watermark");
        try (Guard unable = gate.guard()
                .handler("watermark", asked -> {
                    throw new IOException("no printer");
                })
                .open()) {
            assertUnmet(unable);
        }
    }

    private void obliges(String type) {
        Obligation obligation = Obligation.newBuilder()
                .setId("o")
                .setType(type)
                .setPropertiesJson("{\"text\":\"draft\"}")
                .build();
        gate.evaluate =
                ask -> ScriptedGate.allow(ask).addObligations(obligation).build();
    }

    private void assertUnmet(Guard by) {
        BlockedException blocked =
                assertThrows(BlockedException.class, () -> counted(by).call(Map.of()));
        assertEquals(ReasonCode.REASON_CODE_UNKNOWN_OBLIGATION, blocked.answer().reasonCode());
        assertTrue(ran.isEmpty());
    }

    @Test
    void anAnswerThatEndsWhileItsObligationsAreMetRunsNothing() throws Exception {
        Obligation slow = Obligation.newBuilder().setId("o").setType("slow").build();
        long end = uptime() + 1_000_000_000;
        gate.evaluate = ask -> ScriptedGate.allow(ask)
                .addObligations(slow)
                .setValidUntilBoottimeNs(end)
                .build();
        try (Guard patient = gate.guard()
                .handler("slow", asked -> Until.holds(() -> uptime() > end))
                .open()) {
            BlockedException blocked =
                    assertThrows(BlockedException.class, () -> counted(patient).call(Map.of()));
            assertEquals(
                    ReasonCode.REASON_CODE_INVALID_RESPONSE, blocked.answer().reasonCode());
            assertTrue(ran.isEmpty());
        }
    }

    private static long uptime() {
        try {
            String seconds = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
            return (long) (Double.parseDouble(seconds) * 1e9);
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    @Test
    void optionsOfOneCallReplaceThoseOfTheFunction() {
        Guarded<String, RuntimeException> guarded =
                guard.protect(VERB, Options.none().withOnBehalfOf("kim"), this::run);
        guarded.call(Map.of());
        guarded.call(Map.of(), Options.none().withOnBehalfOf("lee"));
        assertEquals("kim", gate.evaluated.get(0).getOnBehalfOf());
        assertEquals("lee", gate.evaluated.get(1).getOnBehalfOf());
    }

    @Test
    void whatOnlyEvaluateHasIsRefused() {
        for (Options options :
                List.of(Options.none().withPreflight(), Options.none().withRequestId("r"))) {
            assertThrows(IllegalArgumentException.class, () -> guard.protect(VERB, options, this::run));
            assertThrows(IllegalArgumentException.class, () -> counted(guard).call(Map.of(), options));
        }
        assertTrue(ran.isEmpty());
    }
}
