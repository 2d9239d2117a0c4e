package dev.gatehold;

import dev.gatehold.internal.sidecar.BootClock;
import dev.gatehold.v1.Decision;
import dev.gatehold.v1.DecisionSource;
import dev.gatehold.v1.EvaluateResponse;
import dev.gatehold.v1.ReasonCode;
import dev.gatehold.v1.RiskLevel;
import io.grpc.Status;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Reads a response into an answer, and into a block wherever anything about it is not as it must be. */
final class Reading {
    private static final Set<Status.Code> REFUSED = Set.of(
            Status.Code.INVALID_ARGUMENT,
            Status.Code.UNAUTHENTICATED,
            Status.Code.PERMISSION_DENIED,
            Status.Code.RESOURCE_EXHAUSTED,
            Status.Code.FAILED_PRECONDITION,
            Status.Code.NOT_FOUND,
            Status.Code.UNIMPLEMENTED);

    private final Obligations obligations;
    private final BootClock clock;

    Reading(Obligations obligations, BootClock clock) {
        this.obligations = obligations;
        this.clock = clock;
    }

    /** The block that an error status stands for. */
    static Answer ofError(RuntimeException error, String argsDigest) {
        if (REFUSED.contains(Status.fromThrowable(error).getCode())) {
            String reason = "The gate refused the request (" + problem(error) + ")";
            return Answer.failClosed(ReasonCode.REASON_CODE_REFUSED, reason, argsDigest);
        }
        String reason = "The gate could not be asked (" + problem(error) + ")";
        return Answer.failClosed(ReasonCode.REASON_CODE_SIDECAR_UNREACHABLE, reason, argsDigest);
    }

    /** An error status in words. */
    static String problem(RuntimeException error) {
        Status status = Status.fromThrowable(error);
        return status.getCode() + (status.getDescription() == null ? "" : ": " + status.getDescription());
    }

    /** The block that an unusable answer stands for. */
    static Answer ofGarbage(String why, String argsDigest) {
        return Answer.failClosed(
                ReasonCode.REASON_CODE_INVALID_RESPONSE, "The gate's answer is unusable: " + why, argsDigest);
    }

    /**
     * The answer, or a block where the response is garbage, too late, not about this call or asks for something
     * unknown.
     */
    Answer of(EvaluateResponse response, String argsDigest) {
        Answer answer;
        try {
            answer = read(response, argsDigest);
        } catch (RuntimeException error) { // whatever is wrong with it, it is no permission
            return ofGarbage(error.getMessage(), argsDigest);
        }
        for (Obligation obligation : answer.obligations()) {
            if (answer.decision() != Decision.DECISION_BLOCK && !obligations.knows(obligation)) {
                String reason = "The call carries an obligation nobody here knows: " + obligation.type();
                return Answer.failClosed(ReasonCode.REASON_CODE_UNKNOWN_OBLIGATION, reason, argsDigest);
            }
        }
        return answer;
    }

    /** Whether the answer must not be used any more. Where the clock cannot be read, nobody can tell that it may be. */
    boolean isTooLate(long validUntilBoottimeNanos) {
        if (validUntilBoottimeNanos == 0) {
            return false;
        }
        OptionalLong now = clock.latest();
        return now.isEmpty() || now.getAsLong() >= validUntilBoottimeNanos;
    }

    private Answer read(EvaluateResponse response, String argsDigest) {
        require(!isTooLate(response.getValidUntilBoottimeNs()), "it came too late");
        require(isKnown(response), "it has a value that is unset or not known here");
        boolean decided =
                response.getSource() != DecisionSource.DECISION_SOURCE_FAIL_CLOSED && response.getRevision() >= 1;
        require(response.getDecision() == Decision.DECISION_BLOCK || decided, "it permits what nobody decided");
        boolean mine =
                !response.getDecisionId().isEmpty() && response.getArgsDigest().equals(argsDigest);
        require(mine, "it is not about this call");
        List<Obligation> asked =
                response.getObligationsList().stream().map(Obligation::of).toList();
        return new Answer(
                response.getDecision(),
                response.getReason(),
                response.getReasonCode(),
                response.getRiskLevel(),
                response.getPolicyMatched(),
                response.getDecisionId(),
                response.getRevision(),
                response.getSource(),
                asked,
                argsDigest,
                response.getValidUntilBoottimeNs());
    }

    private static boolean isKnown(EvaluateResponse response) {
        return response.getDecision() != Decision.DECISION_UNSPECIFIED
                && response.getDecision() != Decision.UNRECOGNIZED
                && response.getSource() != DecisionSource.DECISION_SOURCE_UNSPECIFIED
                && response.getSource() != DecisionSource.UNRECOGNIZED
                && response.getReasonCode() != ReasonCode.REASON_CODE_UNSPECIFIED
                && response.getReasonCode() != ReasonCode.UNRECOGNIZED
                && response.getRiskLevel() != RiskLevel.RISK_LEVEL_UNSPECIFIED
                && response.getRiskLevel() != RiskLevel.UNRECOGNIZED;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
