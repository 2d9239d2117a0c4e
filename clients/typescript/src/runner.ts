import { randomUUID } from "node:crypto";
import { uptime } from "node:os";
import { Answer } from "./answer.js";
import { claim, type Claim } from "./approvals/claim.js";
import type { Completions } from "./approvals/completions.js";
import { type Held, refused, requireApproved } from "./approvals/held.js";
import { Renewal } from "./approvals/renewal.js";
import { requestApproval } from "./approvals/request.js";
import { decided } from "./approvals/wait.js";
import { type Call, freeze, text } from "./call.js";
import type { Channel } from "./channel.js";
import type { JsonObject } from "./digest/index.js";
import { Blocked } from "./errors.js";
import type { Gate } from "./gate.js";
import { ApprovalState } from "./gen/gatehold/v1/approval_pb.js";
import { RecordKind } from "./gen/gatehold/v1/audit_record_pb.js";
import type { Logger } from "./log.js";
import type { Obligations } from "./obligations.js";
import { type Ending, notRun, observed } from "./outcome.js";
import type { Recorder } from "./records/recorder.js";
import type { ProtectOptions, Run, Task } from "./task.js";
import type { Timing } from "./timing.js";

const MOST_ROUNDS = 3;

/** What a runner works with. */
export interface Parts {
  readonly channel: Channel;
  readonly gate: Gate;
  readonly obligations: Obligations;
  readonly recorder: Recorder;
  readonly completions: Completions;
  readonly timing: Timing;
  readonly log: Logger;
  readonly recordErrorText: boolean;
}

/** Runs guarded functions: on an allow, or under an approval that it has claimed, and never otherwise. */
export class Runner {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws Blocked and ApprovalRequired where it does not run; else what the function throws. */
  async run(task: Task, args: object, options: ProtectOptions): Promise<unknown> {
    const [call, justification] = prepared(task.verb, args, options);
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const answer = await this.#parts.gate.ask(call);
      if (answer.decision === "allow") return this.#runAllowed(task, call, answer);
      if (answer.decision !== "require_approval") throw new Blocked(call.verb, answer);
      const { client } = this.#parts.channel;
      const approval = await requestApproval(client, call, justification, this.#parts.timing.approvalCall);
      if (approval !== undefined) return this.#runHeld(task, { ...call, approval, answer }, options);
      // Policy changed in between.
    }
    throw blocked(call, "invalid_response", "The gate asks for an approval that it does not take");
  }

  /** Runs what is approved. Throws as `run` does. */
  async runApproved(task: Task, held: Held): Promise<unknown> {
    const { channel, completions, log, timing } = this.#parts;
    const { approvalId, argsDigest } = held.approval;
    const { contextDigest, toolDefinitionDigest } = held;
    const request = { approvalId, claimId: randomUUID(), argsDigest, contextDigest, toolDefinitionDigest };
    const began = uptime();
    const claimed = await claim(channel.client, held, request, timing, channel.closed);
    const renewal = new Renewal(channel.client, request, began + claimed.lengthMs / 1_000, timing, log);
    const complete = (ending: Ending): void => completions.later({ approvalId, claimId: request.claimId, ...ending });
    try {
      const hindrance = await this.#hindrance(claimed, renewal);
      if (hindrance) {
        complete(notRun(hindrance));
        throw refused(held, hindrance);
      }
      const { answer, approval } = held;
      return await this.#observed(
        task,
        claimed.args,
        { approvalId, onBehalfOf: approval.onBehalfOf, answer },
        complete,
      );
    } finally {
      renewal.stop();
    }
  }

  async #runAllowed(task: Task, call: Call, answer: Answer): Promise<unknown> {
    const unmet = await this.#parts.obligations.unmet(answer.obligations);
    if (unmet !== undefined) {
      throw blocked(call, "unknown_obligation", `The obligation ${unmet.type} of policy ${unmet.id} could not be met`);
    }
    // Last: meeting obligations takes time, and an answer of a cache has an end.
    if (!answer.allowed) throw blocked(call, "invalid_response", "The gate's answer is over");
    return this.#observed(task, call.args, { approvalId: "", onBehalfOf: call.onBehalfOf, answer });
  }

  async #runHeld(task: Task, held: Held, options: ProtectOptions): Promise<unknown> {
    const { channel, timing } = this.#parts;
    let { approval } = held;
    if (approval.state === ApprovalState.PENDING) {
      approval = await decided(channel.client, held, options, timing, channel.closed);
    }
    requireApproved({ ...held, approval });
    return this.runApproved(task, { ...held, approval });
  }

  /** Why what is claimed must not begin; empty where it may. */
  async #hindrance({ obligations }: Claim, renewal: Renewal): Promise<string> {
    if (obligations === undefined) return "an obligation cannot be read, so it is not met";
    const unmet = await this.#parts.obligations.unmet(obligations);
    if (unmet !== undefined) return `obligation ${unmet.type} of policy ${unmet.id} not met`;
    return renewal.holds() ? "" : "the claim was over before the call began";
  }

  #observed(task: Task, args: JsonObject, run: Run, complete?: (ending: Ending) => void): Promise<unknown> {
    const tell = (ending: Ending): void => {
      complete?.(ending);
      this.#record(task.verb, run, ending);
    };
    return observed(() => task.run(args as never, run), tell, this.#parts.recordErrorText);
  }

  #record(verb: string, { approvalId, answer }: Run, ending: Ending): void {
    const value = { ...ending, approvalId, decisionId: answer.decisionId };
    this.#parts.recorder.later({ kind: RecordKind.TOOL_EXECUTION, verb, detail: { case: "execution", value } });
  }
}

function prepared(verb: string, args: object, options: ProtectOptions): [Call, string] {
  try {
    return [freeze(verb, args, options), text(options.justification ?? "", "justification")];
  } catch (error) {
    throw new Blocked(verb, Answer.failClosed("refused", (error as Error).message));
  }
}

function blocked(call: Call, code: Answer["reasonCode"], reason: string): Blocked {
  return new Blocked(call.verb, Answer.failClosed(code, reason, call.argsDigest));
}
