package dev.gatehold;

import java.util.Map;

/**
 * A function that runs only where the gate lets it. Safe to share between threads.
 *
 * @param <R> what it returns
 * @param <X> what it may throw
 */
public interface Guarded<R, X extends Exception> {

    /**
     * Asks the gate, waits for people where policy asks for them, and runs the function.
     *
     * @param args the call's arguments: JSON values, as {@link dev.gatehold.digest.Json#canonical} takes them
     * @return what the function returned
     * @throws X what the function threw
     * @throws BlockedException when the call must not run, or nobody could decide
     * @throws ApprovalRequiredException when people did not approve it, or not in time, or the approved call could not
     *     be claimed
     */
    R call(Map<String, ?> args) throws X;

    /**
     * Does the same, and says other things beside the arguments than the function was guarded with.
     *
     * @param args the call's arguments
     * @param options of this call alone
     * @return what the function returned
     * @throws X what the function threw
     * @throws IllegalArgumentException for options that only {@code evaluate} has
     */
    R call(Map<String, ?> args, Options options) throws X;
}
