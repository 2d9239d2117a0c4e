package dev.gatehold.digest;

/** Input outside the contract. The message never holds a value, which may be secret. */
public final class InvalidInputException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String field;

    /**
     * Names what is wrong.
     *
     * @param field the offending field, for example {@code args}
     * @param message what is wrong with it, as the rest of a sentence
     */
    public InvalidInputException(String field, String message) {
        super(field + ": " + message);
        this.field = field;
    }

    /**
     * Tells where it is.
     *
     * @return the offending field
     */
    public String field() {
        return field;
    }
}
