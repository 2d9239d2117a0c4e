package dev.gatehold;

/** A person said no, with a reason. */
public final class ApprovalDeniedException extends ApprovalRequiredException {
    private static final long serialVersionUID = 1L;

    ApprovalDeniedException(Held held) {
        super(held, "denied", held.why());
    }
}
