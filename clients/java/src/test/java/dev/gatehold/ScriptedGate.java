package dev.gatehold;

import dev.gatehold.digest.Json;
import dev.gatehold.v1.Approval;
import dev.gatehold.v1.ApprovalState;
import dev.gatehold.v1.AuditRecord;
import dev.gatehold.v1.ClaimApprovalRequest;
import dev.gatehold.v1.ClaimApprovalResponse;
import dev.gatehold.v1.CompleteApprovalRequest;
import dev.gatehold.v1.CompleteApprovalResponse;
import dev.gatehold.v1.Decision;
import dev.gatehold.v1.DecisionPointServiceGrpc;
import dev.gatehold.v1.DecisionPointServiceListApprovalsRequest;
import dev.gatehold.v1.DecisionPointServiceListApprovalsResponse;
import dev.gatehold.v1.DecisionSource;
import dev.gatehold.v1.EvaluateRequest;
import dev.gatehold.v1.EvaluateResponse;
import dev.gatehold.v1.ReasonCode;
import dev.gatehold.v1.RecordAuditRequest;
import dev.gatehold.v1.RecordAuditResponse;
import dev.gatehold.v1.RequestApprovalRequest;
import dev.gatehold.v1.RequestApprovalResponse;
import dev.gatehold.v1.RiskLevel;
import dev.gatehold.v1.WatchApprovalRequest;
import dev.gatehold.v1.WatchApprovalResponse;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A gate on a real Unix socket that plays by script. What a script throws ends the call with that status. */
final class ScriptedGate extends DecisionPointServiceGrpc.DecisionPointServiceImplBase implements AutoCloseable {
    static final String VERB = "p:t";
    static final String ID = "6b8ad5d5-7f44-4b93-8be1-1b1f3a2f7f0e";

    volatile Function<EvaluateRequest, EvaluateResponse> evaluate =
            request -> allow(request).build();
    volatile Function<RequestApprovalRequest, Approval> request = ScriptedGate::pending;
    /** What each stream sends before it ends; the last script goes on for the streams that follow. */
    final Deque<List<ApprovalState>> watches = new ArrayDeque<>();

    volatile Function<WatchApprovalRequest, RuntimeException> watchError = ask -> null;
    volatile Function<Approval.Builder, Approval.Builder> watched = approval -> approval;
    volatile Function<ClaimApprovalRequest, ClaimApprovalResponse> claim =
            ask -> claimed(ask).build();
    volatile Function<CompleteApprovalRequest, CompleteApprovalResponse> complete =
            ask -> CompleteApprovalResponse.getDefaultInstance();
    volatile Function<DecisionPointServiceListApprovalsRequest, DecisionPointServiceListApprovalsResponse> list =
            ask -> DecisionPointServiceListApprovalsResponse.getDefaultInstance();
    volatile Function<AuditRecord, RuntimeException> refusal = record -> null;

    final List<EvaluateRequest> evaluated = new CopyOnWriteArrayList<>();
    final List<RequestApprovalRequest> requested = new CopyOnWriteArrayList<>();
    final List<ClaimApprovalRequest> claims = new CopyOnWriteArrayList<>();
    final List<CompleteApprovalRequest> completions = new CopyOnWriteArrayList<>();
    final List<AuditRecord> records = new CopyOnWriteArrayList<>();
    final Map<String, Long> stored = new ConcurrentHashMap<>(); // by stream of records, the last sequence
    final CountDownLatch watchCancelled = new CountDownLatch(1);
    volatile boolean watchesStayOpen;
    volatile boolean losesAcknowledgements;
    final List<String> tokens = new CopyOnWriteArrayList<>();

    final Path socket;
    private final EventLoopGroup events = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Server server;
    private volatile String argsJson = "{}"; // as frozen by the last request for approval

    ScriptedGate(Path folder) throws IOException {
        socket = folder.resolve("agent.sock");
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelType(NioServerDomainSocketChannel.class)
                .bossEventLoopGroup(events)
                .workerEventLoopGroup(events)
                .withChildOption(ChannelOption.SO_KEEPALIVE, null) // a Unix socket has none
                .intercept(new Listener())
                .addService(this)
                .build()
                .start();
    }

    String target() {
        return "unix:" + socket;
    }

    GuardBuilder guard() {
        return Guard.builder().target(target()).deadline(Duration.ofSeconds(30)); // whatever else the machine does
    }

    static EvaluateResponse.Builder allow(EvaluateRequest request) {
        return EvaluateResponse.newBuilder()
                .setDecision(Decision.DECISION_ALLOW)
                .setRiskLevel(RiskLevel.RISK_LEVEL_LOW)
                .setReason("because")
                .setReasonCode(ReasonCode.REASON_CODE_POLICY)
                .setPolicyMatched("policy")
                .setDecisionId("d-1")
                .setRevision(7)
                .setSource(DecisionSource.DECISION_SOURCE_POLICY)
                .setArgsDigest(digest(request.getArgsJson()));
    }

    /** Every call needs a person from now on; the streams tell of these states, one after the other. */
    void asksPeople(ApprovalState... states) {
        evaluate = ask ->
                allow(ask).setDecision(Decision.DECISION_REQUIRE_APPROVAL).build();
        watches.add(List.of(states));
    }

    static Approval pending(RequestApprovalRequest request) {
        return Approval.newBuilder()
                .setApprovalId(ID)
                .setState(ApprovalState.APPROVAL_STATE_PENDING)
                .setVerb(request.getVerb())
                .setArgsDigest(digest(request.getArgsJson()))
                .setReason("it is much")
                .build();
    }

    ClaimApprovalResponse.Builder claimed(ClaimApprovalRequest ask) {
        Approval.Builder approval = Approval.newBuilder()
                .setApprovalId(ask.getApprovalId())
                .setState(ApprovalState.APPROVAL_STATE_CLAIMED)
                .setVerb(VERB)
                .setArgsJson(argsJson)
                .setArgsDigest(ask.getArgsDigest())
                .setClaimId(ask.getClaimId());
        return ClaimApprovalResponse.newBuilder().setApproval(approval);
    }

    /** An approver replaces the arguments. */
    void edits(String json) {
        argsJson = json;
        watched = approval -> approval.setEdited(true).setArgsDigest(digest(json));
    }

    static String digest(String json) {
        return Json.digest(Json.parseObject(json, "json"));
    }

    @Override
    public void evaluate(EvaluateRequest ask, StreamObserver<EvaluateResponse> answers) {
        evaluated.add(ask);
        answer(answers, ask, evaluate);
    }

    @Override
    public void requestApproval(RequestApprovalRequest ask, StreamObserver<RequestApprovalResponse> answers) {
        requested.add(ask);
        argsJson = ask.getArgsJson();
        answer(
                answers,
                ask,
                a -> RequestApprovalResponse.newBuilder()
                        .setApproval(request.apply(a))
                        .build());
    }

    @Override
    public void watchApproval(WatchApprovalRequest ask, StreamObserver<WatchApprovalResponse> answers) {
        ((ServerCallStreamObserver<WatchApprovalResponse>) answers).setOnCancelHandler(watchCancelled::countDown);
        RuntimeException refused = watchError.apply(ask);
        if (refused != null) {
            answers.onError(refused);
            return;
        }
        List<ApprovalState> states = watches.size() > 1 ? watches.poll() : watches.peek();
        for (ApprovalState state : states) {
            Approval.Builder approval = Approval.newBuilder()
                    .setApprovalId(ask.getApprovalId())
                    .setState(state)
                    .setVerb(VERB)
                    .setArgsDigest(digest(argsJson))
                    .setEndReason("no");
            answers.onNext(WatchApprovalResponse.newBuilder()
                    .setApproval(watched.apply(approval))
                    .build());
        }
        if (!watchesStayOpen) {
            answers.onCompleted();
        }
    }

    @Override
    public void claimApproval(ClaimApprovalRequest ask, StreamObserver<ClaimApprovalResponse> answers) {
        claims.add(ask);
        answer(answers, ask, claim);
    }

    @Override
    public void completeApproval(CompleteApprovalRequest ask, StreamObserver<CompleteApprovalResponse> answers) {
        completions.add(ask);
        answer(answers, ask, complete);
    }

    @Override
    public void listApprovals(
            DecisionPointServiceListApprovalsRequest ask,
            StreamObserver<DecisionPointServiceListApprovalsResponse> answers) {
        answer(answers, ask, list);
    }

    @Override
    public StreamObserver<RecordAuditRequest> recordAudit(StreamObserver<RecordAuditResponse> answers) {
        return new RecordTaker(this, answers);
    }

    private static <Q, A> void answer(StreamObserver<A> answers, Q ask, Function<Q, A> script) {
        try {
            answers.onNext(script.apply(ask));
            answers.onCompleted();
        } catch (RuntimeException error) {
            answers.onError(error);
        }
    }

    /** Ends as a process does that is killed: its socket stays where it is. */
    void die() {
        server.shutdownNow();
        try {
            server.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        die();
        events.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        Files.deleteIfExists(socket);
    }

    private final class Listener implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String token = headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER));
            tokens.add(token == null ? "" : token);
            return next.startCall(call, headers);
        }
    }
}
