package dev.gatehold;

/** Nobody decided, or nobody ran it, in time. */
public final class ApprovalExpiredException extends ApprovalRequiredException {
    private static final long serialVersionUID = 1L;

    ApprovalExpiredException(Held held) {
        super(held, "expired", held.why());
    }
}
