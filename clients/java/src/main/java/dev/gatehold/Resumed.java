package dev.gatehold;

import dev.gatehold.v1.Approval;

/**
 * What became of one approved call that {@link Guard#resume} found.
 *
 * @param approval as it was found
 * @param result what the function returned; null where it threw or did not run
 * @param error what the function threw, or why it did not run; null where it returned
 */
public record Resumed(Approval approval, Object result, Exception error) {

    static Resumed run(GuardedTool<?, ?> tool, Approval approved) {
        try {
            return new Resumed(approved, tool.resume(approved), null);
        } catch (Exception error) {
            return new Resumed(approved, null, error);
        }
    }
}
