package dev.gatehold;

/**
 * What is guarded.
 *
 * @param <R> what it returns
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface Tool<R, X extends Exception> {

    /**
     * Runs the call.
     *
     * @param arguments the ones that were decided on, by way of JSON; an approver may have edited them
     * @return passed on unchanged
     * @throws X passed on unchanged
     */
    R run(Arguments arguments) throws X;
}
