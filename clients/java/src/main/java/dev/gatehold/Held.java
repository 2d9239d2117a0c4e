package dev.gatehold;

import dev.gatehold.v1.Approval;
import dev.gatehold.v1.Decision;
import dev.gatehold.v1.DecisionSource;
import dev.gatehold.v1.ReasonCode;
import java.util.List;

/**
 * A call that is held for people.
 *
 * @param answer the decision that asked for them
 * @param approval as it was last seen, with sensitive arguments redacted
 */
record Held(String verb, Answer answer, Approval approval) {

    /** One that another process asked for, with the decision as far as the approval tells it. */
    static Held found(Approval approval) {
        Answer answer = new Answer(
                Decision.DECISION_REQUIRE_APPROVAL,
                approval.getReason(),
                ReasonCode.REASON_CODE_POLICY,
                approval.getRiskLevel(),
                approval.getPolicyMatched(),
                "",
                approval.getRevision(),
                DecisionSource.DECISION_SOURCE_POLICY,
                List.of(),
                approval.getArgsDigest(),
                0);
        return new Held(approval.getVerb(), answer, approval);
    }

    Held as(Approval now) {
        return new Held(verb, answer, now);
    }

    /** The last word on it: why it ended, or, before that, why policy asks. */
    String why() {
        return approval.getEndReason().isEmpty() ? approval.getReason() : approval.getEndReason();
    }
}
