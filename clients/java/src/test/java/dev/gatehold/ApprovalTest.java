package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.gatehold.v1.Approval;
import dev.gatehold.v1.ApprovalState;
import dev.gatehold.v1.Decision;
import dev.gatehold.v1.ReasonCode;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ApprovalTest extends GateTest {
    private static final Map<String, Object> ARGS = Map.of("amount", 250);

    private final List<Map<String, Object>> ran = new ArrayList<>();
    private final List<Approval> told = new ArrayList<>();

    private String call() {
        return call(Options.none());
    }

    private String call(Options options) {
        return guard.protect(VERB, options.withOnWait(told::add), this::run).call(ARGS);
    }

    private String run(dev.gatehold.Arguments arguments) {
        ran.add(arguments.asMap());
        return "done under " + arguments.approvalId();
    }

    @Test
    void anApprovedCallRunsAndIsCompletedAndRecorded() {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_PENDING, ApprovalState.APPROVAL_STATE_APPROVED);

        assertEquals("done under " + ScriptedGate.ID, call());

        assertEquals(List.of(Map.of("amount", 250L)), ran);
        assertEquals(1, told.size());
        assertEquals(ScriptedGate.ID, told.get(0).getApprovalId());
        guard.close();
        assertEquals(gate.claims.get(0).getClaimId(), gate.completions.get(0).getClaimId());
        assertEquals(ScriptedGate.ID, gate.records.get(0).getExecution().getApprovalId());
        assertEquals("d-1", gate.records.get(0).getExecution().getDecisionId());
    }

    @Test
    void peopleSeeTheCallAndWhyItIsMade() {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_APPROVED);

        call(Options.none()
                .withJustification("the customer waits")
                .withContext(Map.of("channel", "mail"))
                .withOnBehalfOf("kim")
                .withToolDefinitionDigest("ab"));

        var seen = gate.requested.get(0);
        assertEquals("{\"amount\":250}", seen.getArgsJson());
        assertEquals("{\"channel\":\"mail\"}", seen.getContextJson());
        assertEquals("kim", seen.getOnBehalfOf());
        assertEquals("ab", seen.getToolDefinitionDigest());
        assertEquals("the customer waits", seen.getJustification());
    }

    @Test
    void whatWasApprovedBeforeRunsWithoutAWait() {
        gate.asksPeople();
        gate.request = ask -> ScriptedGate.pending(ask).toBuilder()
                .setState(ApprovalState.APPROVAL_STATE_APPROVED)
                .build();

        call();

        assertEquals(1, ran.size());
        assertTrue(told.isEmpty());
    }

    @Test
    void editedArgumentsRunAsTheyAre() {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_APPROVED);
        gate.request = ask -> {
            gate.edits("{\"amount\":99}");
            return ScriptedGate.pending(ask);
        };

        call();

        assertEquals(List.of(Map.of("amount", 99L)), ran);
    }

    @ParameterizedTest
    @CsvSource({
        "APPROVAL_STATE_DENIED, dev.gatehold.ApprovalDeniedException",
        "APPROVAL_STATE_EXPIRED, dev.gatehold.ApprovalExpiredException",
        "APPROVAL_STATE_CANCELLED, dev.gatehold.ApprovalCancelledException",
        "APPROVAL_STATE_CLAIMED, dev.gatehold.ApprovalRefusedException",
        "APPROVAL_STATE_SUCCEEDED, dev.gatehold.ApprovalRefusedException",
        "APPROVAL_STATE_FAILED, dev.gatehold.ApprovalRefusedException",
        "APPROVAL_STATE_INDETERMINATE, dev.gatehold.ApprovalRefusedException",
        "APPROVAL_STATE_UNSPECIFIED, dev.gatehold.ApprovalRefusedException"
    })
    void everyOtherEndRunsNothing(ApprovalState state, Class<? extends ApprovalRequiredException> expected) {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_PENDING, state);

        ApprovalRequiredException error = assertThrows(expected, this::call);

        assertEquals(state, error.approval().getState());
        assertEquals("no", error.approval().getEndReason());
        assertEquals(VERB, error.verb());
        assertEquals(Decision.DECISION_REQUIRE_APPROVAL, error.answer().decision());
        assertNothingClaimed();
    }

    @Test
    void aStateThatIsNotKnownRunsNothing() {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_APPROVED);
        gate.watched = approval -> approval.setStateValue(99);
        assertThrows(ApprovalRefusedException.class, this::call);
        assertNothingClaimed();
    }

    static Stream<Arguments> foreign() {
        return Stream.of(
                of("another verb", approval -> approval.setVerb("p:other")),
                of("no id", approval -> approval.setApprovalId("")),
                of("no digest", approval -> approval.clearArgsDigest()),
                of("no digest, edited", approval -> approval.clearArgsDigest().setEdited(true)),
                of("other arguments", approval -> approval.setArgsDigest(ScriptedGate.digest("{}"))),
                of("nothing", approval -> approval.clear()));
    }

    private static Arguments of(String name, UnaryOperator<Approval.Builder> spoil) {
        return Arguments.of(name, spoil);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("foreign")
    void aRequestThatIsAnsweredWithAnotherCallIsABlock(String name, UnaryOperator<Approval.Builder> spoil) {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_APPROVED);
        gate.request = ask -> spoil.apply(ScriptedGate.pending(ask).toBuilder()).build();

        BlockedException blocked = assertThrows(BlockedException.class, this::call);

        assertEquals(ReasonCode.REASON_CODE_INVALID_RESPONSE, blocked.answer().reasonCode());
        assertTrue(told.isEmpty());
        assertNothingClaimed();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("foreign")
    void newsOfAnotherCallRunsNothing(String name, UnaryOperator<Approval.Builder> spoil) {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_APPROVED);
        gate.watched = spoil::apply;
        assertThrows(ApprovalRefusedException.class, this::call);
        assertNothingClaimed();
    }

    @Test
    void newsOfAnotherApprovalRunsNothing() {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_APPROVED);
        gate.watched = approval -> approval.setApprovalId("another");
        assertThrows(ApprovalRefusedException.class, this::call);
        assertNothingClaimed();
    }

    @Test
    void aRequestThatIsRefusedIsABlock() {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_APPROVED);
        gate.request = ask -> {
            throw Status.RESOURCE_EXHAUSTED.asRuntimeException();
        };
        BlockedException blocked = assertThrows(BlockedException.class, this::call);
        assertEquals(ReasonCode.REASON_CODE_REFUSED, blocked.answer().reasonCode());
        assertNothingClaimed();
    }

    @Test
    void whatNeedsNoApprovalAnyMoreIsDecidedAgain() {
        gate.asksPeople();
        gate.request = ask -> {
            gate.evaluate = again -> ScriptedGate.allow(again).build();
            throw notRequired("gatehold.dev");
        };
        assertEquals("done under ", call());
        assertEquals(2, gate.evaluated.size());
    }

    @Test
    void aGateThatNeverSettlesIsABlock() {
        gate.asksPeople();
        gate.request = ask -> {
            throw notRequired("gatehold.dev");
        };
        assertThrows(BlockedException.class, this::call);
        assertEquals(3, gate.requested.size());
        assertNothingClaimed();
    }

    @Test
    void anotherDomainsReasonIsNone() {
        gate.asksPeople();
        gate.request = ask -> {
            throw notRequired("elsewhere.example");
        };
        assertThrows(BlockedException.class, this::call);
        assertEquals(1, gate.requested.size());
    }

    @Test
    void aReasonThatCannotBeReadIsNone() {
        gate.asksPeople();
        gate.request = ask -> {
            Metadata trailers = new Metadata();
            trailers.put(
                    Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {9, 9, 9});
            throw Status.FAILED_PRECONDITION.asRuntimeException(trailers);
        };
        assertThrows(BlockedException.class, this::call);
        assertEquals(1, gate.requested.size());
    }

    private static RuntimeException notRequired(String domain) {
        ErrorInfo info = ErrorInfo.newBuilder()
                .setDomain(domain)
                .setReason("APPROVAL_NOT_REQUIRED")
                .build();
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.FAILED_PRECONDITION.value())
                .addDetails(Any.pack(info))
                .build());
    }

    @Test
    void theWaitOutlivesEveryLossOfTheStream() {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_PENDING);
        gate.watches.add(List.of());
        gate.watches.add(List.of(ApprovalState.APPROVAL_STATE_APPROVED));
        List<Status> losses = new ArrayList<>(List.of(Status.UNAVAILABLE, Status.INTERNAL, Status.UNKNOWN));
        gate.watchError = ask -> losses.isEmpty() ? null : losses.remove(0).asRuntimeException();

        call();

        assertEquals(1, ran.size());
        assertEquals(1, told.size());
        assertTrue(gate.watches.size() == 1 && losses.isEmpty());
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"NOT_FOUND", "UNAUTHENTICATED", "PERMISSION_DENIED", "INVALID_ARGUMENT", "UNIMPLEMENTED"})
    void aGateThatWillNotTellIsABlock(Status.Code code) {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_APPROVED);
        gate.watchError = ask -> code.toStatus().asRuntimeException();
        BlockedException blocked = assertThrows(BlockedException.class, this::call);
        assertEquals(ReasonCode.REASON_CODE_REFUSED, blocked.answer().reasonCode());
        assertNothingClaimed();
    }

    @ParameterizedTest
    @CsvSource({"true, 50", "false, 50", "true, 0"})
    void theTimeoutEndsTheWaitOnly(boolean open, long millis) {
        gate.watchesStayOpen = open;
        gate.asksPeople(ApprovalState.APPROVAL_STATE_PENDING);

        Options options = Options.none().withTimeout(Duration.ofMillis(millis));
        ApprovalPendingException pending = assertThrows(ApprovalPendingException.class, () -> call(options));

        assertEquals(ScriptedGate.ID, pending.approval().getApprovalId());
        assertNothingClaimed();
    }

    @Test
    void theStreamOfAnApprovedCallIsLetGo() throws Exception {
        gate.watchesStayOpen = true;
        gate.asksPeople(ApprovalState.APPROVAL_STATE_APPROVED);
        call();
        assertTrue(gate.watchCancelled.await(20, TimeUnit.SECONDS));
    }

    @Test
    void whatTheListenerThrowsEndsTheCall() {
        gate.asksPeople(ApprovalState.APPROVAL_STATE_APPROVED);
        RuntimeException thrown = new IllegalStateException("nobody is there");
        Options options = Options.none().withOnWait(approval -> {
            throw thrown;
        });
        Guarded<String, RuntimeException> guarded = guard.protect(VERB, options, this::run);
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> guarded.call(ARGS)));
        assertNothingClaimed();
    }

    @Test
    void closingTheGuardEndsTheWait() {
        gate.watchesStayOpen = true;
        gate.asksPeople(ApprovalState.APPROVAL_STATE_PENDING);
        CompletableFuture<String> waiting =
                CompletableFuture.supplyAsync(() -> call(Options.none().withTimeout(Duration.ofMinutes(5))));
        assertWaitEnds(waiting, guard::close);
    }

    @Test
    void anInterruptEndsTheWait() {
        gate.watchesStayOpen = true;
        gate.asksPeople(ApprovalState.APPROVAL_STATE_PENDING);
        CompletableFuture<String> ended = new CompletableFuture<>();
        Thread waiting = new Thread(() -> {
            try {
                ended.complete(call());
            } catch (RuntimeException error) {
                ended.completeExceptionally(error);
            }
        });
        waiting.start();
        assertWaitEnds(ended, waiting::interrupt);
    }

    private void assertWaitEnds(CompletableFuture<String> waiting, Runnable end) {
        try {
            Until.holds(() -> told.size() == 1);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
        end.run();
        CompletionException error =
                assertThrows(CompletionException.class, waiting.orTimeout(20, TimeUnit.SECONDS)::join);
        assertInstanceOf(ApprovalPendingException.class, error.getCause());
        assertNothingClaimed();
    }

    private void assertNothingClaimed() {
        assertTrue(ran.isEmpty());
        assertTrue(gate.claims.isEmpty());
    }
}
