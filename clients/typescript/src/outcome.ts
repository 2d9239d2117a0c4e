import { Outcome } from "./gen/gatehold/v1/audit_record_pb.js";

const MOST_BYTES = 4_096; // the gate refuses more

/** How a run ended. */
export interface Ending {
  readonly outcome: Outcome;
  /** Empty where it succeeded. */
  readonly error: string;
  readonly duration: { readonly seconds: bigint; readonly nanos: number };
}

/**
 * Runs and tells how it ended. What the function returns or throws passes unchanged.
 *
 * @param withText - also tells the text of an error, not only its type.
 */
export async function observed(
  run: () => unknown,
  tell: (ending: Ending) => void,
  withText: boolean,
): Promise<unknown> {
  const began = process.hrtime.bigint();
  let outcome = Outcome.SUCCEEDED;
  let error = "";
  try {
    return await run();
  } catch (thrown) {
    outcome = Outcome.FAILED;
    error = described(thrown, withText);
    throw thrown;
  } finally {
    tell({ outcome, error, duration: since(began) });
  }
}

/** What did not run, and why. */
export function notRun(error: string): Ending {
  return { outcome: Outcome.FAILED, error, duration: { seconds: 0n, nanos: 0 } };
}

function since(began: bigint): Ending["duration"] {
  const nanos = process.hrtime.bigint() - began;
  return { seconds: nanos / 1_000_000_000n, nanos: Number(nanos % 1_000_000_000n) };
}

/** The type's name, not `error.name`, which may hold anything; nor, unasked, the text, which may quote arguments. */
export function described(thrown: unknown, withText: boolean): string {
  try {
    if (!(thrown instanceof Error)) return typeof thrown;
    const name = thrown.constructor.name;
    return cut(withText ? `${name}: ${thrown.message}` : name);
  } catch {
    return "unknown"; // getters of an error are the function's own code
  }
}

function cut(text: string): string {
  // As a stream, so that a character which is cut in two is left out.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, MOST_BYTES), { stream: true });
}
