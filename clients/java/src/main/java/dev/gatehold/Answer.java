package dev.gatehold;

import dev.gatehold.v1.Decision;
import dev.gatehold.v1.DecisionSource;
import dev.gatehold.v1.ReasonCode;
import dev.gatehold.v1.RiskLevel;
import java.util.List;

/**
 * What the gate says of one call. Only {@link #allowed} answers may run.
 *
 * @param decision allow, require approval or block
 * @param reason one sentence for a person
 * @param reasonCode why, for programs
 * @param riskLevel of the verb; HIGH where nobody could tell
 * @param policyMatched id of the policy that decided; empty where none did
 * @param decisionId of the record; empty where nobody could decide
 * @param revision of the configuration that decided; 0 where nobody could
 * @param source who answered
 * @param obligations to be met before the call runs
 * @param argsDigest hex SHA-256 of the canonical arguments; empty where they have no canonical form
 * @param validUntilBoottimeNanos nanoseconds on the host's CLOCK_BOOTTIME from which it must not be used; 0 for no such
 *     end
 */
public record Answer(
        Decision decision,
        String reason,
        ReasonCode reasonCode,
        RiskLevel riskLevel,
        String policyMatched,
        String decisionId,
        long revision,
        DecisionSource source,
        List<Obligation> obligations,
        String argsDigest,
        long validUntilBoottimeNanos) {

    /**
     * Tells whether the call may run now.
     *
     * @return true only where it may
     */
    public boolean allowed() {
        return decision == Decision.DECISION_ALLOW;
    }

    /** A block, because nobody could decide. */
    static Answer failClosed(ReasonCode code, String reason, String argsDigest) {
        return new Answer(
                Decision.DECISION_BLOCK,
                reason,
                code,
                RiskLevel.RISK_LEVEL_HIGH,
                "",
                "",
                0,
                DecisionSource.DECISION_SOURCE_FAIL_CLOSED,
                List.of(),
                argsDigest,
                0);
    }
}
