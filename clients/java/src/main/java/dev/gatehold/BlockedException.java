package dev.gatehold;

/** The call must not run, or nobody could decide. */
public final class BlockedException extends NotAllowedException {
    private static final long serialVersionUID = 1L;

    BlockedException(String verb, Answer answer) {
        super(verb, answer, "blocked: " + answer.reason() + " [" + Words.of(answer.reasonCode()) + "]");
    }
}
