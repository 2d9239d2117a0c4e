import { Code } from "@connectrpc/connect";
import type { GateClient } from "../channel.js";
import { ApprovalPending, Blocked, ApprovalRequired } from "../errors.js";
import { type Approval, ApprovalState } from "../gen/gatehold/v1/approval_pb.js";
import { fromStatus } from "../reading.js";
import { statusOf } from "../status.js";
import { pause, pauses, type Timing } from "../timing.js";
import { type Held, refused } from "./held.js";

const LONGEST_TIMER_MS = 2 ** 31 - 1; // a longer one would fire at once

/** Watching again would end in the same way. */
const FATAL: ReadonlySet<Code> = new Set([
  Code.NotFound,
  Code.Unauthenticated,
  Code.PermissionDenied,
  Code.InvalidArgument,
  Code.Unimplemented,
]);

/** How a call waits for people. */
export interface Waiting {
  /**
   * Milliseconds to wait; 0 does not wait. Default: until the approval has ended, which the gate sees to. After it, the call
   * is rejected with ApprovalPending.
   */
  readonly timeoutMs?: number | undefined;
  /** Called once, with the approval that is waited for. What it throws ends the call; the approval stays open. */
  readonly onWait?: ((approval: Approval) => void | Promise<void>) | undefined;
}

/**
 * Waits until people have decided.
 *
 * @param closed - also ends the wait.
 * @returns the approval in its first state that is not pending.
 * @throws ApprovalPending when the time is over first; Blocked when the gate refuses to tell; ApprovalRefused when it speaks
 *   of another approval.
 */
export async function decided(
  client: GateClient,
  held: Held,
  { timeoutMs, onWait }: Waiting,
  timing: Timing,
  closed: AbortSignal,
): Promise<Approval> {
  const waiting = new AbortController();
  const stop = (): void => waiting.abort();
  const timer = timeoutMs === undefined ? undefined : setTimeout(stop, Math.min(timeoutMs, LONGEST_TIMER_MS));
  closed.addEventListener("abort", stop);
  try {
    const told = (async () => onWait?.(held.approval))();
    const decision = watched(client, held, timing, waiting.signal);
    return await Promise.race([decision, told.then(() => decision)]);
  } finally {
    clearTimeout(timer);
    closed.removeEventListener("abort", stop);
    stop(); // a stream goes on until it is told to end
  }
}

async function watched(client: GateClient, held: Held, timing: Timing, signal: AbortSignal): Promise<Approval> {
  const { approvalId } = held.approval;
  let retry = pauses(timing);
  while (!signal.aborted) {
    try {
      for await (const { approval } of client.watchApproval({ approvalId }, { signal, timeoutMs: 0 })) {
        if (approval === undefined || !isSame(approval, held)) throw refused(held, "the gate spoke of another call");
        if (approval.state !== ApprovalState.PENDING) return approval;
        retry = pauses(timing);
      }
    } catch (error) {
      if (error instanceof ApprovalRequired) throw error;
      const status = statusOf(error);
      if (FATAL.has(status.code)) throw new Blocked(held.verb, fromStatus(status, held.approval.argsDigest));
    }
    await pause(retry.next().value, signal);
  }
  throw new ApprovalPending(held.verb, held.answer, held.approval, "nobody has decided yet");
}

function isSame({ approvalId, verb, argsDigest, edited }: Approval, { approval: before, verb: mine }: Held): boolean {
  return approvalId === before.approvalId && verb === mine && (edited || argsDigest === before.argsDigest);
}
