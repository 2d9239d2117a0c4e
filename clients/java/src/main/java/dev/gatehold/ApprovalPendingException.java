package dev.gatehold;

/**
 * Nobody decided in the time that was given, or the thread was interrupted, or the guard closed. The approval stays
 * open.
 */
public final class ApprovalPendingException extends ApprovalRequiredException {
    private static final long serialVersionUID = 1L;

    ApprovalPendingException(Held held, String why) {
        super(held, "pending", why);
    }
}
