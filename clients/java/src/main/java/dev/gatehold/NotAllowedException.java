package dev.gatehold;

/** The gate did not let the call through, so the function did not run. */
public abstract class NotAllowedException extends GateholdException {
    private static final long serialVersionUID = 1L;

    private final String verb;
    private final transient Answer answer;

    NotAllowedException(String verb, Answer answer, String message) {
        super(verb + ": " + message);
        this.verb = verb;
        this.answer = answer;
    }

    /**
     * Names what was called.
     *
     * @return the call's verb
     */
    public final String verb() {
        return verb;
    }

    /**
     * Gives the decision, with its reason, policy and id.
     *
     * @return never one that allows; null where the exception was serialized
     */
    public final Answer answer() {
        return answer;
    }
}
