package dev.gatehold;

/** Base of every exception that a guard throws of itself. */
public class GateholdException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GateholdException(String message) {
        super(message);
    }
}
