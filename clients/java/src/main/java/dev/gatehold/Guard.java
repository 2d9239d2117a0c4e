package dev.gatehold;

import dev.gatehold.digest.InvalidInputException;
import dev.gatehold.internal.report.Background;
import dev.gatehold.internal.report.Reports;
import dev.gatehold.internal.sidecar.BootClock;
import dev.gatehold.internal.sidecar.Connection;
import dev.gatehold.v1.Approval;
import dev.gatehold.v1.ReasonCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Asks the sidecar about calls, and runs functions only where it allows them. Safe to share between threads.
 *
 * <p>Whatever goes wrong on the way to a decision is a block: no option and no exception turns into an allow, and a
 * closed guard blocks.
 *
 * <pre>{@code
 * try (Guard guard = Guard.open()) {
 *     Guarded<String, RuntimeException> refund =
 *             guard.protect("stripe:create_refund", args -> refund(args.text("charge"), args.integer("amount")));
 *     refund.call(Map.of("charge", "ch_1", "amount", 250));
 * }
 * }</pre>
 */
public final class Guard implements AutoCloseable {
    private final Connection connection;
    private final Parts parts;
    private final Map<String, List<GuardedTool<?, ?>>> tools = new ConcurrentHashMap<>();
    private final Thread atExit = new Thread(this::shutDown, "gatehold-exit");

    Guard(Connection connection, GuardBuilder settings) {
        this.connection = connection;
        Background background = new Background();
        Obligations obligations = new Obligations(settings.handlers());
        BootClock clock = new BootClock();
        Reading reading = new Reading(obligations, clock);
        this.parts = new Parts(
                connection,
                new Gate(connection, settings.deadline(), reading),
                new Approvals(connection),
                obligations,
                reading,
                clock,
                new Reports(connection, settings.deadline(), background),
                background,
                settings.renewal(),
                settings.recordErrorText());
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Opens a guard with the defaults.
     *
     * @return to be closed
     * @throws IllegalArgumentException as {@link GuardBuilder#open} does
     */
    public static Guard open() {
        return builder().open();
    }

    /**
     * Begins with the defaults.
     *
     * @return to be changed and opened
     */
    public static GuardBuilder builder() {
        return new GuardBuilder();
    }

    /**
     * Asks what the gate says of one call.
     *
     * @param verb {@code provider:tool}
     * @param args the call's arguments: JSON values, as {@link dev.gatehold.digest.Json#canonical} takes them
     * @return what could not be decided comes back as a block; no exception is thrown
     */
    public Answer evaluate(String verb, Map<String, ?> args) {
        return evaluate(verb, args, Options.none());
    }

    /**
     * Asks what the gate says of one call. That each obligation is known is checked; meeting them is the caller's.
     *
     * @param verb {@code provider:tool}
     * @param args the call's arguments
     * @param options what the call says beside them
     * @return what could not be decided comes back as a block; no exception is thrown
     */
    public Answer evaluate(String verb, Map<String, ?> args, Options options) {
        FrozenCall call;
        try {
            call = FrozenCall.of(verb, args, options);
        } catch (InvalidInputException error) {
            return Answer.failClosed(ReasonCode.REASON_CODE_REFUSED, error.getMessage(), "");
        } catch (RuntimeException error) {
            String reason =
                    "the request could not be built: " + error.getClass().getName();
            return Answer.failClosed(ReasonCode.REASON_CODE_REFUSED, reason, "");
        }
        return parts.gate().ask(call);
    }

    /**
     * Guards a function.
     *
     * @param verb {@code provider:tool}
     * @param tool what runs on an allow, or after people approved, with the very arguments that were decided on
     * @param <R> what it returns
     * @param <X> what it may throw
     * @return its guarded form. {@link #resume} knows it, so guard each function once, where the process starts
     */
    public <R, X extends Exception> Guarded<R, X> protect(String verb, Tool<R, X> tool) {
        return protect(verb, Options.none(), tool);
    }

    /**
     * Guards a function.
     *
     * @param verb {@code provider:tool}
     * @param options what each call says beside its arguments
     * @param tool what runs on an allow, or after people approved, with the very arguments that were decided on
     * @param <R> what it returns
     * @param <X> what it may throw
     * @return its guarded form
     * @throws IllegalArgumentException for options that only {@code evaluate} has
     */
    public <R, X extends Exception> Guarded<R, X> protect(String verb, Options options, Tool<R, X> tool) {
        GuardedTool<R, X> guarded = new GuardedTool<>(parts, verb, options.requireForProtect(), tool);
        tools.computeIfAbsent(verb, none -> new CopyOnWriteArrayList<>()).add(guarded);
        return guarded;
    }

    /**
     * Runs the agent's calls that people approved and nobody has run, one after the other: those of verbs for which
     * exactly one function is guarded here, on behalf of the same person. For a process that was started again.
     *
     * @return what became of each
     * @throws GateholdException when the gate could not be asked
     */
    public List<Resumed> resume() {
        List<Resumed> resumed = new ArrayList<>();
        for (Approval approval : parts.approvals().claimable()) {
            List<GuardedTool<?, ?>> known = tools.getOrDefault(approval.getVerb(), List.of());
            if (known.size() == 1 && known.get(0).fits(approval)) {
                resumed.add(Resumed.run(known.get(0), approval));
            }
        }
        return resumed;
    }

    /** Sends what is still to be told, once, and closes the connection. Does so at the end of the process too. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException error) { // the process ends already
            return;
        }
        shutDown();
    }

    private void shutDown() {
        parts.reports().close();
        connection.close();
    }
}
