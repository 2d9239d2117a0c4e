package dev.gatehold;

/** Meets obligations of one type. */
@FunctionalInterface
public interface ObligationHandler {

    /**
     * Does what is asked, before the call runs.
     *
     * @param obligation what is asked
     * @throws Exception when it cannot: the call does not run
     */
    void meet(Obligation obligation) throws Exception;
}
