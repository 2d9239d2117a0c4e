package dev.gatehold;

import dev.gatehold.digest.InvalidInputException;
import dev.gatehold.digest.Json;
import dev.gatehold.v1.Approval;
import dev.gatehold.v1.Decision;
import dev.gatehold.v1.ReasonCode;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** A tool behind the gate. */
final class GuardedTool<R, X extends Exception> implements Guarded<R, X> {
    private static final System.Logger LOG = System.getLogger("gatehold.record");
    private static final int ROUNDS = 3;

    private final Parts parts;
    private final String verb;
    private final Options options;
    private final Tool<R, X> tool;

    GuardedTool(Parts parts, String verb, Options options, Tool<R, X> tool) {
        this.parts = parts;
        this.verb = verb;
        this.options = options;
        this.tool = tool;
    }

    @Override
    public R call(Map<String, ?> args) throws X {
        return call(args, options);
    }

    @Override
    public R call(Map<String, ?> args, Options ofThisCall) throws X {
        FrozenCall call = frozen(args, ofThisCall.requireForProtect());
        for (int round = 0; round < ROUNDS; round++) {
            Answer answer = parts.gate().ask(call);
            if (answer.allowed()) {
                return allowed(call, answer);
            }
            if (answer.decision() != Decision.DECISION_REQUIRE_APPROVAL) {
                throw new BlockedException(verb, answer);
            }
            Optional<Approval> asked = parts.approvals().request(call);
            if (asked.isPresent()) {
                return afterApproval(call, new Held(verb, answer, asked.get()));
            }
        }
        throw new BlockedException(
                verb, Reading.ofGarbage("it asks for an approval that it then does not require", call.argsDigest()));
    }

    /** Whether it stands for the person that the approved call is made for. */
    boolean fits(Approval approved) {
        return approved.getOnBehalfOf().equals(options.onBehalfOf());
    }

    /** Runs what people approved before, asked for by this process or another. */
    R resume(Approval approved) throws X {
        return claimed(Held.found(approved), Json.digest(options.context()), options);
    }

    private FrozenCall frozen(Map<String, ?> args, Options said) {
        try {
            return FrozenCall.of(verb, args, said);
        } catch (InvalidInputException error) {
            throw new BlockedException(verb, Answer.failClosed(ReasonCode.REASON_CODE_REFUSED, error.getMessage(), ""));
        }
    }

    private R allowed(FrozenCall call, Answer answer) throws X {
        String unmet = parts.obligations().unmet(answer.obligations());
        if (!unmet.isEmpty()) {
            ReasonCode code = ReasonCode.REASON_CODE_UNKNOWN_OBLIGATION;
            throw new BlockedException(verb, Answer.failClosed(code, unmet, call.argsDigest()));
        }
        if (parts.reading().isTooLate(answer.validUntilBoottimeNanos())) { // meeting them took time
            throw new BlockedException(verb, Reading.ofGarbage("it came too late", call.argsDigest()));
        }
        Arguments arguments = new Arguments(call.args(), "");
        return run(arguments, ended -> parts.reports().record(ended.toRecord(verb, answer.decisionId(), "")));
    }

    private R afterApproval(FrozenCall call, Held asked) throws X {
        Held approved = new Wait(parts.connection(), call, asked).untilApproved();
        return claimed(approved, call.contextDigest(), call.options());
    }

    private R claimed(Held held, String contextDigest, Options said) throws X {
        String tool = said.toolDefinitionDigest();
        Claim claim = new Claim(parts.connection(), parts.clock(), held, contextDigest, tool);
        Claim.Grant grant = claim.take();
        String unfit = unfit(grant);
        if (!unfit.isEmpty()) {
            parts.reports().complete(claim.notRun(unfit));
            throw claim.refused(unfit);
        }
        Future<?> renewal = parts.background().every(claim::renew, parts.renewal());
        try {
            return run(new Arguments(grant.args(), claim.approvalId()), ended -> {
                parts.reports().complete(claim.completion(ended));
                String decisionId = held.answer().decisionId();
                parts.reports().record(ended.toRecord(verb, decisionId, claim.approvalId()));
            });
        } finally {
            renewal.cancel(false);
        }
    }

    /** Says why nothing must run under a sound claim; empty when it may. */
    private String unfit(Claim.Grant grant) {
        String unmet;
        try {
            unmet = parts.obligations()
                    .unmet(grant.obligations().stream().map(Obligation::of).toList());
        } catch (IllegalArgumentException error) {
            return "an obligation is not met, for it cannot be read: " + error.getMessage();
        }
        // A process that slept past the end of its claim must not run what others may have run by now.
        boolean over = unmet.isEmpty() && parts.reading().isTooLate(grant.untilBoottimeNanos());
        return over ? "the claim was over before the call could run" : unmet;
    }

    private R run(Arguments arguments, Consumer<Ended> report) throws X {
        Throwable thrown = null;
        long began = System.nanoTime();
        try {
            return tool.run(arguments);
        } catch (Throwable error) {
            thrown = error;
            throw error;
        } finally {
            report(thrown, System.nanoTime() - began, report);
        }
    }

    private void report(Throwable thrown, long nanos, Consumer<Ended> report) {
        try {
            report.accept(Ended.of(thrown, nanos, parts.recordErrorText()));
        } catch (RuntimeException failure) { // the run is over; a second error would hide what came of it
            LOG.log(
                    Level.ERROR,
                    "the outcome of {0} is not on the record: {1}",
                    verb,
                    failure.getClass().getName());
        }
    }
}
