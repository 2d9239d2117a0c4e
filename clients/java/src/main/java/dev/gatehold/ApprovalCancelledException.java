package dev.gatehold;

/** It was taken back. */
public final class ApprovalCancelledException extends ApprovalRequiredException {
    private static final long serialVersionUID = 1L;

    ApprovalCancelledException(Held held) {
        super(held, "cancelled", held.why());
    }
}
