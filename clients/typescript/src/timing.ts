import { setTimeout as sleep } from "node:timers/promises";

/** Lengths of time, in milliseconds. */
export interface Timing {
  /** Deadline of one call about an approval. */
  readonly approvalCall: number;
  /** The first pause before a call is repeated; it doubles up to `longestPause`. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** How often a claim is renewed while it is used. */
  readonly renewal: number;
  /** How long a claim holds. */
  readonly claim: number;
}

export const TIMING: Timing = {
  approvalCall: 5_000,
  firstPause: 100,
  longestPause: 2_000,
  renewal: 100_000,
  claim: 300_000,
};

/** The pauses before the second, third, … attempt, without end. */
export function* pauses(timing: Timing): Generator<number, never> {
  for (let pause = timing.firstPause; ; pause = Math.min(2 * pause, timing.longestPause)) yield pause;
}

/** Waits, less long when `signal` is aborted. A pause in the `background` does not keep the process alive. */
export async function pause(milliseconds: number, signal: AbortSignal, background = false): Promise<void> {
  await sleep(milliseconds, undefined, { signal, ref: !background }).catch(() => undefined);
}
