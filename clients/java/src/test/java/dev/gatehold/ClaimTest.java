package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Duration;
import dev.gatehold.v1.Approval;
import dev.gatehold.v1.ApprovalState;
import dev.gatehold.v1.ClaimApprovalRequest;
import dev.gatehold.v1.ClaimApprovalResponse;
import dev.gatehold.v1.CompleteApprovalRequest;
import dev.gatehold.v1.CompleteApprovalResponse;
import dev.gatehold.v1.Obligation;
import dev.gatehold.v1.Outcome;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ClaimTest extends GateTest {
    private static final Options OPTIONS =
            Options.none().withContext(Map.of("channel", "mail")).withToolDefinitionDigest("ab");

    private final List<Map<String, Object>> ran = new ArrayList<>();

    @BeforeEach
    void isApproved() {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_APPROVED);
    }

    private String call() {
        return call(guard);
    }

    private String call(Guard by) {
        return by.protect(VERB, OPTIONS, this::run).call(Map.of("amount", 250));
    }

    private String run(dev.gatehold.Arguments arguments) {
        ran.add(arguments.asMap());
        return "done";
    }

    @Test
    void theClaimIsBoundToTheCall() {
        call();

        ClaimApprovalRequest claim = gate.claims.get(0);
        assertEquals(ScriptedGate.ID, claim.getApprovalId());
        assertEquals(4, UUID.fromString(claim.getClaimId()).version());
        assertEquals(ScriptedGate.digest("{\"amount\":250}"), claim.getArgsDigest());
        assertEquals(ScriptedGate.digest("{\"channel\":\"mail\"}"), claim.getContextDigest());
        assertEquals("ab", claim.getToolDefinitionDigest());
    }

    @Test
    void noContextIsTheEmptyOne() {
        guard.protect(VERB, this::run).call(Map.of());
        assertEquals(ScriptedGate.digest("{}"), gate.claims.get(0).getContextDigest());
    }

    @Test
    void everyCallClaimsForItself() {
        call();
        call();
        assertEquals(2, claimIds().size());
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"FAILED_PRECONDITION", "ABORTED", "NOT_FOUND", "PERMISSION_DENIED", "INTERNAL"})
    void aClaimThatIsRefusedRunsNothing(Status.Code code) {
        gate.claim = ask -> {
            throw code.toStatus().withDescription("policy blocks it now").asRuntimeException();
        };

        ApprovalRefusedException refused = assertThrows(ApprovalRefusedException.class, this::call);

        assertTrue(refused.getMessage().contains("policy blocks it now"));
        assertEquals(1, gate.claims.size());
        assertTrue(ran.isEmpty());
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN"})
    void aReplyThatIsLostIsAskedForAgainUnderTheSameId(Status.Code code) {
        gate.claim = ask -> {
            if (gate.claims.size() < 3) {
                throw code.toStatus().asRuntimeException();
            }
            return gate.claimed(ask).build();
        };

        call();

        assertEquals(3, gate.claims.size());
        assertEquals(1, claimIds().size());
        assertEquals(1, ran.size());
    }

    @Test
    void aClaimThatIsNeverAnsweredRunsNothing() {
        gate.claim = ask -> {
            throw Status.UNAVAILABLE.asRuntimeException();
        };
        assertThrows(ApprovalRefusedException.class, this::call);
        assertEquals(5, gate.claims.size());
        assertEquals(1, claimIds().size());
        assertTrue(ran.isEmpty());
    }

    @Test
    void anInterruptedClaimRunsNothing() {
        gate.claim = ask -> {
            throw Status.UNAVAILABLE.asRuntimeException();
        };
        Thread caller = Thread.currentThread();
        CompletableFuture.runAsync(() -> {
            try {
                Until.holds(() -> !gate.claims.isEmpty());
            } catch (InterruptedException error) {
                throw new IllegalStateException(error);
            }
            caller.interrupt();
        });
        assertThrows(ApprovalRefusedException.class, this::call);
        assertTrue(Thread.interrupted());
        assertTrue(ran.isEmpty());
    }

    private Set<String> claimIds() {
        return gate.claims.stream().map(ClaimApprovalRequest::getClaimId).collect(Collectors.toSet());
    }

    static Stream<Arguments> wrongReplies() {
        return Stream.of(
                wrong(
                        "another claim",
                        approval -> approval.setClaimId(UUID.randomUUID().toString())),
                wrong("no claim", Approval.Builder::clearClaimId),
                wrong("another approval", approval -> approval.setApprovalId("another")),
                wrong("another verb", approval -> approval.setVerb("p:other")),
                wrong("not claimed", approval -> approval.setState(ApprovalState.APPROVAL_STATE_APPROVED)),
                wrong("a new state", approval -> approval.setStateValue(99)),
                wrong("other arguments", approval -> approval.setArgsJson("{\"amount\":1}")),
                wrong("redacted ones", approval -> approval.setArgsJson("{\"amount\":\"[redacted]\"}")),
                wrong("none", Approval.Builder::clearArgsJson),
                wrong("no JSON", approval -> approval.setArgsJson("{")),
                wrong("another digest", approval -> approval.setArgsDigest(ScriptedGate.digest("{}"))),
                wrong(
                        "other arguments with their digest",
                        approval -> approval.setArgsJson("{}").setArgsDigest(ScriptedGate.digest("{}"))),
                wrong("nothing", Approval.Builder::clear));
    }

    private static Arguments wrong(String name, UnaryOperator<Approval.Builder> spoil) {
        return Arguments.of(name, spoil);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongReplies")
    void aReplyThatIsNotAboutThisClaimRunsNothing(String name, UnaryOperator<Approval.Builder> spoil) {
        gate.claim = ask -> {
            ClaimApprovalResponse.Builder reply = gate.claimed(ask);
            return reply.setApproval(spoil.apply(reply.getApprovalBuilder())).build();
        };
        assertThrows(ApprovalRefusedException.class, this::call);
        assertTrue(ran.isEmpty());
    }

    static Stream<Obligation> unmet() {
        Obligation.Builder obligation = Obligation.newBuilder().setId("o");
        return Stream.of(
                obligation.setType("watermark").build(),
                obligation.setType("").build(),
                obligation.setType("notification").setPropertiesJson("no JSON").build());
    }

    @ParameterizedTest
    @MethodSource("unmet")
    void anObligationThatIsNotMetRunsNothingAndIsTold(Obligation unmet) {
        gate.claim = ask -> gate.claimed(ask).addObligations(unmet).build();

        assertThrows(ApprovalRefusedException.class, this::call);

        guard.close();
        CompleteApprovalRequest completion = gate.completions.get(0);
        assertEquals(Outcome.OUTCOME_FAILED, completion.getOutcome());
        assertEquals(gate.claims.get(0).getClaimId(), completion.getClaimId());
        assertTrue(completion.getError().contains("obligation"));
        assertTrue(ran.isEmpty());
        assertTrue(gate.records.isEmpty());
    }

    @Test
    void obligationsOfTheClaimAreMet() throws Exception {
        List<String> met = new ArrayList<>();
        Obligation asked =
                Obligation.newBuilder().setId("o").setType("watermark").build();
        gate.claim = ask -> gate.claimed(ask).addObligations(asked).build();
        try (Guard able =
                gate.guard().handler("watermark", o -> met.add(o.id())).open()) {
            call(able);
        }
        assertEquals(List.of("o"), met);
        assertEquals(1, ran.size());
    }

    @Test
    void aClaimThatIsOverRunsNothingAndIsTold() {
        gate.claim = ask -> {
            ClaimApprovalResponse.Builder reply = gate.claimed(ask);
            reply.getApprovalBuilder().setTimeLeft(Duration.getDefaultInstance());
            return reply.build();
        };
        assertThrows(ApprovalRefusedException.class, this::call);
        guard.close();
        assertEquals(Outcome.OUTCOME_FAILED, gate.completions.get(0).getOutcome());
        assertTrue(ran.isEmpty());
    }

    @Test
    void aClaimThatLastsIsNoHindrance() {
        gate.claim = ask -> {
            ClaimApprovalResponse.Builder reply = gate.claimed(ask);
            reply.getApprovalBuilder().getTimeLeftBuilder().setSeconds(300);
            return reply.build();
        };
        call();
        assertEquals(1, ran.size());
    }

    @Test
    void theClaimIsRenewedWhileTheCallRuns() throws Exception {
        try (Guard eager = gate.guard().renewal(java.time.Duration.ofMillis(10)).open()) {
            gate.claim = ask -> {
                if (gate.claims.size() == 2) { // a renewal that fails is left to the next one
                    throw Status.UNAVAILABLE.asRuntimeException();
                }
                return gate.claimed(ask).build();
            };
            eager.protect(VERB, arguments -> {
                        waitFor(4);
                        return null;
                    })
                    .call(Map.of());
        }
        assertEquals(1, claimIds().size());
    }

    @Test
    void aCallThatHasRunIsNotRenewed() throws Exception {
        try (Guard eager = gate.guard().renewal(java.time.Duration.ofMillis(10)).open()) {
            call(eager);
            String first = gate.claims.get(0).getClaimId();
            int before = gate.claims.size();
            eager.protect(VERB, arguments -> {
                        waitFor(before + 20);
                        return null;
                    })
                    .call(Map.of());
            long since = gate.claims.stream()
                    .skip(before)
                    .filter(claim -> claim.getClaimId().equals(first))
                    .count();
            assertTrue(since <= 1, "one may have been on its way");
        }
    }

    @Test
    void aRenewalThatIsRefusedIsTheLast() throws Exception {
        CountDownLatch refused = new CountDownLatch(1);
        try (Guard eager = gate.guard().renewal(java.time.Duration.ofMillis(10)).open()) {
            gate.claim = ask -> {
                if (gate.claims.size() == 1) {
                    return gate.claimed(ask).build();
                }
                refused.countDown();
                throw Status.ABORTED.asRuntimeException();
            };
            assertEquals(
                    "ran all the same",
                    eager.protect(VERB, arguments -> {
                                waitFor(refused);
                                return "ran all the same";
                            })
                            .call(Map.of()));
        }
        assertEquals(2, gate.claims.size());
    }

    private void waitFor(int claims) {
        try {
            Until.holds(() -> gate.claims.size() >= claims);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }

    @Test
    void theEndIsTold() {
        call();
        guard.close();

        CompleteApprovalRequest completion = gate.completions.get(0);
        assertEquals(ScriptedGate.ID, completion.getApprovalId());
        assertEquals(Outcome.OUTCOME_SUCCEEDED, completion.getOutcome());
        assertEquals("", completion.getError());
        assertTrue(completion.hasDuration());
    }

    @Test
    void aFailureIsToldByItsType() {
        Guarded<String, IllegalStateException> failing = guard.protect(VERB, arguments -> {
            throw new IllegalStateException("card 4111");
        });

        assertThrows(IllegalStateException.class, () -> failing.call(Map.of()));

        guard.close();
        assertEquals(Outcome.OUTCOME_FAILED, gate.completions.get(0).getOutcome());
        assertEquals("java.lang.IllegalStateException", gate.completions.get(0).getError());
    }

    @Test
    void theEndIsToldUntilItIsTaken() throws Exception {
        gate.complete = ask -> {
            if (gate.completions.size() < 4) {
                throw Status.UNAUTHENTICATED.asRuntimeException();
            }
            return CompleteApprovalResponse.getDefaultInstance();
        };
        assertEquals("done", call());
        Until.holds(() -> gate.completions.size() == 4);
        guard.close();
        assertEquals(4, gate.completions.size());
        assertEquals(1, Set.copyOf(gate.completions).size());
    }

    @Test
    void closingTellsTheEndOnceMore() throws Exception {
        gate.complete = ask -> {
            throw Status.UNAVAILABLE.asRuntimeException();
        };
        call();
        Until.holds(() -> gate.completions.size() == 3); // by now the next is a while away
        List<CompleteApprovalRequest> taken = new CopyOnWriteArrayList<>();
        gate.complete = ask -> {
            taken.add(ask);
            return CompleteApprovalResponse.getDefaultInstance();
        };
        guard.close();
        assertEquals(1, taken.size());
    }

    @Test
    void anEndThatIsRefusedForGoodIsNotToldAgain() throws Exception {
        gate.complete = ask -> {
            throw Status.ABORTED.asRuntimeException();
        };
        assertEquals("done", call());
        Until.holds(() -> gate.completions.size() == 1 && gate.records.size() == 1);
        guard.close();
        assertEquals(1, gate.completions.size());
    }
}
