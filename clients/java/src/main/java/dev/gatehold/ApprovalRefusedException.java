package dev.gatehold;

/**
 * It was approved, and this process may not run it: another one has it, or what was approved is not what would run.
 * Where the gate's reply was lost, nobody knows whether this process had claimed it; it did not run it.
 */
public final class ApprovalRefusedException extends ApprovalRequiredException {
    private static final long serialVersionUID = 1L;

    ApprovalRefusedException(Held held, String why) {
        super(held, "refused", why);
    }
}
