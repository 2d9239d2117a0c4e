import { Answer } from "./answer.js";
import { Completions } from "./approvals/completions.js";
import { claimable } from "./approvals/open.js";
import { type CallOptions, freeze, text } from "./call.js";
import { Channel } from "./channel.js";
import { digest, type IfJson } from "./digest/index.js";
import { ApprovalRequired } from "./errors.js";
import { Gate, type Question } from "./gate.js";
import type { Approval } from "./gen/gatehold/v1/approval_pb.js";
import { InvalidInput } from "./invalid.js";
import { harmless, type Logger, STANDARD_ERROR } from "./log.js";
import { type Handler, Obligations } from "./obligations.js";
import { Recorder } from "./records/recorder.js";
import { Runner } from "./runner.js";
import { type ProtectOptions, requirePlain, type Run, type Task } from "./task.js";
import { resolve, type TargetOptions } from "./target.js";
import { TIMING, type Timing } from "./timing.js";

const DEADLINE_MS = 1_000;
const LONGEST_DEADLINE_MS = 99_999_999; // gRPC writes it in eight digits

/** How a guard is made. */
export interface GuardOptions extends TargetOptions {
  /** Milliseconds to wait for a decision. Default: 1,000. */
  readonly deadlineMs?: number | undefined;
  /** What meets an obligation, by its type. `notification` is known: it is logged. A type that is not here blocks. */
  readonly handlers?: Readonly<Record<string, Handler>> | undefined;
  /**
   * Also records the text of an error that a guarded function throws, cut at 4,096 bytes. Default: only its type, for the
   * text often quotes arguments, and no list of sensitive ones can find them there.
   */
  readonly recordErrorText?: boolean | undefined;
  /** Takes notifications and what went wrong in the background. Default: the standard error stream. */
  readonly log?: Logger | undefined;
}

/** What one question says beside its verb and arguments. */
export interface EvaluateOptions extends CallOptions, Question {}

/** A guarded function. */
export type Guarded<A, R> = (args: A, options?: ProtectOptions) => Promise<R>;

/** What became of one approval that was resumed. */
export interface Resumed {
  readonly approval: Approval;
  /** `ran`, `failed` (the function threw) or `refused` (it did not run). */
  readonly outcome: "ran" | "failed" | "refused";
  /** What the function returned. */
  readonly result?: unknown;
  /** What it threw, or why it did not run. */
  readonly error?: unknown;
}

/**
 * Asks the sidecar about calls, and runs functions only where it lets them through. Whatever goes wrong on the way to a
 * decision is a block: no option and no error turns into an allow, and a closed guard blocks.
 *
 * @example
 * ```ts
 * const guard = new Guard();
 * const refund = guard.protect("stripe:create_refund", async ({ charge, amount }: { charge: string; amount: number }) =>
 *   stripe.refunds.create({ charge, amount }),
 * );
 * await refund({ charge: "ch_1", amount: 250 });
 * ```
 */
export class Guard {
  readonly #channel: Channel;
  readonly #gate: Gate;
  readonly #recorder: Recorder;
  readonly #completions: Completions;
  readonly #runner: Runner;
  readonly #timing: Timing;
  readonly #tasks = new Map<string, Task | undefined>(); // undefined where several functions have the verb

  /**
   * @param timing - lengths of time that the protocol sets; for tests.
   * @throws InvalidInput when the target is not local, the token file cannot be read, or a number is out of range.
   */
  constructor(options: GuardOptions = {}, timing: Timing = TIMING) {
    const { deadlineMs = DEADLINE_MS, handlers = {}, recordErrorText = false } = options;
    if (!(deadlineMs > 0 && deadlineMs <= LONGEST_DEADLINE_MS)) {
      throw new InvalidInput("deadlineMs", `must be above 0 and at most ${LONGEST_DEADLINE_MS}`);
    }
    const deadline = Math.ceil(deadlineMs);
    const log = harmless(options.log ?? STANDARD_ERROR);
    const obligations = new Obligations(handlers, log);
    this.#timing = timing;
    this.#channel = new Channel(resolve(options));
    const { client } = this.#channel;
    this.#gate = new Gate(client, obligations, deadline);
    this.#recorder = new Recorder(client, deadline, timing, log);
    this.#completions = new Completions(client, timing, log);
    this.#runner = new Runner({
      channel: this.#channel,
      gate: this.#gate,
      obligations,
      recorder: this.#recorder,
      completions: this.#completions,
      timing,
      log,
      recordErrorText,
    });
  }

  /**
   * Asks what the gate says of one call. Never rejects: what could not be decided comes back as a block. It checks that every
   * obligation is known; meeting them is the caller's.
   *
   * @param verb - `provider:tool`.
   * @param args - the call's arguments, a plain object of JSON values. Default: none.
   */
  async evaluate<A extends object>(
    verb: string,
    args: A & IfJson<A> = {} as A & IfJson<A>,
    options: EvaluateOptions = {},
  ): Promise<Answer> {
    try {
      const call = freeze(verb, args, options);
      const { preflight, requestId = "" } = options;
      return await this.#gate.ask(call, { preflight, requestId: text(requestId, "requestId") });
    } catch (error) {
      return Answer.failClosed("refused", error instanceof Error ? error.message : "the request could not be built");
    }
  }

  /**
   * Guards a function. It runs only on an allow, once every obligation is met, or once people have approved the call and this
   * process has claimed it; with the arguments that were decided on (a copy, by way of JSON); and its outcome is recorded.
   *
   * Guard a function once, where the program starts: `resume` finds it by its verb.
   *
   * @param verb - `provider:tool`.
   * @param run - takes all arguments as one plain object of JSON values; what the gate need not see comes by closure.
   * @param options - for every call; each call may give its own.
   * @returns the guarded form. It rejects with Blocked, ApprovalPending, ApprovalDenied, ApprovalExpired, ApprovalCancelled or
   *   ApprovalRefused, and the function did not run; or with what the function throws.
   * @throws TypeError for a generator function, which would run after its outcome was told.
   * @throws InvalidInput for a negative `timeoutMs`.
   */
  protect<A extends object, R>(
    verb: string,
    run: ((args: A, run: Run) => R | PromiseLike<R>) & IfJson<A>,
    options: ProtectOptions = {},
  ): Guarded<A, R> {
    requirePlain(run);
    requireTimeout(options);
    const task: Task = { verb, run, options };
    this.#tasks.set(verb, this.#tasks.has(verb) ? undefined : task);
    return async (args, own = {}) => {
      requireTimeout(own);
      return (await this.#runner.run(task, args, { ...options, ...own })) as R;
    };
  }

  /**
   * Runs what people have approved while nobody waited for it, because its process ended or its `timeoutMs` was over: each
   * approval of this agent whose verb exactly one function of this guard has, one after another; not those on behalf of
   * somebody else than that function's `onBehalfOf`, where it has one. Call it where the program
   * starts, after the last `protect` and before the first guarded call.
   *
   * @throws GateholdError when approvals cannot be listed.
   */
  async resume(): Promise<Resumed[]> {
    const resumed: Resumed[] = [];
    for (const approval of await claimable(this.#channel.client, this.#timing.approvalCall)) {
      const task = this.#tasks.get(approval.verb);
      const { onBehalfOf = approval.onBehalfOf } = task?.options ?? {};
      if (task !== undefined && onBehalfOf === approval.onBehalfOf) resumed.push(await this.#resumeOne(task, approval));
    }
    return resumed;
  }

  async #resumeOne(task: Task, approval: Approval): Promise<Resumed> {
    const { context, toolDefinitionDigest = "" } = task.options;
    try {
      const contextDigest = context === undefined ? "" : digest(context);
      const held = { verb: task.verb, approval, contextDigest, toolDefinitionDigest, answer: Answer.of(approval) };
      return { approval, outcome: "ran", result: await this.#runner.runApproved(task, held) };
    } catch (error) {
      const mine = error instanceof ApprovalRequired && error.approval.approvalId === approval.approvalId;
      return { approval, outcome: mine ? "refused" : "failed", error };
    }
  }

  /** Sends the records and completions that still wait, once, and closes. Guarded calls that wait are rejected. */
  async close(): Promise<void> {
    await Promise.all([this.#recorder.close(), this.#completions.close()]);
    this.#channel.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function requireTimeout({ timeoutMs }: ProtectOptions): void {
  if (timeoutMs !== undefined && !(timeoutMs >= 0)) throw new InvalidInput("timeoutMs", "must not be negative");
}
