package dev.gatehold;

import dev.gatehold.digest.Json;
import dev.gatehold.internal.report.Backoff;
import dev.gatehold.internal.sidecar.BootClock;
import dev.gatehold.internal.sidecar.Connection;
import dev.gatehold.v1.Approval;
import dev.gatehold.v1.ApprovalState;
import dev.gatehold.v1.ClaimApprovalRequest;
import dev.gatehold.v1.ClaimApprovalResponse;
import dev.gatehold.v1.CompleteApprovalRequest;
import dev.gatehold.v1.Outcome;
import io.grpc.Status;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** The right to run one approved call once. Nothing runs without a reply that was checked. */
final class Claim {
    private static final System.Logger LOG = System.getLogger("gatehold.approval");
    private static final int TRIES = 5;
    // These tell that the gate was not reached or did not get to it; every other error is its answer.
    private static final Set<Status.Code> UNANSWERED =
            Set.of(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED, Status.Code.CANCELLED, Status.Code.UNKNOWN);

    private final Connection connection;
    private final BootClock clock;
    private final Held held;
    private final ClaimApprovalRequest request;

    /**
     * What a claim gives.
     *
     * @param args to run with, unredacted; an approver may have edited them
     * @param obligations to meet before
     * @param untilBoottimeNanos when it ends unless it is renewed; 0 where that is not known
     */
    record Grant(Map<String, Object> args, List<dev.gatehold.v1.Obligation> obligations, long untilBoottimeNanos) {}

    /**
     * Makes a claim that is not sent yet.
     *
     * @param held approved
     * @param contextDigest of the context that the call runs in
     * @param toolDefinitionDigest of the tool that runs
     */
    Claim(Connection connection, BootClock clock, Held held, String contextDigest, String toolDefinitionDigest) {
        this.connection = connection;
        this.clock = clock;
        this.held = held;
        this.request = ClaimApprovalRequest.newBuilder()
                .setApprovalId(held.approval().getApprovalId())
                .setClaimId(UUID.randomUUID().toString())
                .setArgsDigest(held.approval().getArgsDigest())
                .setContextDigest(contextDigest)
                .setToolDefinitionDigest(toolDefinitionDigest)
                .build();
    }

    /**
     * Takes the right. A reply that is lost is asked for again under the same id, which gets the same reply.
     *
     * @throws ApprovalRefusedException when it is refused, or no reply came, or not the right one
     */
    Grant take() {
        Backoff backoff = new Backoff();
        for (int tried = 1; ; tried++) {
            OptionalLong began = clock.latest();
            try {
                return checked(send(), began);
            } catch (ApprovalRefusedException refused) {
                throw refused;
            } catch (RuntimeException error) {
                if (tried == TRIES || isAnswer(error)) {
                    throw refused("it could not be claimed (" + Reading.problem(error) + ")");
                }
            }
            pause(backoff);
        }
    }

    /**
     * Makes the claim last. Throws, which ends the renewing, once the gate refuses: the run itself cannot be stopped
     * halfway.
     */
    void renew() {
        try {
            send();
        } catch (RuntimeException error) {
            if (isAnswer(error)) {
                LOG.log(
                        Level.WARNING,
                        "the claim on approval {0} is not renewed: {1}",
                        approvalId(),
                        Reading.problem(error));
                throw error;
            }
        }
    }

    String approvalId() {
        return request.getApprovalId();
    }

    /** Tells how the run ended. */
    CompleteApprovalRequest completion(Ended ended) {
        return completion()
                .setOutcome(ended.outcome())
                .setError(ended.error())
                .setDuration(ended.duration())
                .build();
    }

    /** Tells that nothing ran. */
    CompleteApprovalRequest notRun(String why) {
        return completion()
                .setOutcome(Outcome.OUTCOME_FAILED)
                .setError(Ended.cut(why))
                .build();
    }

    private CompleteApprovalRequest.Builder completion() {
        return CompleteApprovalRequest.newBuilder().setApprovalId(approvalId()).setClaimId(request.getClaimId());
    }

    ApprovalRefusedException refused(String why) {
        return new ApprovalRefusedException(held, why);
    }

    private static boolean isAnswer(RuntimeException error) {
        return !UNANSWERED.contains(Status.fromThrowable(error).getCode());
    }

    private ClaimApprovalResponse send() {
        return connection
                .blocking()
                .withDeadlineAfter(Approvals.DEADLINE.toNanos(), TimeUnit.NANOSECONDS)
                .claimApproval(request);
    }

    private Grant checked(ClaimApprovalResponse reply, OptionalLong began) {
        Approval claimed = reply.getApproval();
        boolean mine = claimed.getState() == ApprovalState.APPROVAL_STATE_CLAIMED
                && claimed.getApprovalId().equals(request.getApprovalId())
                && claimed.getClaimId().equals(request.getClaimId())
                && claimed.getVerb().equals(held.verb());
        if (!mine) {
            throw refused("the gate's reply is not about this claim");
        }
        return new Grant(args(claimed), reply.getObligationsList(), until(claimed, began));
    }

    private Map<String, Object> args(Approval claimed) {
        Map<String, Object> args;
        try {
            args = Json.parseObject(claimed.getArgsJson(), "args_json");
        } catch (IllegalArgumentException error) {
            throw refused("the claim's arguments are unusable: " + error.getMessage());
        }
        String approved = request.getArgsDigest();
        if (!claimed.getArgsDigest().equals(approved) || !Json.digest(args).equals(approved)) {
            throw refused("the claim's arguments are not the approved ones");
        }
        return args;
    }

    /** Counts from before the claim was sent, so this never takes it for longer than it is. */
    private static long until(Approval claimed, OptionalLong began) {
        if (began.isEmpty() || !claimed.hasTimeLeft()) {
            return 0;
        }
        long left = TimeUnit.SECONDS.toNanos(claimed.getTimeLeft().getSeconds())
                + claimed.getTimeLeft().getNanos();
        return began.getAsLong() + left;
    }

    private void pause(Backoff backoff) {
        try {
            TimeUnit.NANOSECONDS.sleep(backoff.next().toNanos());
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw refused("the claim was interrupted");
        }
    }
}
