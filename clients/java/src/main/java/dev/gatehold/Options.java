package dev.gatehold;

import dev.gatehold.v1.Approval;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a call says beside its verb and arguments. {@link #none} is where to begin; each method returns a changed copy.
 *
 * @param context claims about the agent's situation, JSON values; default none
 * @param onBehalfOf whom the agent acts for; default nobody
 * @param preflight only asks, the call does not run next; it never changes a decision. For {@code evaluate} only
 * @param requestId the caller's own correlation id, for the record; default none
 * @param toolDefinitionDigest hex SHA-256 of the tool definition that the model was shown; default none
 * @param justification why the agent wants it, for the people who approve; default none. For {@code protect} only
 * @param timeout how long to wait for people; null, the default, for as long as they may decide. For {@code protect}
 *     only
 * @param onWait told once, before the wait for people begins; what it throws ends the call. For {@code protect} only
 */
public record Options(
        Map<String, ?> context,
        String onBehalfOf,
        boolean preflight,
        String requestId,
        String toolDefinitionDigest,
        String justification,
        Duration timeout,
        Consumer<Approval> onWait) {

    private static final Options NONE = new Options(Map.of(), "", false, "", "", "", null, approval -> {});

    /**
     * Begins with the defaults.
     *
     * @return nothing is said
     */
    public static Options none() {
        return NONE;
    }

    /**
     * Says what the situation is.
     *
     * @param claims JSON values
     * @return a changed copy
     */
    public Options withContext(Map<String, ?> claims) {
        return new Options(
                claims, onBehalfOf, preflight, requestId, toolDefinitionDigest, justification, timeout, onWait);
    }

    /**
     * Says whom the agent acts for.
     *
     * @param subject at most 256 characters
     * @return a changed copy
     */
    public Options withOnBehalfOf(String subject) {
        return new Options(
                context, subject, preflight, requestId, toolDefinitionDigest, justification, timeout, onWait);
    }

    /**
     * Says that the call does not run next.
     *
     * @return a changed copy
     */
    public Options withPreflight() {
        return new Options(context, onBehalfOf, true, requestId, toolDefinitionDigest, justification, timeout, onWait);
    }

    /**
     * Names the call for the record.
     *
     * @param id at most 128 characters
     * @return a changed copy
     */
    public Options withRequestId(String id) {
        return new Options(context, onBehalfOf, preflight, id, toolDefinitionDigest, justification, timeout, onWait);
    }

    /**
     * Says what tool the model was shown.
     *
     * @param digest hex SHA-256
     * @return a changed copy
     */
    public Options withToolDefinitionDigest(String digest) {
        return new Options(context, onBehalfOf, preflight, requestId, digest, justification, timeout, onWait);
    }

    /**
     * Says why the agent wants it.
     *
     * @param why at most 4 KiB
     * @return a changed copy
     */
    public Options withJustification(String why) {
        return new Options(context, onBehalfOf, preflight, requestId, toolDefinitionDigest, why, timeout, onWait);
    }

    /**
     * Bounds the wait for people.
     *
     * @param longest after which {@link ApprovalPendingException} is thrown
     * @return a changed copy
     */
    public Options withTimeout(Duration longest) {
        return new Options(
                context, onBehalfOf, preflight, requestId, toolDefinitionDigest, justification, longest, onWait);
    }

    /**
     * Says who is told that people are asked.
     *
     * @param told gets the approval, once
     * @return a changed copy
     */
    public Options withOnWait(Consumer<Approval> told) {
        return new Options(
                context, onBehalfOf, preflight, requestId, toolDefinitionDigest, justification, timeout, told);
    }

    /** Refuses what {@code protect} must not say: its call does run next, and one id for all calls would name none. */
    Options requireForProtect() {
        if (preflight || !requestId.isEmpty()) {
            throw new IllegalArgumentException("preflight and requestId are for evaluate only");
        }
        return this;
    }
}
