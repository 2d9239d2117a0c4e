import { types } from "node:util";
import type { Answer } from "./answer.js";
import type { Waiting } from "./approvals/wait.js";
import type { CallOptions } from "./call.js";

/** Under what a guarded function runs; its second argument. */
export interface Run {
  /**
   * The approval; empty where none was needed. Where a verb is idempotent, its idempotency key: a run of which nobody knows
   * the end is repeated under the same id.
   */
  readonly approvalId: string;
  /** Whom the call was decided for; empty for nobody. */
  readonly onBehalfOf: string;
  /** The decision. Where an approval was resumed, as far as the approval tells it. */
  readonly answer: Answer;
}

/** How guarded calls are made. What is given to one call comes before what is given to `protect`. */
export interface ProtectOptions extends CallOptions, Waiting {
  /** Why the agent wants it, for the people who approve, at most 4 KiB. Default: it does not say. */
  readonly justification?: string | undefined;
}

/** A function under a verb, of whatever type: the type is checked where it is guarded. */
export interface Task {
  readonly verb: string;
  readonly run: (args: never, run: Run) => unknown;
  readonly options: ProtectOptions;
}

/** @throws TypeError for a function whose call only prepares its run: its outcome would be told before it ran. */
export function requirePlain(run: Task["run"]): void {
  if (typeof run !== "function") throw new TypeError("only a function can be guarded");
  if (types.isGeneratorFunction(run)) {
    throw new TypeError(`${run.name || "it"} is a generator function: guard what it calls, or collect first`);
  }
}
