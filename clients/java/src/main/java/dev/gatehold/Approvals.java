package dev.gatehold;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.gatehold.internal.sidecar.Connection;
import dev.gatehold.v1.Approval;
import dev.gatehold.v1.ApprovalState;
import dev.gatehold.v1.DecisionPointServiceGrpc.DecisionPointServiceBlockingStub;
import dev.gatehold.v1.DecisionPointServiceListApprovalsRequest;
import dev.gatehold.v1.DecisionPointServiceListApprovalsResponse;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Asks people for a call, and finds the agent's own approvals again. */
final class Approvals {
    static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final int PAGE_SIZE = 1_000;
    private static final int MOST_PAGES = 100;
    private static final String DOMAIN = "gatehold.dev";
    private static final String NOT_REQUIRED = "APPROVAL_NOT_REQUIRED";

    private final Connection connection;

    Approvals(Connection connection) {
        this.connection = connection;
    }

    /**
     * Asks people.
     *
     * @return empty where policy asks for nobody any more, so that the call is to be decided on again
     * @throws BlockedException when they could not be asked, or the answer is not about this call
     */
    Optional<Approval> request(FrozenCall call) {
        Approval approval;
        try {
            approval = stub().requestApproval(call.approvalRequest()).getApproval();
        } catch (RuntimeException error) {
            if (reason(error).equals(NOT_REQUIRED)) {
                return Optional.empty();
            }
            throw new BlockedException(call.verb(), Reading.ofError(error, call.argsDigest()));
        }
        if (!isAbout(approval, call)) {
            String why = "the approval is not about this call";
            throw new BlockedException(call.verb(), Reading.ofGarbage(why, call.argsDigest()));
        }
        return Optional.of(approval);
    }

    /** Whether it is an approval of this call: of these arguments, unless an approver replaced them. */
    static boolean isAbout(Approval approval, FrozenCall call) {
        return approval.getVerb().equals(call.verb())
                && !approval.getApprovalId().isEmpty()
                && !approval.getArgsDigest().isEmpty()
                && (approval.getEdited() || approval.getArgsDigest().equals(call.argsDigest()));
    }

    /**
     * Lists what may be run now.
     *
     * @throws GateholdException when the gate cannot be asked
     */
    List<Approval> claimable() {
        List<Approval> found = new ArrayList<>();
        var request = DecisionPointServiceListApprovalsRequest.newBuilder()
                .setPageSize(PAGE_SIZE)
                .addStates(ApprovalState.APPROVAL_STATE_APPROVED)
                .addStates(ApprovalState.APPROVAL_STATE_INDETERMINATE);
        for (int page = 0; page < MOST_PAGES; page++) { // a page token could lead in a circle
            DecisionPointServiceListApprovalsResponse listed = page(request.build());
            listed.getApprovalsList().stream().filter(Approvals::isClaimable).forEach(found::add);
            if (listed.getNextPageToken().isEmpty()) {
                return found;
            }
            request.setPageToken(listed.getNextPageToken());
        }
        throw new GateholdException("the approvals fill more than " + MOST_PAGES + " pages");
    }

    private DecisionPointServiceListApprovalsResponse page(DecisionPointServiceListApprovalsRequest request) {
        try {
            return stub().listApprovals(request);
        } catch (RuntimeException error) {
            throw new GateholdException("the approvals could not be listed (" + Reading.problem(error) + ")");
        }
    }

    private static boolean isClaimable(Approval approval) {
        boolean whole =
                !approval.getApprovalId().isEmpty() && !approval.getArgsDigest().isEmpty();
        return whole
                && switch (approval.getState()) {
                    case APPROVAL_STATE_APPROVED -> true;
                    case APPROVAL_STATE_INDETERMINATE -> approval.getReclaimable();
                    default -> false;
                };
    }

    private DecisionPointServiceBlockingStub stub() {
        return connection.blocking().withDeadlineAfter(DEADLINE.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Why the gate refused, for programs; empty where it does not say, or says it in no way that can be read. */
    private static String reason(RuntimeException error) {
        try {
            Status status = StatusProto.fromThrowable(error);
            for (Any detail : status == null ? List.<Any>of() : status.getDetailsList()) {
                if (detail.is(ErrorInfo.class)
                        && detail.unpack(ErrorInfo.class).getDomain().equals(DOMAIN)) {
                    return detail.unpack(ErrorInfo.class).getReason();
                }
            }
        } catch (InvalidProtocolBufferException | RuntimeException garbage) {
            return "";
        }
        return "";
    }
}
