package dev.gatehold;

import dev.gatehold.v1.Approval;

/** A person must approve the call, and it did not come to a run. */
public abstract class ApprovalRequiredException extends NotAllowedException {
    private static final long serialVersionUID = 1L;

    private final Approval approval;

    ApprovalRequiredException(Held held, String how, String why) {
        super(
                held.verb(),
                held.answer(),
                "approval " + how + ": " + why + " [" + held.approval().getApprovalId() + "]");
        this.approval = held.approval();
    }

    /**
     * Gives the approval as it was last seen.
     *
     * @return with sensitive arguments redacted
     */
    public final Approval approval() {
        return approval;
    }
}
